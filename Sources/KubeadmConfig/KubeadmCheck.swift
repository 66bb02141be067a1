internal import KubernetesPKI
internal import OpenSSLX509

/// kubeadm's rules for single values that go beyond pkigen's own.
struct KubeadmCheck {
  let object: ConfigurationCheck
  private(set) var problems: [PKIError] = []

  init(_ object: ConfigurationCheck) { self.object = object }

  /// The value of a field, unless `problem` finds something wrong with it, as what follows "is".
  private mutating func setting(_ field: String, _ problem: (String) -> String?) -> Setting? {
    guard let setting = object.setting(field) else { return nil }
    guard let problem = problem(setting.text) else { return setting }
    problems.append(setting.invalid(problem))
    return nil
  }

  /// What the object says of a field, by kubeadm's rules.
  mutating func settings(_ path: String, of field: ClusterField) -> [Setting] {
    switch field {
    case .keyAlgorithm: [algorithm(path)].compactMap(\.self)
    case .certificateValidity, .caCertificateValidity: [duration(path)].compactMap(\.self)
    // Zero is to kubeadm what nothing is.
    case .bindPort: [object.setting(path)].compactMap(\.self).filter { $0.text != "0" }
    default: field.form == .list ? object.settings(path) : [object.setting(path)].compactMap(\.self)
    }
  }

  /// kubeadm's spellings of key algorithms, and no others.
  private mutating func algorithm(_ path: String) -> Setting? {
    let known = KeyAlgorithm.allCases.map(\.kubeadmName)
    return setting(path) { text in
      known.contains(text)
        ? nil : "not a key algorithm of kubeadm's; use one of \(known.joined(separator: ", "))"
    }
  }

  /// Go's units: none above hours, and `m` is minutes.
  private mutating func duration(_ path: String) -> Setting? {
    setting(path) { text in
      text.contains { $0 == "d" || $0 == "y" || $0 == "o" }
        ? "not a length of time that kubeadm reads; write hours, as in 8760h" : nil
    }.map { $0.text.hasSuffix("m") ? Setting($0.text.dropLast() + "min", from: $0.origin) : $0 }
  }

  mutating func absolutePath(_ field: String) -> Setting? {
    setting(field, HostName.pathProblem)
  }

  /// The key itself is not repeated.
  mutating func certificateKey(_ field: String) {
    guard let setting = object.setting(field) else { return }
    let isHexadecimal = setting.text.utf8.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
    guard !isHexadecimal || setting.text.utf8.count != 64 else { return }
    refuse(field, "\(field) is not 64 hexadecimal digits, an AES key of 32 bytes")
  }

  /// One network, or one of each family, with room for a few pods.
  mutating func podSubnet() {
    _ = setting("networking.podSubnet") { text in
      var families: [Bool] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let parts = part.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let prefix = Int(parts[1]),
          (0...address.bytes.count * 8).contains(prefix)
        else { return "not a network; write it as 10.244.0.0/16" }
        guard address.bytes.count * 8 - prefix >= 4 else { return "too small for the addresses of pods" }
        families.append(address.isIPv6)
      }
      return Set(families).count == families.count ? nil : "not one network, or one of IPv4 and one of IPv6"
    }
  }

  /// That the etcd is external, where the object says so.
  mutating func externalEtcd() -> Setting? {
    guard let line = object.line("etcd.external") else { return nil }
    if object.line("etcd.local") != nil {
      refuse("etcd.local", "etcd.local and etcd.external exclude each other")
    }
    let given = ["caFile", "certFile", "keyFile"].map { object.setting("etcd.external.\($0)") != nil }
    if given[1] != given[2] {
      refuse("etcd.external", "etcd.external.certFile and etcd.external.keyFile need each other")
    } else if given[1], !given[0] {
      refuse("etcd.external", "etcd.external.certFile and etcd.external.keyFile need etcd.external.caFile")
    }
    checkEndpoints(areSecure: given.contains(true))
    return Setting("true", from: .file(path: object.path, line: line, field: "etcd.external"))
  }

  private mutating func checkEndpoints(areSecure: Bool) {
    let endpoints = object.settings("etcd.external.endpoints")
    if endpoints.isEmpty { refuse("etcd.external", "etcd.external.endpoints is missing") }
    for endpoint in endpoints {
      let schemes = areSecure ? ["https://"] : ["https://", "http://"]
      guard !schemes.contains(where: { endpoint.text.hasPrefix($0) && endpoint.text != $0 }) else { continue }
      problems.append(
        endpoint.invalid(
          areSecure
            ? "not a URL that starts with https://, which certificates are for"
            : "not a URL of an etcd member"))
    }
  }

  private mutating func refuse(_ field: String, _ problem: String) {
    problems.append(
      .invalidConfiguration(
        path: object.path, line: object.line(field) ?? object.line, problem: problem, hint: nil))
  }
}
