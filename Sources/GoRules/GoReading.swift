package import FoundationEssentials
package import OpenSSLX509

/// A file of certificates as Go reads it: those that it can parse, and why it cannot parse the others.
package struct GoReading: Sendable {
  /// The certificates that Go can parse, in the order of the file.
  package let parsed: [ParsedCertificate]
  /// Those that it cannot parse.
  package let problems: [(certificate: Certificate, problem: Problem)]

  /// Reads certificates.
  package init(_ certificates: [Certificate]) {
    var (parsed, problems): ([ParsedCertificate], [(Certificate, Problem)]) = ([], [])
    for certificate in certificates {
      do throws(Problem) {
        parsed.append(try ParsedCertificate(certificate))
      } catch {
        problems.append((certificate, error))
      }
    }
    self.parsed = parsed
    self.problems = problems
  }
}

extension ChainBuilder {
  /// The chains of a leaf to some of many certificates: only those are parsed whose names could lead to one.
  ///
  /// - Parameters:
  ///   - leaf: the leaf.
  ///   - following: what stands after the leaf in its file, in any order.
  ///   - trusted: the certificates that are trusted.
  /// - Throws: the ``Problem`` for which Go refuses the leaf.
  package static func chains(
    of leaf: Certificate, following: [Certificate], trusted: [Certificate], purpose: Purpose,
    at instant: Date?
  ) throws(Problem) -> [[Certificate]] {
    let leaf = try ParsedCertificate(leaf)
    let names = Set(([leaf.certificate] + following).map(\.issuer))
    let anchors = trusted.filter { names.contains($0.subject) || $0 == leaf.certificate }
    let builder = ChainBuilder(
      anchors: GoReading(anchors).parsed, intermediates: GoReading(following).parsed, purpose: purpose,
      at: instant)
    return try builder.chains(of: leaf)
  }
}
