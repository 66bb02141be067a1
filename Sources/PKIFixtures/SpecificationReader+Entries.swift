internal import KubeadmConfig
package import FoundationEssentials
internal import KubeadmConfig
internal import KubernetesPKI
internal import OpenSSLX509

extension SpecificationReader {
  /// The options of `init` that describe a cluster, without their dashes.
  private static let settings = ClusterField.all.filter {
    ![.kubeletServerSANs, .etcdCAFile, .etcdCertFile, .etcdKeyFile].contains($0)
  }
  static let clusterFields = settings.map(\.name) + ["kubeadm", "stage"]
  /// Those of them that take a list.
  static let clusterLists = settings.filter { $0.form == .list }.map(\.name)
  static let requestFields = ["common-name", "organizations", "names", "usages", "key-algorithm"]
  static let leafFields = requestFields + ["authority", "validity"]
  static let caFields = [
    "common-name", "organizations", "key-algorithm", "validity", "path-length", "signed-by",
  ]
  static let userFields = ["cluster", "common-name", "groups", "key-algorithm", "validity"]

  /// A cluster: the options of `init` without their dashes, and those win over a kubeadm configuration, which is a text
  /// here and not a file so that the specification stays whole wherever it goes.
  func cluster(_ entry: Entry) -> FixtureSpecification.Cluster? {
    let fields = entry.fields
    var settings = ClusterSettings()
    for field in Self.settings {
      settings[list: field] =
        field.form == .list ? fields.texts(field.name) : [fields.text(field.name)].compactMap(\.self)
    }
    do throws(PKIErrors) {
      if let text = fields.text("kubeadm")?.text {
        let file = try KubeadmConfiguration(
          SecretBytes(text.utf8), path: "\(path):\(fields.line): \(fields.name("kubeadm"))")
        _ = settings.complete(from: file.settings)
      }
      let needed: [ClusterField] = [.nodeName, .advertiseAddress]
      for field in needed where settings[field] == nil {
        report(fields.line, "\(fields.name(field.name)) is missing")
      }
      let configuration = try settings.configuration()
      let stages = stages(fields, of: configuration.catalog)
      guard configuration.nodeName != nil, configuration.advertiseAddress != nil else { return nil }
      return FixtureSpecification.Cluster(name: entry.name, configuration: configuration, stages: stages)
    } catch {
      report(error.errors)
      return nil
    }
  }

  /// What a certificate or a request is to say of its subject.
  func identity(
    _ entry: Entry, purposes: [ExtendedKeyUsage.Purpose] = [], lifetime: Lifetime = .days(365)
  ) -> FixtureSpecification.Identity? {
    let fields = entry.fields
    let count = errors.count
    let names = fields.texts("names").compactMap { setting in
      value(setting, HostName.generalName(setting.text, allowsWildcard: true))
    }
    let usages = fields.texts("usages").compactMap { usage -> ExtendedKeyUsage.Purpose? in
      switch usage.text {
      case "server": return .serverAuth
      case "client": return .clientAuth
      default:
        report(usage, "not a usage; use server or client")
        return nil
      }
    }
    let algorithm = fields.text("key-algorithm").flatMap { value($0, KeyAlgorithm.parse($0.text)) }
    let length = fields.text("validity").flatMap(self.lifetime) ?? lifetime
    guard errors.count == count else { return nil }
    return FixtureSpecification.Identity(
      name: entry.name, commonName: fields.text("common-name")?.text ?? entry.name,
      organizations: (fields.texts("organizations") + fields.texts("groups")).map(\.text), names: names,
      purposes: purposes + usages, keyAlgorithm: algorithm ?? .ecdsaP256, lifetime: length)
  }

  /// The name of a CA that is there: `NAME`, or `CLUSTER/ca`, `CLUSTER/etcd-ca`, `CLUSTER/front-proxy-ca`.
  func ca(_ setting: Setting?, in specification: FixtureSpecification) -> String? {
    guard let setting else { return nil }
    let known =
      specification.cas.map(\.identity.name)
      + specification.clusters.flatMap { cluster in
        cluster.catalog.cas.map {
          "\(cluster.name)/\($0.id.rawValue)"
        }
      }
    if known.contains(setting.text) { return setting.text }
    let list = known.joined(separator: ", ")
    report(
      setting, "not a CA that stands before it",
      hint: known.isEmpty ? "describe one in authorities" : "there are \(list)")
    return nil
  }

  /// The name of a cluster that is there; without a field, the first one's.
  func cluster(
    _ setting: Setting?, of entry: Entry, in specification: FixtureSpecification
  ) -> String? {
    let known = specification.clusters.map(\.name)
    if let setting {
      if known.contains(setting.text) { return setting.text }
      report(setting, "not a cluster of the specification")
      return nil
    }
    if known.isEmpty { report(entry.fields.line, "\(entry.fields.owner) needs a cluster, and there is none") }
    return known.first
  }

  /// How many CAs may be below one.
  func pathLength(_ entry: Entry) -> Int? {
    guard let setting = entry.fields.text("path-length") else { return nil }
    guard let length = Int(setting.text), (0...99).contains(length) else {
      report(setting, "not a path length: a number from 0 to 99")
      return nil
    }
    return length
  }

  /// An instant in RFC 3339.
  func instant(_ setting: Setting) -> Date? {
    guard let instant = try? Date(setting.text, strategy: .iso8601),
      FixtureSpecification.canStart(at: instant)
    else {
      report(setting, "not an instant from 1970 to 9990; write it as 2026-01-31T12:00:00Z")
      return nil
    }
    return instant
  }

  private func lifetime(_ setting: Setting) -> Lifetime? {
    do throws(PKIErrors) {
      return try Lifetime(setting)
    } catch {
      report(error.errors)
      return nil
    }
  }

  private func value<Value>(_ setting: Setting, _ result: Result<Value, HostName.Problem>) -> Value? {
    switch result {
    case .success(let value): return value
    case .failure(let problem):
      report(setting, problem.text)
      return nil
    }
  }
}

extension FixtureSpecification {
  /// Whether lifetimes can count from this instant: it is later than 1970, and RFC 5280 can still write their ends.
  package static func canStart(at instant: Date) -> Bool {
    (86_400...253_080_000_000).contains(instant.timeIntervalSince1970)
  }
}
