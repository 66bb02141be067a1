package import OpenSSLX509

/// Two CAs, of which the one takes the place of the other.
package struct CASuccession: Sendable {
  /// The CA that is going to sign, or has taken over.
  package let successor: Certificate
  /// The CA that it replaces.
  package let predecessor: Certificate

  /// The two CAs.
  package init(successor: Certificate, predecessor: Certificate) {
    self.successor = successor
    self.predecessor = predecessor
  }

  /// Whether the predecessor may certify its successor: one with a path length of 0 may certify no CA, and of two below a root
  /// CA that leads to both.
  package var permitsCross: Bool {
    guard successor.isSelfSigned, predecessor.isSelfSigned else { return false }
    guard let constraints = try? predecessor.basicConstraints(), case .ca(let length) = constraints else {
      return true
    }
    return length != 0
  }

  /// Whether a certificate is that of the successor, signed by the predecessor. The subject key identifier must be that of
  /// the successor, as what it signs names that: RFC 5280 section 4.2.1.1.
  package func isCross(_ certificate: Certificate) -> Bool {
    let identifiers = [certificate, successor].map { (try? $0.subjectKeyIdentifier()) ?? nil }
    return certificate.isSameCA(as: successor) && identifiers[0] == identifiers[1]
      && certificate.isIssued(by: predecessor)
  }
}

extension TreeContents {
  /// The CAs of a rotation that is under way; `nil` where none is.
  package func caSuccession(of ca: CatalogEntry) -> CASuccession? {
    let accepted = self.ca(ca.id)?.accepted ?? []
    guard let first = accepted.first,
      let second = accepted.first(where: { $0.publicKey != first.publicKey })
    else { return nil }
    return switch stage(of: ca) {
    case .prepared: CASuccession(successor: second, predecessor: first)
    case .switched: CASuccession(successor: first, predecessor: second)
    case .absent, .idle, .keyless, .irregular: nil
    }
  }
}
