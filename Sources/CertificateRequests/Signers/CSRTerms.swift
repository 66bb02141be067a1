package import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// What is said of a CSR beside its PEM text, unchecked: the fields of a CertificateSigningRequest.
package struct CSRTerms: Sendable {
  /// The object's name.
  package var name: Setting?
  /// The signer.
  package var signerName: Setting?
  /// The usages; by default those that the signer demands, or else those of the request's own extensions.
  package var usages: [Setting] = []
  /// The lifetime to ask for.
  package var expiration: Setting?

  /// Terms that say nothing.
  package init() {}

  /// Completes a request with them; what an object says itself stays.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong.
  package func complete(_ request: CertificateSigningRequest) throws(PKIErrors) -> CertificateSigningRequest {
    var check = ClusterSettings.Check()
    var result = request
    result.name = check.optional(name, CertificateSigningRequest.parseName) ?? request.name
    let signer = check.optional(signerName, Self.parseSignerName)
    result.signerName = request.signerName ?? signer
    result.expirationSeconds = check.optional(expiration, Self.parseExpiration) ?? request.expirationSeconds
    let usages = usages.compactMap { check.optional($0, Self.parseUsage)?.rawValue }
    if request.isObject {
      let hint = "leave it out; the usages are those of spec.usages, which the API has accepted"
      check.errors += self.usages.map {
        $0.invalid("not to be changed: \(request.origin) has usages of its own", hint: hint)
      }
    } else {
      result.usages = usages.isEmpty ? defaultUsages(for: result) : usages
      if result.signerName == nil, signerName == nil { check.errors.append(.missingSetting("signer-name")) }
      if result.usages?.isEmpty == true { check.errors.append(.missingSetting("usage")) }
    }
    guard check.errors.isEmpty else { throw PKIErrors(check.errors) }
    return result
  }
}

extension CSRTerms {
  /// The usages that the signer demands, or else those of the request's own extensions; `nil` where there is no signer.
  private func defaultUsages(for request: CertificateSigningRequest) -> [String]? {
    guard let rules = request.signerName.flatMap({ SignerRules.rules(for: $0) }) else { return nil }
    let usages = rules.defaultUsages(isRSA: request.request.publicKey.type.isRSA)
    return (usages.isEmpty ? request.knownUsages : usages).map(\.rawValue)
  }

  private static func parseSignerName(_ text: String) -> Result<String, HostName.Problem> {
    SignerRules.problem(ofSignerName: text).map { .failure(.init($0)) } ?? .success(text)
  }

  private static func parseUsage(_ text: String) -> Result<CertificateUsage, HostName.Problem> {
    if let usage = CertificateUsage(name: text) { return .success(usage) }
    let known = CertificateUsage.allCases.map(\.rawValue).joined(separator: ", ")
    return .failure(.init("not a usage; use some of \(known)"))
  }

  private static func parseExpiration(_ text: String) -> Result<Int, HostName.Problem> {
    switch Lifetime.parse(text) {
    case .failure(let problem): .failure(problem)
    case .success(let lifetime) where lifetime.seconds < 600:
      .failure(.init("shorter than 10 minutes, the shortest lifetime that the API takes"))
    case .success(let lifetime) where lifetime.seconds > Int32.max:
      .failure(.init("longer than 68 years, the longest lifetime that the API takes"))
    case .success(let lifetime): .success(lifetime.seconds)
    }
  }
}
