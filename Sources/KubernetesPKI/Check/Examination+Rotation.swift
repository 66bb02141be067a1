internal import OpenSSLX509

/// The files that a rotation leaves beside a CA.
extension Examination {
  /// What is wrong with the rotations of a tree.
  ///
  /// A bundle that somebody else made has no files beside it, and is no rotation of pkigen.
  func rotationFindings() -> [Finding] {
    var findings = catalog.cas.flatMap { row in
      (isRotated(row) ? [stageFinding(row), successionKeyFinding(row)] : [])
        + [crossFinding(row), signingFinding(row)]
    }
    if !tree.serviceAccountNextKey.isAbsent || !tree.serviceAccountPreviousKey.isAbsent,
      tree.serviceAccountKey.value != nil, case .irregular(let finding) = tree.serviceAccountStage
    {
      findings.append(located(finding))
    }
    return findings.compactMap(\.self)
  }

  /// A finding about the stage of a rotation, whose commands name this tree.
  package func located(_ finding: Finding) -> Finding {
    Finding(
      finding.code, finding.files, finding.message, remedy: Remedy(finding.remedy.actions, in: context),
      cause: finding.cause)
  }

  /// Whether files are beside a CA that only a rotation makes.
  private func isRotated(_ ca: CatalogEntry) -> Bool {
    !tree.keysBeside(ca).isEmpty || !tree.succession(of: ca.id).cross.isAbsent
      || !tree.succession(of: ca.id).signing.isAbsent
  }

  /// That the files are of no stage. What else is wrong with them has a finding already.
  private func stageFinding(_ ca: CatalogEntry) -> Finding? {
    guard case .irregular(let finding) = tree.stage(of: ca) else { return nil }
    let beside = tree.succession(of: ca.id)
    if [beside.nextKey.finding, beside.previousKey.finding].contains(finding) { return located(finding) }
    let signer = tree[ca.id].key.value?.publicKey
    let isPair = signer.map { key in tree.ca(ca.id)?.accepted.contains { $0.publicKey == key } == true }
    return finding.code == .irregularRotation && isPair != false ? located(finding) : nil
  }

  /// That a key is not here which signs at the next stage, or on the way back.
  package func successionKeyFinding(_ ca: CatalogEntry) -> Finding? {
    let (files, path) = (tree.succession(of: ca.id), location.path(of: ca))
    switch tree.stage(of: ca) {
    case .prepared where files.nextKey.isAbsent:
      let keyPath = location.path(of: ca, .nextKey)
      return Finding(
        .irregularRotation, [keyPath, path],
        "\(keyPath) is missing, the key of the successor in \(path), which cannot sign without it",
        remedy: remedy(.putBack([keyPath]), .rotateIfLost(.back, ca.id)))
    case .switched where files.previousKey.isAbsent:
      let keyPath = location.path(of: ca, .previousKey)
      return Finding(
        .irregularRotation, [keyPath, path],
        "\(keyPath) is missing, the key of the predecessor in \(path), without which there is no way back",
        remedy: remedy(.putBack([keyPath]), .rotateIfLost(.retire, ca.id)))
    default: return nil
    }
  }

  /// That the successor of a CA is not certified by it, although the CA may do so.
  package func crossFinding(_ ca: CatalogEntry) -> Finding? {
    guard let succession = tree.caSuccession(of: ca) else { return nil }
    let (content, path) = (tree.succession(of: ca.id).cross, location.path(of: ca, .crossCertificate))
    let isPrepared = tree.stage(of: ca) == .prepared
    let again = Remedy.Action.rotateAgain(isPrepared ? .prepare : .switchOver, ca.id)
    let without = isPrepared ? [Remedy.Action.switchWithoutCross(ca.id)] : []
    let files = [path, location.path(of: ca)]
    guard !content.isAbsent else {
      guard !tree.keysBeside(ca).isEmpty else { return nil }
      // Where leaves do not have it either, it was not wanted.
      guard succession.permitsCross, isPrepared || isCrossInUse(of: ca, succession) else { return nil }
      return Finding(
        .crossCertificateMissing, files,
        "\(path) is missing, by which what trusts the predecessor alone accepts what the successor signs",
        remedy: Remedy([again] + without, in: context))
    }
    let problem: String
    if let cross = content.value?.first, succession.isCross(cross) {
      guard cross.validity.notAfter < instant, succession.predecessor.validity.notAfter >= instant else {
        return nil
      }
      problem = "has expired, and \(location.path(of: ca)) has not"
    } else {
      problem = "is not the successor in \(location.path(of: ca)), certified by its predecessor"
    }
    return Finding(
      .crossCertificateMismatch, files, "\(path) \(problem)", remedy: Remedy([again] + without, in: context))
  }

  /// Whether leaves are followed by the successor as its predecessor certifies it.
  private func isCrossInUse(of ca: CatalogEntry, _ succession: CASuccession) -> Bool {
    catalog.entries.contains { entry in
      entry.ca == ca.id && tree[entry.id].following.contains(where: succession.isCross)
    }
  }

  /// Whether kube-controller-manager finds another certificate than the one that it signs with, or more than one.
  package func signingFinding(_ ca: CatalogEntry) -> Finding? {
    guard ca.id == .ca, let authority = tree.ca(ca.id), authority.key.signing != nil else { return nil }
    let signing = tree.succession(of: ca.id).signing
    guard signing.value != [authority.issuing], authority.accepted.count > 1 || !signing.isAbsent else {
      return nil
    }
    let (path, signingPath) = (location.path(of: ca), location.path(of: ca, .signingCertificate))
    let isOfRotation = isRotated(ca)
    let again = isOfRotation ? tree.stage(of: ca).verb.map { Remedy.Action.rotateAgain($0, ca.id) } : nil
    let other: Remedy.Action =
      isOfRotation
      ? .rotationAdvice(ca.id) : .separateSigningCertificate(path, key: location.path(of: ca, .key))
    guard signing.isAbsent else {
      return Finding(
        .signingFileMismatch, [signingPath, path],
        "\(signingPath) is not the certificate alone with which kube-controller-manager signs, the first of \(path)",
        remedy: remedy(again ?? other))
    }
    return Finding(
      .caBundle, [path] + (isOfRotation ? [signingPath] : []),
      "\(path) holds \(authority.accepted.count) certificates, and kube-controller-manager signs with a file of exactly one"
        + (isOfRotation ? ": \(signingPath) is missing" : ""),
      remedy: remedy(again ?? other))
  }
}
