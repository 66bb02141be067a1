package import OpenSSLX509
internal import StructuredText

/// What the user said of the cluster, unchecked: each value as text, with its origin.
public struct ClusterSettings: Sendable {
  /// Whose names and identities the tree is to carry.
  public var style = NamingStyle.documented
  /// The version of Kubernetes, for kubeadm's style.
  public var kubernetesVersion: Setting?
  /// The etcd, where it is not part of the tree.
  public var externalEtcd: ExternalEtcd?
  /// The name of the cluster in kubeconfigs.
  public var clusterName: Setting?
  /// The node's name.
  public var nodeName: Setting?
  /// The API server's address.
  public var advertiseAddress: Setting?
  /// The API server's port.
  public var bindPort: Setting?
  /// `HOST[:PORT]` of the load balancer.
  public var controlPlaneEndpoint: Setting?
  /// One network, or two with a comma between them.
  public var serviceSubnet: Setting?
  /// The domain of services.
  public var dnsDomain: Setting?
  /// Further names for the certificates that can have them.
  public var extraNames: [ClusterConfiguration.ExtraNames: [Setting]] = [:]
  /// The key algorithm's name.
  public var keyAlgorithm: Setting?
  /// The lifetime of leaves.
  public var certificateValidity: Setting?
  /// The lifetime of authorities.
  public var caCertificateValidity: Setting?

  /// What is wrong with it already, beside what its values will show.
  package var problems: [PKIError] = []

  /// kubeadm's defaults, <https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/>.
  private static let usualServiceSubnet = Setting("10.96.0.0/12", from: .option("--service-cidr"))
  package static let usualServiceAddress = "10.96.0.1"
  private static let usualDomain = Setting("cluster.local", from: .option("--service-dns-domain"))

  /// A request that says nothing.
  public init() {}

  /// Checks every value.
  ///
  /// - Parameters:
  ///   - facts: what the files to be made cannot do without.
  ///   - assumingDefaults: whether a cluster of which nothing else was said has Kubernetes' usual service network and
  ///     domain. Whoever makes files has to know both; whoever looks at them can leave open what was not said.
  ///   - reservedNames: common names of authorities, which a node must not have: a certificate whose subject is its
  ///     issuer's looks self-signed to OpenSSL, and is refused.
  /// - Throws: ``PKIErrors`` with all that is wrong.
  public func configuration(
    needing facts: Set<ClusterConfiguration.Fact>, assumingDefaults: Bool = true,
    refusing reservedNames: Set<String> = []
  ) throws(PKIErrors) -> ClusterConfiguration {
    var check = Check(errors: problems)
    var result = ClusterConfiguration()
    _ = check.optional(kubernetesVersion, Self.parseVersion)
    result.externalEtcd = externalEtcd
    result.clusterName = clusterName?.text
    // This host's own name may be no node's, which matters to those only who need one.
    let isNodeNameOfInterest = nodeName?.origin.isEnvironment == false || facts.contains(.nodeName)
    result.nodeName = check.optional(isNodeNameOfInterest ? nodeName : nil) {
      Self.parseNodeName($0, reservedNames)
    }
    result.advertiseAddress = check.optional(advertiseAddress, Self.parseAdvertiseAddress)
    result.bindPort =
      check.optional(bindPort) {
        Port.parse($0).map { .success($0) } ?? .failure(.init("not a port: a number from 1 to 65535"))
      } ?? result.bindPort
    result.controlPlaneEndpoint = check.optional(controlPlaneEndpoint, Endpoint.parse)
    let subnet = serviceSubnet ?? (assumingDefaults ? Self.usualServiceSubnet : nil)
    result.serviceSubnets = check.optional(subnet, Self.parseSubnets) ?? []
    let domain = dnsDomain ?? (assumingDefaults ? Self.usualDomain : nil)
    result.dnsDomain = check.optional(domain, Self.parseDomain)
    for list in ClusterConfiguration.ExtraNames.allCases {
      result.extraNames[list] = (extraNames[list] ?? []).compactMap { setting in
        check.optional(setting) { HostName.generalName($0, allowsWildcard: true) }
      }
    }
    result.keyAlgorithm = check.optional(keyAlgorithm, Self.parseAlgorithm) ?? result.keyAlgorithm
    result.certificateValidity =
      check.optional(certificateValidity, Self.parseLifetime) ?? result.certificateValidity
    result.caCertificateValidity =
      check.optional(caCertificateValidity, Self.parseLifetime) ?? result.caCertificateValidity
    check.errors += missing(facts)
    if !check.errors.isEmpty { throw PKIErrors(check.errors) }
    return result
  }

  /// The errors for those of `facts` of which nothing was said.
  private func missing(_ facts: Set<ClusterConfiguration.Fact>) -> [PKIError] {
    var options: [String] = []
    if facts.contains(.nodeName), nodeName == nil { options.append("--node-name") }
    let isEndpointMissing = facts.contains(.controlPlane) && controlPlaneEndpoint == nil
    if isEndpointMissing || facts.contains(.advertiseAddress), advertiseAddress == nil {
      options.append("--advertise-ip")
    }
    return options.map { .missingSetting($0) }
  }

  /// The table of what the tree of such a cluster consists of.
  ///
  /// For a version that is none it is the newest one's; ``configuration(needing:refusing:)`` tells of that.
  public var catalog: Catalog {
    let version = kubernetesVersion.flatMap { KubernetesVersion($0.text) } ?? .newestKnown
    let catalog: Catalog =
      switch style {
      case .documented: .documented
      case .kubeadm: .kubeadm(version)
      }
    return externalEtcd == nil ? catalog : catalog.withoutEtcd
  }

  /// Parses settings and collects what is wrong with them.
  package struct Check {
    package var errors: [PKIError]

    /// A check that has found these errors already.
    package init(errors: [PKIError] = []) { self.errors = errors }

    package mutating func optional<Value>(
      _ setting: Setting?, _ parse: (String) -> Result<Value, HostName.Problem>
    ) -> Value? {
      guard let setting else { return nil }
      switch parse(setting.text) {
      case .success(let value): return value
      case .failure(let problem):
        errors.append(setting.invalid(problem.text))
        return nil
      }
    }
  }
}

extension ClusterSettings {
  private static func parseNodeName(
    _ text: String, _ reservedNames: Set<String>
  ) -> Result<String, HostName.Problem> {
    let name = text.asciiLowercased
    if let address = IPAddress(name), !address.isIPv6 {
      return HostName.problem(address).map { .failure(.init($0)) } ?? .success(name)
    }
    if let problem = HostName.problem(name) { return .failure(.init(problem)) }
    guard !reservedNames.contains(name) else {
      return .failure(
        .init("the name of an authority; with it the node's certificates would look self-signed"))
    }
    return .success(name)
  }

  private static func parseAdvertiseAddress(_ text: String) -> Result<IPAddress, HostName.Problem> {
    guard let address = IPAddress(text) else {
      let zone = text.contains("%") ? ": a zone has no meaning to other machines" : ""
      return .failure(.init("not an IP address" + zone))
    }
    if let problem = HostName.problem(address) { return .failure(.init(problem)) }
    guard !address.isLinkLocal else {
      return .failure(.init("a link-local address, which other machines cannot connect to"))
    }
    return .success(address)
  }

  private static func parseSubnets(_ text: String) -> Result<[ServiceSubnet], HostName.Problem> {
    var subnets: [ServiceSubnet] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      switch ServiceSubnet.parse(String(part)) {
      case .success(let subnet): subnets.append(subnet)
      case .failure(let problem): return .failure(problem)
      }
    }
    guard subnets.count <= 2, Set(subnets.map(\.network.isIPv6)).count == subnets.count else {
      return .failure(.init("not one network, or one of IPv4 and one of IPv6"))
    }
    return .success(subnets)
  }

  package static func parseDomain(_ text: String) -> Result<String, HostName.Problem> {
    let domain = text.asciiLowercased
    if let problem = HostName.problem(domain) { return .failure(.init(problem)) }
    guard "kubernetes.default.svc.\(domain)".utf8.count <= 253 else {
      return .failure(
        .init("too long: with kubernetes.default.svc before it, it has more than 253 characters"))
    }
    return .success(domain)
  }

  private static func parseVersion(_ text: String) -> Result<KubernetesVersion, HostName.Problem> {
    KubernetesVersion(text).map { .success($0) }
      ?? .failure(.init("not a version of Kubernetes; write it as \(KubernetesVersion.newestKnown)"))
  }

  package static func parseAlgorithm(_ text: String) -> Result<KeyAlgorithm, HostName.Problem> {
    if let algorithm = KeyAlgorithm(name: text) { return .success(algorithm) }
    let known = KeyAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
    return .failure(.init("not a key algorithm; use one of \(known)"))
  }

  package static func parseLifetime(_ text: String) -> Result<Lifetime, HostName.Problem> {
    do throws(Lifetime.Problem) {
      return .success(try Lifetime(text))
    } catch {
      return .failure(.init(error.text))
    }
  }
}
