package import OpenSSLX509
internal import StructuredText

extension IPAddress {
  /// Reads an address.
  static func parse(_ text: String) -> Result<IPAddress, HostName.Problem> {
    if let address = IPAddress(text) { return .success(address) }
    let zone = text.contains("%") ? ": a zone has no meaning to other machines" : ""
    return .failure(.init("not an IP address" + zone))
  }

  /// Why other machines cannot connect to an API server at the address, as what follows "is"; `nil` when they can.
  static func advertiseProblem(_ address: IPAddress) -> String? {
    if let problem = HostName.problem(address) { return problem }
    return address.isLinkLocal ? "a link-local address, which other machines cannot connect to" : nil
  }
}

extension HostName {
  /// Why a node cannot have this name, as what follows "is"; `nil` when it can.
  static func nodeNameProblem(_ name: String) -> String? {
    if let address = IPAddress(name), !address.isIPv6 { return problem(address) }
    return problem(name)
  }

  /// Reads the DNS domain of services.
  package static func parseServiceDomain(_ text: String) -> Result<String, Problem> {
    let domain = text.asciiLowercased
    return serviceDomainProblem(domain).map { .failure(.init($0)) } ?? .success(domain)
  }

  /// Why this cannot be the DNS domain of services, as what follows "is"; `nil` when it can.
  static func serviceDomainProblem(_ domain: String) -> String? {
    if let problem = problem(domain) { return problem }
    return "kubernetes.default.svc.\(domain)".utf8.count <= 253
      ? nil : "too long: with kubernetes.default.svc before it, it has more than 253 characters"
  }

  /// Why this cannot be a SAN of a server, as what follows "is"; `nil` when it can.
  static func problem(_ name: GeneralName, allowsWildcard: Bool) -> String? {
    switch name {
    case .ipAddress(let address): problem(address)
    case .dnsName(let name): problem(name, allowsWildcard: allowsWildcard)
    case .rfc822Name, .uniformResourceIdentifier, .other: "neither an IP address nor a host name"
    }
  }
}

extension GeneralName {
  /// The name as the user writes it.
  var valueText: String {
    switch self {
    case .ipAddress(let address): "\(address)"
    case .dnsName(let name), .rfc822Name(let name), .uniformResourceIdentifier(let name): name
    case .other: description
    }
  }
}

extension KeyAlgorithm {
  /// Reads the name of an algorithm.
  package static func parse(_ text: String) -> Result<KeyAlgorithm, HostName.Problem> {
    if let algorithm = KeyAlgorithm(name: text) { return .success(algorithm) }
    let known = allCases.map(\.rawValue).joined(separator: ", ")
    return .failure(.init("not a key algorithm; use one of \(known)"))
  }
}

extension NamingStyle {
  /// Reads the name of a style.
  static func parse(_ text: String) -> Result<NamingStyle, HostName.Problem> {
    let known = allCases.map(\.rawValue).joined(separator: " or ")
    return NamingStyle(rawValue: text).map { .success($0) } ?? .failure(.init("not a style; use \(known)"))
  }
}

extension KubernetesVersion {
  /// Reads a version.
  static func parse(_ text: String) -> Result<KubernetesVersion, HostName.Problem> {
    KubernetesVersion(text).map { .success($0) }
      ?? .failure(.init("not a version of Kubernetes; write it as \(newestKnown)"))
  }
}

extension Bool {
  /// Reads `true` or `false`.
  static func parse(_ text: String) -> Result<Bool, HostName.Problem> {
    Bool(text).map { .success($0) } ?? .failure(.init("neither true nor false"))
  }
}
