internal import FoundationEssentials
internal import GoRules
package import OpenSSLX509
internal import StructuredText

/// What Go's library says of the certificates of a tree, and so every component.
extension Examination {
  /// A certificate of a file that Go cannot parse: no component starts with the file.
  package func parseFindings(
    _ certificates: [Certificate], _ path: String, _ action: Remedy.Action
  ) -> [Finding] {
    let unreadable = GoReading(certificates).problems.first { certificate, problem in
      // Of such a curve there is a finding already.
      if case .ec = certificate.publicKey.type, problem.rule == .malformedPublicKey {
        return certificate.publicKey.type.isKnownToKubernetes
      }
      return true
    }
    guard let (certificate, problem) = unreadable else { return [] }
    let which = certificates.count == 1 ? "" : " \(certificate.subject.description.quoted):"
    return [
      Finding(
        .malformedFile, [path], "no component can read \(path):\(which) \(problem)", remedy: remedy(action))
    ]
  }

  /// Why no TLS server or client can use the key of a certificate, if so.
  func keyProblem(of certificate: Certificate) -> Problem? {
    ((try? ParsedCertificate(certificate)) ?? nil)?.keyProblem
  }

  /// The certificate of a CA whose times count: of several that verify the same, one that is valid, where there is one.
  ///
  /// Without a key nothing says which of a file is to sign, and an old CA may stand before the one that has followed it.
  func currentCertificate(of ca: CertificateAuthority) -> Certificate {
    guard !ca.issuing.validity.contains(instant) else { return ca.issuing }
    let others = ca.accepted.filter { ca.key.isAbsent || $0.isSameCA(as: ca.issuing) }
    return others.filter { $0.validity.contains(instant) }
      .max { $0.validity.notAfter < $1.validity.notAfter } ?? ca.issuing
  }

  /// Whether some of `anchors` verify a leaf, by way of what follows it in its file, whatever the time.
  func isVerified(_ leaf: Leaf, by anchors: [Certificate], for purpose: ChainBuilder.Purpose) -> Bool {
    ((try? chains(of: leaf, anchors, purpose, at: nil)) ?? []).isEmpty == false
  }

  private func chains(
    of leaf: Leaf, _ anchors: [Certificate], _ purpose: ChainBuilder.Purpose, at instant: Date?
  ) throws(Problem) -> [[Certificate]] {
    try ChainBuilder.chains(
      of: leaf.certificate, following: leaf.intermediates, trusted: anchors, purpose: purpose, at: instant)
  }

  /// Who signed a leaf, and whether components accept the chain; `nil` where there is a finding already that says why not.
  func verdict(_ leaf: Leaf, _ ca: CertificateAuthority) -> LeafSigner? {
    let found: [[Certificate]]
    do throws(Problem) {
      found = try chains(of: leaf, ca.accepted, .any, at: nil)
    } catch {
      return verdict(leaf, ca, refusedFor: error)
    }
    if let problem = usageProblem(of: leaf, ca, at: nil) { return .refused(reason: problem.description) }
    do throws(Problem) {
      let valid = try chains(of: leaf, ca.accepted, .any, at: instant)
      // Of several chains one may serve the purpose, and another one be valid.
      if found.count > 1, let problem = usageProblem(of: leaf, ca, at: instant) {
        return .refused(reason: problem.description)
      }
      return anchor(of: valid) ?? anchor(of: found)
    } catch {
      // That the leaf or the CA has expired is a finding of its own.
      let isTold =
        !leaf.certificate.validity.contains(instant)
        || found.allSatisfy {
          $0.dropFirst().allSatisfy { $0.validity.contains(instant) || isTimeTold($0, ca) }
        }
      return isTold ? anchor(of: found) : .refused(reason: error.description)
    }
  }

  /// Whether the times of a certificate are those that the findings of its CA speak of.
  private func isTimeTold(_ certificate: Certificate, _ ca: CertificateAuthority) -> Bool {
    certificate == currentCertificate(of: ca)
  }

  /// The CA at the end of the chains that is valid for the longest time.
  private func anchor(of chains: [[Certificate]]) -> LeafSigner? {
    chains.compactMap(\.last).max { $0.validity.notAfter < $1.validity.notAfter }.map { .expected($0) }
  }

  /// Why no chain of a leaf serves one of its purposes, unless it is the leaf itself that does not.
  private func usageProblem(of leaf: Leaf, _ ca: CertificateAuthority, at instant: Date?) -> Problem? {
    leaf.purposes.lazy.compactMap { usageProblem(of: leaf, ca, $0, at: instant) }.first
  }

  private func usageProblem(
    of leaf: Leaf, _ ca: CertificateAuthority, _ purpose: ExtendedKeyUsage.Purpose, at instant: Date?
  ) -> Problem? {
    let own = (try? leaf.certificate.purposes()) ?? []
    guard own.isEmpty || own.contains(purpose) || own.contains(.any) else { return nil }
    do throws(Problem) {
      _ = try chains(of: leaf, ca.accepted, purpose == .serverAuth ? .server : .client, at: instant)
      return nil
    } catch {
      return error
    }
  }

  private func verdict(_ leaf: Leaf, _ ca: CertificateAuthority, refusedFor problem: Problem) -> LeafSigner? {
    guard problem.side == .verify else { return nil }
    switch problem.rule {
    case .unknownAuthority, .wrongSignature:
      // A CA that Go cannot parse has signed nothing; of that there is a finding.
      return GoReading(ca.accepted).problems.isEmpty ? stranger(leaf, ca) : nil
    case .notCA, .cannotSign:
      guard (try? ca.issuing.isCA()) == true else { return .expected(ca.issuing) }
    case .unsupportedKey:
      guard keyProblem(of: ca.issuing) == nil else { return .expected(ca.issuing) }
    case .insecureSignature:
      guard leaf.certificate.weakSignatureHash == nil else { return .expected(ca.issuing) }
    default: break
    }
    return .refused(reason: problem.description)
  }
}
