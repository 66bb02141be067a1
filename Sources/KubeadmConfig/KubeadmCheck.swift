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

  /// kubeadm's spellings of key algorithms, and no others.
  mutating func algorithm(_ field: String) -> Setting? {
    let known = KeyAlgorithm.allCases.map(\.kubeadmName)
    return setting(field) { text in
      known.contains(text)
        ? nil : "not a key algorithm of kubeadm's; use one of \(known.joined(separator: ", "))"
    }
  }

  /// Go has no unit above hours; how long the time is is judged with the others.
  mutating func duration(_ field: String) -> Setting? {
    setting(field) { text in
      text.contains { $0 == "d" || $0 == "y" }
        ? "not a length of time that kubeadm reads; write hours, as in 8760h" : nil
    }
  }

  mutating func absolutePath(_ field: String) -> Setting? {
    setting(field) { $0.hasPrefix("/") && !$0.contains("\0") ? nil : "not an absolute path" }
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

  /// The etcd that is elsewhere, where the object speaks of one.
  mutating func externalEtcd() -> ExternalEtcd? {
    guard object.line("etcd.external") != nil else { return nil }
    if object.line("etcd.local") != nil {
      refuse("etcd.local", "etcd.local and etcd.external exclude each other")
    }
    var etcd = ExternalEtcd()
    etcd.caFile = absolutePath("etcd.external.caFile")?.text
    etcd.certFile = absolutePath("etcd.external.certFile")?.text
    etcd.keyFile = absolutePath("etcd.external.keyFile")?.text
    let given = ["caFile", "certFile", "keyFile"].map { object.setting("etcd.external.\($0)") != nil }
    if given[1] != given[2] {
      refuse("etcd.external", "etcd.external.certFile and etcd.external.keyFile need each other")
    } else if given[1], !given[0] {
      refuse("etcd.external", "etcd.external.certFile and etcd.external.keyFile need etcd.external.caFile")
    }
    checkEndpoints(areSecure: given.contains(true))
    return etcd
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
