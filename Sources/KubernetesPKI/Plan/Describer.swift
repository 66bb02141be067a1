internal import OpenSSLX509

/// Describes the files of steps, for a report.
struct Describer {
  let plan: Plan
  /// The files that were made already, by path.
  let made: [String: PKIFile]

  /// The files of one step, as they are or will be.
  func files(_ step: Plan.Step) throws(OpenSSLError) -> [Report.File] {
    let location = plan.tree.location
    switch step.item {
    case .root(let root): return try files(root, step.action)
    case .bundle(let profile): return [file(step.action.fileAction, location.bundle(profile), .certificate)]
    case .certificate(let profile): return try files(profile, step.action)
    case .serviceAccountKey:
      let keepsPrivateKey = plan.tree.serviceAccountPrivateKey.value != nil
      return [
        file(keepsPrivateKey ? .keep : .create, location.serviceAccountPrivateKey, .privateKey),
        file(step.action.fileAction, location.serviceAccountPublicKey, .publicKey),
      ]
    case .kubeconfig(let profile): return try files(profile, step.action)
    }
  }

  /// The key of a root that is there is nobody's business.
  private func files(_ root: RootAuthority, _ action: Plan.Step.Action) throws(OpenSSLError) -> [Report.File]
  {
    let summary = try summary(action, at: root.certificatePath, kept: root.certificate)
    let certificate = file(action.fileAction, root.certificatePath, .certificate, summary)
    guard case .create = action, let keyPath = root.keyPath else { return [certificate] }
    return [certificate, file(.create, keyPath, .privateKey)]
  }

  private func files(_ profile: CertificateProfile, _ action: Plan.Step.Action) throws(OpenSSLError)
    -> [Report.File]
  {
    let (path, keyPath) = (plan.tree.location.certificate(profile), plan.tree.location.key(profile))
    let kept = plan.tree.certificates[profile.id]?.value?.first
    let certificate = file(
      action.fileAction, path, .certificate, try summary(action, at: path, kept: kept), action.replacement)
    // An authority's key may be elsewhere, and a renewed certificate may keep its own.
    if case .keep = action, plan.tree.keys[profile.id]?.value == nil { return [certificate] }
    return [certificate, file(action.keyFileAction, keyPath, .privateKey)]
  }

  private func files(_ profile: KubeconfigProfile, _ action: Plan.Step.Action) throws(OpenSSLError) -> [Report
    .File]
  {
    let path = plan.tree.location.kubeconfig(profile)
    let kept = plan.tree.kubeconfigs[profile.id]?.value
    guard let replacement = action.replacement else {
      return [
        kubeconfig(
          action.fileAction, path, try summary(action, at: path, kept: kept?.clientCertificates.first),
          user: kept?.userName ?? profile.credentialName ?? profile.commonName.resolved(in: plan.cluster),
          server: kept?.server ?? profile.serverURL(in: plan.cluster))
      ]
    }
    var files: [Report.File] = []
    for client in replacement.clients { files += try self.files(client, action, replacement) }
    return files
  }

  /// The kubeconfig where something in it changes, and the files that it points to.
  private func files(
    _ client: KubeconfigClient, _ action: Plan.Step.Action, _ replacement: Replacement
  ) throws(OpenSSLError) -> [Report.File] {
    let (path, keyPath) = (client.certificatePath, client.keyPath)
    let summary = try summary(action, at: path, kept: nil)
    let issuer = plan.tree.certificates[replacement.authority]?.value?.first
    let changesTrust = issuer.flatMap(client.sourceToTrust) != nil
    if path == client.path {
      return [kubeconfig(.replace, path, summary, user: client.userName, server: client.server, replacement)]
    }
    var files = [file(.replace, path, path == keyPath ? .privateKey : .certificate, summary, replacement)]
    if path != keyPath { files.append(file(action.keyFileAction, keyPath, .privateKey)) }
    let own = kubeconfig(
      changesTrust ? .replace : .keep, client.path, nil, user: client.userName, server: client.server)
    return files + [own]
  }

  private func file(
    _ action: Report.File.Action, _ path: String, _ kind: PKIFile.Kind, _ summary: CertificateSummary? = nil,
    _ replacement: Replacement? = nil
  ) -> Report.File {
    Report.File(
      action: action, path: path, kind: kind.rawValue, certificate: summary, user: nil, server: nil,
      previousNotAfter: replacement?.previous.validity.notAfter.rfc3339,
      addedNames: replacement?.addedNames.map(\.description),
      droppedNames: replacement?.droppedNames.map(\.description))
  }

  private func kubeconfig(
    _ action: Report.File.Action, _ path: String, _ summary: CertificateSummary?, user: String?,
    server: String?,
    _ replacement: Replacement? = nil
  ) -> Report.File {
    Report.File(
      action: action, path: path, kind: PKIFile.Kind.kubeconfig.rawValue, certificate: summary, user: user,
      server: server, previousNotAfter: replacement?.previous.validity.notAfter.rfc3339, addedNames: nil,
      droppedNames: nil)
  }

  private func summary(
    _ action: Plan.Step.Action, at path: String, kept: Certificate?
  ) throws(OpenSSLError) -> CertificateSummary? {
    if let certificate = made[path]?.certificate { return try CertificateSummary(certificate) }
    switch action {
    case .create(let specification):
      return try CertificateSummary(specification, issuer: issuerName(specification))
    case .replace(let replacement):
      return try CertificateSummary(replacement.specification, issuer: issuerName(replacement.specification))
    case .keep, .assemble, .createKeyPair, .derivePublicKey:
      return try kept.map { (certificate) throws(OpenSSLError) in try CertificateSummary(certificate) }
    }
  }

  private func issuerName(_ specification: CertificateSpecification) -> String {
    switch specification.issuer {
    case .itself: return specification.subject.description
    case .root: return plan.root?.certificate?.subject.description ?? "CN = \(RootAuthority.commonName)"
    case .authority(let id):
      if let kept = plan.tree.certificates[id]?.value?.first { return kept.subject.description }
      for case .certificate(let profile) in plan.steps.map(\.item) where profile.id == id {
        return profile.commonName.resolved(in: plan.cluster).map { "CN = \($0)" } ?? ""
      }
      return ""
    }
  }
}

extension Plan.Step.Action {
  /// What happens to the item's main file.
  fileprivate var fileAction: Report.File.Action {
    switch self {
    case .keep: .keep
    case .replace: .replace
    case .create, .assemble, .createKeyPair, .derivePublicKey: .create
    }
  }

  /// What happens to the item's private key.
  fileprivate var keyFileAction: Report.File.Action {
    if case .replace(let replacement) = self, case .existing = replacement.key { return .keep }
    return fileAction
  }

  /// What takes the place of something.
  var replacement: Replacement? {
    if case .replace(let replacement) = self { replacement } else { nil }
  }
}
