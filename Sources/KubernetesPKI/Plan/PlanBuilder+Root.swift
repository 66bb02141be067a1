internal import FoundationEssentials
internal import OpenSSLX509

/// The authority above the tree, and the certificates that lead to it.
extension PlanBuilder {
  /// Whether some authority has to be signed by the root.
  private var isRootInDemand: Bool {
    catalog.certificates.contains { $0.role == .authority && isToBeCreated($0.id) }
  }

  package mutating func addRoot() {
    guard let root else { return }
    guard root.isToBeMade else {
      return keep(.root(root), examination.rootFindings(root, signs: isRootInDemand))
    }
    // Where every authority is there already, that none of them can be below a new one is said of each.
    guard isRootInDemand else { return }
    let start = examination.instant.addingTimeInterval(-300)
    let lifetime = Double(cluster.caCertificateValidity.seconds * RootAuthority.lifetimeFactor)
    let end = min(examination.instant.addingTimeInterval(lifetime), Validity.endOfTime)
    create(.root(root)) { (cluster) throws(PKIError) in
      try CertificateSpecification(
        authority: RootAuthority.commonName, pathLength: 1, issuer: .itself,
        validity: Validity(notBefore: start, notAfter: end), keyAlgorithm: cluster.keyAlgorithm)
    }
  }

  /// The way from an authority to the root: put together where there is a root and no such file, kept where there is one.
  package mutating func addBundle(of profile: CertificateProfile) {
    guard let content = tree.bundles[profile.id], !content.isAbsent else {
      if root != nil { steps.append(Plan.Step(item: .bundle(profile), action: .assemble)) }
      return
    }
    guard isToBeCreated(profile.id) else {
      return keep(.bundle(profile), examination.bundleFindings(profile))
    }
    let path = examination.location.bundle(profile)
    errors.append(
      .unsound(
        Finding(
          .missingFile, [examination.location.certificate(profile), path],
          "\(path) is there, but the certificate of its authority, \(examination.location.certificate(profile)), is not",
          remedy: "put back the authority; or move \(path) away for a new one")))
  }

  /// Why an authority cannot be made where there is a root, or where others have one.
  package func rootError(_ profile: CertificateProfile, _ commonName: String) -> PKIError? {
    guard let root else {
      let others = catalog.certificates.first { tree.bundles[$0.id]?.value != nil }
      return others.map { other in
        let path = examination.location.bundle(other)
        return .unsound(
          Finding(
            .authorityKeyMissing, [path],
            "the authorities of this tree are below a root (\(path)), whose key has to sign \(profile.id.rawValue)",
            remedy: "name the root with --root-ca-cert and --root-ca-key"))
      }
    }
    guard let name = root.certificate?.subject, name.attributes.count == 1, name.commonName == commonName
    else {
      return nil
    }
    return .unsound(
      Finding(
        .wrongIdentity, [root.certificatePath],
        "\(root.certificatePath) has the name of the authority \(profile.id.rawValue), which would look self-signed",
        remedy: "use a root of another name"))
  }

  /// Whether an authority that is there is below the root that was named.
  package func strangerFindings(_ profile: CertificateProfile) -> [Finding] {
    guard let root, profile.role == .authority, let authority = examination.authority(profile.id) else {
      return []
    }
    if let certificate = root.certificate, authority.isIssued(by: certificate) { return [] }
    if root.certificate == nil, !root.isToBeMade { return [] }
    let path = examination.location.certificate(profile)
    return [
      Finding(
        .wrongAuthority, [path, root.certificatePath],
        "\(path) is there, and was not signed by \(root.certificatePath)",
        remedy: "leave the root out, and the authorities stay what they are; or begin with an empty directory"
      )
    ]
  }
}
