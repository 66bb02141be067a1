internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// Plans the CA that is going to take the place of another.
struct RotationSuccessor {
  let options: RotationOptions
  let entry: CatalogEntry
  let predecessor: Certificate
  let examination: Examination

  private var path: String { examination.location.path(of: entry) }

  /// The successor.
  ///
  /// - Throws: ``PKIError`` where none can be made, or the one that was made before cannot be it.
  func planned(beside present: CAArrangement) throws(PKIError) -> CASuccessor {
    let isBelowRoot = !predecessor.isSelfSigned
    let length = try pathLength()
    if let successors = options.successors { return try given(successors, present) }
    guard let algorithm = options.keyAlgorithm ?? predecessor.publicKey.type.algorithm else {
      throw .unsound(
        Finding(
          .unsupportedKey, [path], "pkigen does not make keys of the kind of \(path)",
          remedy: examination.remedy(.chooseKeyAlgorithm)))
    }
    let content = try CertificateContent(ca: successorName, pathLength: length, key: .new(algorithm))
    if isBelowRoot { return try belowRoot(content, present) }
    let (validity, _) = Validity.starting(examination.instant, lifetime: options.caValidity, within: nil)
    return CASuccessor(
      origin: .made(CertificateSpecification(content, validity: validity, issuer: .itself)),
      cross: try cross(content, length, until: validity.notAfter), present: present)
  }

  /// One that the root CA above the predecessor signs. It is trusted by what trusts the root CA.
  private func belowRoot(
    _ content: CertificateContent, _ present: CAArrangement
  ) throws(PKIError) -> CASuccessor {
    guard let root = options.root else { throw .unsound(rootUnknown) }
    for fault in examination.rootFindings(root, signs: true) where fault.severity == .error {
      throw .unsound(fault)
    }
    guard let certificate = root.certificate, predecessor.isIssued(by: certificate) else {
      throw .unsound(
        Finding(
          .wrongCA, [path, root.certificatePath], "\(root.certificatePath) did not sign \(path)",
          remedy: examination.remedy(.nameRoot)))
    }
    let (validity, _) = Validity.starting(
      examination.instant, lifetime: options.caValidity, within: certificate.validity.notAfter)
    return CASuccessor(
      origin: .made(CertificateSpecification(content, validity: validity, issuer: .root)), cross: nil,
      present: present)
  }

  /// One that was made on another node, or by another program.
  private func given(
    _ tree: TreeContents, _ present: CAArrangement
  ) throws(PKIError) -> CASuccessor {
    let (path, keyPath) = (tree.location.path(of: entry), tree.location.path(of: entry, .key))
    let contents = tree[entry.id]
    for finding in [contents.certificates.finding, contents.key.finding].compactMap(\.self) {
      throw .unsound(finding)
    }
    guard let certificate = contents.certificate, let key = contents.key.value else {
      throw .unsound(
        Finding(
          .missingFile, [path, keyPath], "\(path) and its key \(keyPath) must both be there",
          remedy: examination.remedy(.getGoodCopy(path))))
    }
    let checked = Examination(
      catalog: examination.catalog, tree: tree, cluster: ClusterConfiguration.unknown,
      instant: examination.instant)
    let faults = checked.findings(entry).filter { $0.severity == .error }
    if let fault = faults.first { throw .unsound(fault) }
    guard certificate.subject != predecessor.subject else { throw .unsound(namesake(path)) }
    let above = present.above ?? []
    guard certificate.isSelfSigned || above.contains(where: certificate.isIssued) else {
      throw .unsound(
        Finding(
          .wrongCA, [path], "\(path) is signed by \(certificate.issuer), which is not above \(self.path)",
          remedy: examination.remedy(.useAnotherRoot)))
    }
    var cross: CertificateSpecification?
    if options.crossSigns {
      do throws(OpenSSLError) {
        cross = try CASuccession(successor: certificate, predecessor: predecessor)
          .crossSpecification(for: entry, at: examination.instant)
      } catch {
        throw .cryptography(subject: path, reason: error.description)
      }
    }
    return CASuccessor(origin: .given(certificate, key), cross: cross, present: present)
  }

  /// The successor as its predecessor certifies it; `nil` where that may certify no CA, or is not to.
  ///
  /// - Parameter length: how many CAs the predecessor may have below it.
  private func cross(
    _ content: CertificateContent, _ length: Int?, until end: Date
  ) throws(PKIError) -> CertificateSpecification? {
    guard options.crossSigns, length != 0 else { return nil }
    let crossed = try CertificateContent(
      ca: content.subject.commonName ?? entry.name, pathLength: length.map { $0 - 1 }, key: content.key)
    let start = examination.instant.addingTimeInterval(-Validity.backdate)
    return CertificateSpecification(
      crossed, validity: Validity(notBefore: start, notAfter: min(end, predecessor.validity.notAfter)),
      issuer: .ca(entry.id))
  }

  /// How many CAs the predecessor may have below it.
  private func pathLength() throws(PKIError) -> Int? {
    do throws(OpenSSLError) {
      guard case .ca(let length) = try predecessor.basicConstraints() else { return nil }
      return length
    } catch {
      throw .cryptography(subject: path, reason: error.description)
    }
  }

  /// A name of its own: with two CAs of one name in a file, OpenSSL and GnuTLS may take the wrong one.
  private var successorName: String {
    let present = predecessor.subject.commonName ?? entry.name
    let parts = present.split(separator: "-")
    let isDated =
      parts.count > 1 && parts[parts.count - 1].count == 8
      && parts[parts.count - 1].allSatisfy { $0.isASCII && $0.isNumber }
    let name = isDated ? parts.dropLast().joined(separator: "-") : present
    let dated = "\(name)-\(examination.instant.rfc3339.prefix(10).filter { $0 != "-" })"
    return dated == present ? dated + "-2" : dated
  }

  private func namesake(_ path: String) -> Finding {
    Finding(
      .noKeyIdentifiers, [path],
      "\(path) has the name of \(self.path): with two CAs of one name, clients may take the wrong one",
      remedy: examination.remedy(.nameCAsApart))
  }

  private var rootUnknown: Finding {
    Finding(
      .rotationOrder, [path],
      "\(path) is below another CA, \(predecessor.issuer), which has to sign the successor",
      remedy: examination.remedy(.nameRoot))
  }
}
