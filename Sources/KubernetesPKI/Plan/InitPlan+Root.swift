internal import FoundationEssentials
internal import OpenSSLX509

/// The root CA above the tree, and the certificates that lead to it.
extension InitPlanBuilder {
  /// Whether some CA has to be signed by the root CA.
  private var isRootInDemand: Bool { catalog.cas.contains { isToBeCreated($0.id) } }

  mutating func addRoot() {
    guard let root else { return }
    guard root.isToBeMade else {
      return keep(.root(root), examination.rootFindings(root, signs: isRootInDemand))
    }
    // Where every CA is there already, each has the finding that it is not below a new one.
    guard isRootInDemand else { return }
    let lifetime = Lifetime(seconds: cluster.caCertificateValidity.seconds * RootCA.lifetimeFactor)
    let (validity, _) = Validity.starting(examination.instant, lifetime: lifetime, within: nil)
    let algorithm = cluster.keyAlgorithm
    create { () throws(PKIError) in
      let content = try CertificateContent(ca: RootCA.commonName, pathLength: 1, key: .new(algorithm))
      return .createRoot(root, CertificateSpecification(content, validity: validity, issuer: .itself))
    }
  }

  /// The way from a CA to the root CA: written where there is a root CA and no such file, kept where there is one.
  mutating func addRootChain(of ca: CatalogEntry) {
    guard !tree.rootChain(of: ca.id).isAbsent else {
      if root != nil { steps.append(.writeRootChain(ca)) }
      return
    }
    guard isToBeCreated(ca.id) else { return keep(.rootChain(ca), examination.rootChainFindings(ca)) }
    let (path, caPath) = (location.path(of: ca, .rootChain), location.path(of: ca))
    errors.append(
      .unsound(
        Finding(
          .missingFile, [caPath, path], "\(path) is there, but the certificate of its CA, \(caPath), is not",
          remedy: examination.remedy(.putBackCA(certificate: caPath, key: location.path(of: ca, .key))))))
  }

  /// Why a CA cannot be made where there is a root CA, or where others have one.
  func rootError(_ ca: CatalogEntry, _ commonName: String) -> PKIError? {
    guard let root else {
      return catalog.cas.first { tree.rootChain(of: $0.id).value != nil }.map { other in
        let path = location.path(of: other, .rootChain)
        return .unsound(
          Finding(
            .caKeyMissing, [path],
            "the CAs of this tree are below a root CA (\(path)), whose key has to sign \(ca.name)",
            remedy: examination.remedy(.nameRoot)))
      }
    }
    guard let name = root.certificate?.subject, name.attributes.count == 1, name.commonName == commonName
    else {
      return nil
    }
    return .unsound(
      Finding(
        .wrongIdentity, [root.certificatePath],
        "\(root.certificatePath) has the name of the CA \(ca.name), which would look self-signed",
        remedy: examination.remedy(.useAnotherRoot)))
  }

  /// Whether a CA that is there is below the root CA that was named.
  func strangerFindings(_ entry: CatalogEntry) -> [Finding] {
    guard let root, let ca = tree.ca(entry.id) else { return [] }
    if let certificate = root.certificate, ca.issuing.isIssued(by: certificate) { return [] }
    if root.certificate == nil, !root.isToBeMade { return [] }
    let path = location.path(of: entry)
    return [
      Finding(
        .wrongCA, [path, root.certificatePath],
        "\(path) is there, and \(root.certificatePath) did not sign it",
        remedy: examination.remedy(.leaveRootOut))
    ]
  }
}
