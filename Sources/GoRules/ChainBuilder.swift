package import FoundationEssentials
package import OpenSSLX509

/// Builds chains as Go does: by what verifies, not by the order of a file.
///
/// Follows Verify, buildChains, isValid and alreadyInChain in src/crypto/x509/verify.go, findPotentialParents in
/// cert_pool.go and CheckSignatureFrom in x509.go, Go 1.27.
package struct ChainBuilder: Sendable {
  /// What a chain is for.
  package enum Purpose: Sendable {
    /// A TLS server.
    case server
    /// A TLS client.
    case client
    /// Anything.
    case any
  }

  private let anchors: Pool
  private let intermediates: Pool
  private let purpose: Purpose
  private let instant: Date?

  /// A builder of chains to `anchors`.
  ///
  /// - Parameters:
  ///   - anchors: the certificates that are trusted, whether they sign themselves or not.
  ///   - intermediates: further certificates, in any order, of which some may have nothing to do with the chain.
  ///   - instant: the time at which all of a chain must be valid; `nil` when it does not matter.
  package init(
    anchors: [ParsedCertificate], intermediates: [ParsedCertificate] = [], purpose: Purpose, at instant: Date?
  ) {
    self.anchors = Pool(anchors)
    self.intermediates = Pool(intermediates)
    self.purpose = purpose
    self.instant = instant
  }

  /// The verified chains of a certificate, each from the certificate to an anchor; there is at least one.
  ///
  /// - Throws: the ``Problem`` for which Go refuses the certificate.
  package func chains(of leaf: ParsedCertificate) throws(Problem) -> [[Certificate]] {
    if let problem = problem(of: leaf, as: .leaf, below: []) { throw problem }
    var search = Search()
    let candidates =
      anchors.contains(leaf) ? [[leaf]] : try build([leaf], &search)
    var first: Problem?
    var chains: [[Certificate]] = []
    for chain in candidates {
      if let problem = problem(of: chain) {
        first = first ?? problem
      } else {
        chains.append(chain.map(\.certificate))
      }
    }
    if chains.isEmpty, let first { throw first }
    return chains
  }

  /// Where a certificate stands in a chain.
  private enum Place {
    case leaf
    case intermediate
    case anchor
  }

  /// What one search has come to.
  private struct Search {
    /// How many signatures were checked; Go gives up after a hundred.
    var checks = 0
    static let limit = 100
  }

  /// Why Go does not take a certificate at this place, on top of `chain`.
  private func problem(
    of certificate: ParsedCertificate, as place: Place, below chain: [ParsedCertificate]
  ) -> Problem? {
    if let problem = certificate.says.unhandledProblem { return problem }
    if let problem = timeProblem(of: certificate) { return problem }
    if place == .intermediate, certificate.says.isCA != true {
      return Problem(.notCA, "\(certificate.certificate.subject) is not a CA certificate")
    }
    guard certificate.says.isCA != nil, let length = certificate.says.pathLength, chain.count - 1 > length
    else {
      return nil
    }
    return Problem(
      .pathLength,
      "\(certificate.certificate.subject) allows \(length) CAs below it, and there are \(chain.count - 1)")
  }

  private func timeProblem(of certificate: ParsedCertificate) -> Problem? {
    let (validity, subject) = (certificate.certificate.validity, certificate.certificate.subject)
    guard let instant else { return nil }
    if instant < validity.notBefore { return Problem(.notYetValid, "\(subject) is not valid yet") }
    return instant > validity.notAfter ? Problem(.expired, "\(subject) is expired") : nil
  }

  private func build(
    _ chain: [ParsedCertificate], _ search: inout Search
  ) throws(Problem) -> [[ParsedCertificate]] {
    guard let child = chain.last else { return [] }
    var found: [[ParsedCertificate]] = []
    var hint: Problem?
    for (place, pool) in [(Place.anchor, anchors), (.intermediate, intermediates)] {
      for parent in pool.parents(of: child) {
        search.checks += 1
        guard search.checks <= Search.limit else {
          if !found.isEmpty { return found }
          throw Problem(.tooManyCandidates, "it has so many possible issuers that Go gives up")
        }
        guard !Self.isIn(chain, parent) else { continue }
        let problem = signatureProblem(of: child, by: parent) ?? problem(of: parent, as: place, below: chain)
        if let problem {
          hint = hint ?? problem
        } else if place == .anchor {
          found.append(chain + [parent])
        } else {
          do throws(Problem) {
            found += try build(chain + [parent], &search)
          } catch {
            hint = hint ?? error
          }
        }
      }
    }
    guard found.isEmpty else { return found }
    throw hint ?? Problem(.unknownAuthority, "no CA that is trusted has signed \(child.certificate.subject)")
  }

  /// Why Go does not take `child` for one that `parent` has signed.
  private func signatureProblem(of child: ParsedCertificate, by parent: ParsedCertificate) -> Problem? {
    let subject = parent.certificate.subject
    if parent.version == 3 && parent.says.isCA == nil || parent.says.isCA == false {
      return Problem(.notCA, "\(subject) is not a CA certificate")
    }
    if parent.says.keyUsage != 0, parent.says.keyUsage & KeyUsage.keyCertSign.rawValue == 0 {
      return Problem(.cannotSign, "\(subject) may not sign certificates: its key usage lacks keyCertSign")
    }
    if let problem = KeyRules.verifyProblem(parent.key)
      ?? SignatureRules.problem(child.signature, issuerKey: parent.key)
    {
      return problem
    }
    guard !child.certificate.isSigned(by: parent.certificate.publicKey) else { return nil }
    return Problem(.wrongSignature, "the key of \(subject) has not signed it")
  }

  /// Whether a certificate of the same name, key and alternative names is in the chain: two CAs may have signed each other.
  private static func isIn(_ chain: [ParsedCertificate], _ candidate: ParsedCertificate) -> Bool {
    chain.contains { member in
      member.certificate.subject == candidate.certificate.subject
        && member.certificate.publicKey.der == candidate.certificate.publicKey.der
        && member.says.encodedNames == candidate.says.encodedNames
    }
  }

  /// Why Go refuses a chain whose signatures are good.
  private func problem(of chain: [ParsedCertificate]) -> Problem? {
    if !PolicyRules.areValid(chain) {
      return Problem(.invalidPolicies, "the policies of its chain allow none, and one is required")
    }
    if let problem = UsageRules.problem(chain, purpose) { return problem }
    // The constraints of a CA are for all that stands below it.
    for (index, ca) in chain.enumerated() {
      guard let constraints = ca.says.nameConstraints else { continue }
      for member in chain.prefix(index) {
        if let names = member.says.names, let problem = constraints.problem(names) { return problem }
      }
    }
    return nil
  }
}

/// The extended key usages of a chain as Go applies them: each certificate that names any narrows those below it.
///
/// Follows checkChainForKeyUsage in src/crypto/x509/verify.go, Go 1.27.
enum UsageRules {
  private static let any = ExtendedKeyUsage.Purpose.any.identifier

  /// Why the chain does not serve the purpose.
  static func problem(_ chain: [ParsedCertificate], _ purpose: ChainBuilder.Purpose) -> Problem? {
    let wanted: ExtendedKeyUsage.Purpose
    switch purpose {
    case .any: return nil
    case .server: wanted = .serverAuth
    case .client: wanted = .clientAuth
    }
    for certificate in chain.reversed() where !certificate.says.usages.isEmpty {
      guard !certificate.says.usages.contains(where: { $0 == any || $0 == wanted.identifier }) else {
        continue
      }
      return Problem(
        .incompatibleUsage,
        "the extended key usages of \(certificate.certificate.subject) do not allow \(wanted)")
    }
    return nil
  }
}

/// Certificates by their subjects.
struct Pool: Sendable {
  private var bySubject: [DistinguishedName: [ParsedCertificate]] = [:]
  private var members: Set<Certificate> = []

  /// The certificates, each once.
  init(_ certificates: [ParsedCertificate]) {
    for certificate in certificates where members.insert(certificate.certificate).inserted {
      bySubject[certificate.certificate.subject, default: []].append(certificate)
    }
  }

  func contains(_ certificate: ParsedCertificate) -> Bool { members.contains(certificate.certificate) }

  /// The certificates that may have signed this one: those whose key identifier fits come first, then those of which one
  /// side has none.
  func parents(of certificate: ParsedCertificate) -> [ParsedCertificate] {
    let wanted = certificate.says.authorityKeyIdentifier
    let named = bySubject[certificate.certificate.issuer] ?? []
    func rank(_ candidate: ParsedCertificate) -> Int {
      if candidate.says.subjectKeyIdentifier == wanted { return 0 }
      return candidate.says.subjectKeyIdentifier.isEmpty != wanted.isEmpty ? 1 : 2
    }
    return (0...2).flatMap { level in named.filter { rank($0) == level } }
  }
}
