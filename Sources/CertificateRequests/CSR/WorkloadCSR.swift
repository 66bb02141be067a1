package import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// What the user said of the certificate that a workload or a user is to ask for, unchecked.
package struct WorkloadCSR: Sendable {
  /// The subject's common name; by default the Service's.
  package var commonName: Setting?
  /// The subject's organizations.
  package var organizations: [Setting] = []
  /// Names beside the subject: host names, addresses, `email:` and `URI:`.
  package var names: [Setting] = []
  /// `NAME.NAMESPACE` of a Service, whose names are filled in.
  package var service: Setting?
  /// The domain below which services have their names.
  package var dnsDomain: Setting?
  /// The usages; by default a server's with names, a client's without.
  package var usages: [Setting] = []
  /// The key algorithm's name.
  package var keyAlgorithm: Setting?

  /// A request that says nothing.
  package init() {}

  /// Checks every value.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong.
  package func specification() throws(PKIErrors) -> CertificateContent {
    var check = ClusterSettings.Check()
    let domain = check.optional(dnsDomain, HostName.parseServiceDomain) ?? "cluster.local"
    let service = check.optional(service) { Self.parseService($0, domain) }
    let commonName = check.optional(commonName, HostName.parseText) ?? service?.first
    let organizations = organizations.compactMap { check.optional($0, HostName.parseText) }
    var names: [GeneralName] = []
    for name in (service ?? []).map({ .dnsName($0) })
      + self.names.compactMap({ check.optional($0, Self.parseName) })
    where !names.contains(name) {
      names.append(name)
    }
    let usages = usages.compactMap { check.optional($0, Self.parseUsage) }
    let algorithm = check.optional(keyAlgorithm, KeyAlgorithm.parse) ?? .ecdsaP256
    if commonName == nil, check.errors.isEmpty {
      check.errors.append(.missingSetting("common-name"))
    }
    guard check.errors.isEmpty, let commonName else { throw PKIErrors(check.errors) }
    let purposes = usages.isEmpty ? [names.isEmpty ? CertificateUsage.clientAuth : .serverAuth] : usages
    do throws(PKIError) {
      return try CertificateContent(
        commonName, organizations, sans: names, purposes: purposes.purposes, key: .new(algorithm))
    } catch {
      throw PKIErrors([error])
    }
  }
}

extension WorkloadCSR {
  /// The names of a Service, <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>, each with its
  /// namespace; the first is the one that the API server calls.
  private static func parseService(_ text: String, _ domain: String) -> Result<[String], HostName.Problem> {
    let name = text.asciiLowercased
    guard name.split(separator: ".", omittingEmptySubsequences: false).count == 2,
      HostName.problem(name) == nil
    else { return .failure(.init("not NAME.NAMESPACE of a Service")) }
    let full = "\(name).svc.\(domain)"
    return HostName.problem(full).map { .failure(.init($0)) } ?? .success(["\(name).svc", name, full])
  }

  private static func parseName(_ text: String) -> Result<GeneralName, HostName.Problem> {
    for (prefix, make) in [
      ("email:", GeneralName.rfc822Name), ("URI:", GeneralName.uniformResourceIdentifier),
    ] where text.hasPrefix(prefix) {
      let name = make(String(text.dropFirst(prefix.count)))
      return name.problem.map { .failure(.init($0)) } ?? .success(name)
    }
    return HostName.generalName(text, allowsWildcard: true)
  }

  private static func parseUsage(_ text: String) -> Result<CertificateUsage, HostName.Problem> {
    guard let usage = CertificateUsage(name: text), [.serverAuth, .clientAuth].contains(usage) else {
      return .failure(.init("not a usage; use server, client or both"))
    }
    return .success(usage)
  }
}
