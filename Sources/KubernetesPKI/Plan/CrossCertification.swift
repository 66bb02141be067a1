internal import FoundationEssentials
internal import OpenSSLX509

extension CASuccession {
  /// The certificate of the successor by its predecessor, with whose rules and end it ends; `nil` where the predecessor may
  /// certify no CA, or has expired.
  ///
  /// - Parameter ca: the CA that signs it, which is the predecessor.
  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  func crossSpecification(
    for ca: CatalogEntry, at instant: Date
  ) throws(OpenSSLError) -> CertificateSpecification? {
    guard permitsCross else { return nil }
    var length: Int?
    if case .ca(let predecessor) = try predecessor.basicConstraints() { length = predecessor.map { $0 - 1 } }
    let validity = Validity(
      notBefore: instant.addingTimeInterval(-Validity.backdate),
      notAfter: min(successor.validity.notAfter, predecessor.validity.notAfter))
    guard validity.notAfter > instant else { return nil }
    return CertificateSpecification(
      try CertificateContent(crossing: successor, pathLength: length), validity: validity, issuer: .ca(ca.id))
  }
}

/// What is made again of a stage that was reached.
extension RotationPlanBuilder {
  /// Keeps a CA at its stage, and makes again what is lost beside it, or is another CA's: the file with which
  /// kube-controller-manager signs, and the successor as its predecessor certifies it.
  mutating func complete(_ ca: CatalogEntry) {
    guard var present = CAArrangement(ca.id, in: examination.tree) else {
      return files.append(.keep(.entry(ca)))
    }
    if options.verb == .prepare, let finding = examination.successionKeyFinding(ca) {
      refusals.append(finding)
    }
    if options.verb == .retire {
      present = present.alone()
    } else if ca.id == .ca {
      present = present.separatingSigner()
    }
    if let finding = examination.crossFinding(ca) {
      if options.crossSigns, let certification = certification(ca, present) {
        return files.append(.rotate(ca, .certify(certification)))
      }
      // What leads nowhere goes away, unless it can be put back.
      if !options.crossSigns || examination.tree.caSuccession(of: ca)?.permitsCross != true {
        present = present.crossed(by: nil)
      } else {
        refusals.append(finding)
      }
    }
    let changes = present.changes(of: ca, in: examination.tree)
    guard !changes.isEmpty, let authority = present.ca else { return files.append(.keep(.entry(ca))) }
    files.append(.rotate(ca, .complete(changes)))
    tree = tree.replacing(authority, for: ca.id)
  }

  /// How the predecessor certifies the successor again; `nil` where its key is not here, or it may certify none.
  private mutating func certification(_ ca: CatalogEntry, _ present: CAArrangement) -> CACertification? {
    guard let succession = examination.tree.caSuccession(of: ca),
      let key = [present.key, present.previousKey].compactMap(\.self).first(where: {
        $0.publicKey == succession.predecessor.publicKey
      })
    else { return nil }
    do throws(OpenSSLError) {
      return try succession.crossSpecification(for: ca, at: examination.instant).map { specification in
        CACertification(
          specification: specification, predecessor: succession.predecessor, key: key, present: present)
      }
    } catch {
      errors.append(.cryptography(subject: location.path(of: ca), reason: error.description))
      return nil
    }
  }

  /// Whether the run makes the certificate that follows the leaves of a CA.
  func certifies(_ ca: CatalogEntry) -> Bool {
    examination.tree.stage(of: ca) == .switched
      && files.contains { step in
        if case .rotate(let entry, .certify) = step { entry.id == ca.id } else { false }
      }
  }
}
