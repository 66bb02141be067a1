internal import FileStore
internal import Kubeconfigs
package import OpenSSLX509

/// Describes the files of steps, for a report.
package struct Describer {
  package let plan: Plan
  /// The files that were made already, by path.
  package let made: [String: PKIFile]

  /// The files of one step, as they are or will be.
  package func files(_ step: Plan.Step) throws(OpenSSLError) -> [Report.File] {
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

  /// The files of a request; a key that is there is used again.
  private func files(
    _ request: PlannedRequest, _ keyPath: String, _ kind: PKIFile.Kind, at path: String
  ) throws(OpenSSLError) -> [Report.File] {
    var file = file(request.place.fileAction, path, .certificateRequest)
    file.request = Report.Request(
      subject: request.specification.subject.description,
      names: try request.specification.names.map(\.description))
    return [self.file(request.key.newAlgorithm == nil ? .keep : .create, keyPath, kind), file]
  }

  private func files(_ profile: CertificateProfile, _ action: Plan.Step.Action) throws(OpenSSLError)
    -> [Report.File]
  {
    let (path, keyPath) = (plan.tree.location.certificate(profile), plan.tree.location.key(profile))
    if case .request(let request) = action {
      return try files(request, keyPath, .privateKey, at: plan.tree.location.request(profile))
    }
    let kept = plan.tree.certificates[profile.id]?.value?.first
    let certificate = file(
      action.fileAction, path, .certificate, try summary(action, at: path, kept: kept), action.predecessor)
    // An authority's key may be elsewhere, and a renewed certificate may keep its own.
    switch action {
    case .keep where plan.tree.keys[profile.id]?.value == nil: return [certificate]
    case .wait, .install: return [certificate]
    default: break
    }
    return [certificate, file(action.keyFileAction, keyPath, .privateKey)]
  }

  private func files(_ profile: KubeconfigProfile, _ action: Plan.Step.Action) throws(OpenSSLError) -> [Report
    .File]
  {
    let path = plan.tree.location.kubeconfig(profile)
    if case .request(let request) = action {
      return try files(request, path, .kubeconfig, at: plan.tree.location.request(profile))
    }
    let kept = plan.tree.kubeconfigs[profile.id]?.value
    let clients = action.clients
    guard !clients.isEmpty else {
      return [
        kubeconfig(
          action.fileAction, path, try summary(action, at: path, kept: kept?.clientCertificates.first),
          user: kept?.userName ?? profile.credentialName ?? profile.commonName.resolved(in: plan.cluster),
          server: kept?.server ?? profile.serverURL(in: plan.cluster))
      ]
    }
    var files: [Report.File] = []
    for client in clients { files += try self.files(client, action, profile.authority) }
    return files
  }

  /// The kubeconfig where something in it changes, and the files that it points to.
  private func files(
    _ client: KubeconfigClient, _ action: Plan.Step.Action, _ authority: CertificateProfile.ID
  ) throws(OpenSSLError) -> [Report.File] {
    let (path, keyPath) = (client.certificatePath, client.keyPath)
    let predecessor = action.predecessor
    let summary = try summary(action, at: path, kept: nil)
    let issuer = plan.tree.certificates[authority]?.value?.first
    let changesTrust = issuer.flatMap(client.sourceToTrust) != nil
    if path == client.path {
      return [kubeconfig(.replace, path, summary, user: client.userName, server: client.server, predecessor)]
    }
    var files = [file(.replace, path, path == keyPath ? .privateKey : .certificate, summary, predecessor)]
    if path != keyPath { files.append(file(action.keyFileAction, keyPath, .privateKey)) }
    let own = kubeconfig(
      changesTrust ? .replace : .keep, client.path, nil, user: client.userName, server: client.server)
    return files + [own]
  }

  private func file(
    _ action: Report.File.Action, _ path: String, _ kind: PKIFile.Kind, _ summary: CertificateSummary? = nil,
    _ predecessor: Predecessor? = nil
  ) -> Report.File {
    Report.File(
      action: action, path: path, kind: kind.rawValue, certificate: summary, user: nil, server: nil,
      previousNotAfter: predecessor?.certificate.validity.notAfter.rfc3339,
      addedNames: predecessor?.addedNames.map(\.description),
      droppedNames: predecessor?.droppedNames.map(\.description))
  }

  private func kubeconfig(
    _ action: Report.File.Action, _ path: String, _ summary: CertificateSummary?, user: String?,
    server: String?,
    _ predecessor: Predecessor? = nil
  ) -> Report.File {
    Report.File(
      action: action, path: path, kind: PKIFile.Kind.kubeconfig.rawValue, certificate: summary, user: user,
      server: server, previousNotAfter: predecessor?.certificate.validity.notAfter.rfc3339, addedNames: nil,
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
    case .install(let installation):
      return try installation.certificates.first.map { (certificate) throws(OpenSSLError) in
        try CertificateSummary(certificate)
      }
    case .keep, .wait, .request, .assemble, .createKeyPair, .derivePublicKey:
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

extension PlannedRequest.Place {
  /// What happens to the file of the request.
  fileprivate var fileAction: Report.File.Action {
    switch self {
    case .empty: .create
    case .other: .replace
    case .same: .keep
    }
  }
}

extension Plan.Step.Action {
  /// What happens to the item's main file.
  fileprivate var fileAction: Report.File.Action {
    switch self {
    case .keep: .keep
    case .wait: .wait
    case .replace: .replace
    case .install(let installation):
      if case .empty = installation.place { .create } else { .replace }
    case .request(let request): request.place.fileAction
    case .create, .assemble, .createKeyPair, .derivePublicKey: .create
    }
  }

  /// What happens to the item's private key.
  fileprivate var keyFileAction: Report.File.Action {
    switch self {
    case .replace(let replacement) where replacement.key.newAlgorithm == nil: .keep
    case .install: .keep
    default: fileAction
    }
  }

  /// What takes the place of something.
  package var replacement: Replacement? {
    if case .replace(let replacement) = self { replacement } else { nil }
  }

  /// The kubeconfigs in which a certificate is replaced.
  fileprivate var clients: [KubeconfigClient] {
    switch self {
    case .replace(let replacement): replacement.clients
    case .install(let installation): installation.client.map { [$0] } ?? []
    default: []
    }
  }

  /// The certificate that is replaced.
  fileprivate var predecessor: Predecessor? {
    switch self {
    case .replace(let replacement):
      Predecessor(
        certificate: replacement.previous, addedNames: replacement.addedNames,
        droppedNames: replacement.droppedNames)
    case .install(let installation): Predecessor(installation)
    default: nil
    }
  }
}

/// A certificate that is replaced, and how its successor differs.
private struct Predecessor {
  let certificate: Certificate
  let addedNames: [GeneralName]
  let droppedNames: [GeneralName]
}

extension Predecessor {
  /// The certificate that one from elsewhere replaces; `nil` where there is none.
  fileprivate init?(_ installation: Installation) {
    guard let previous = installation.previous, let next = installation.certificates.first else { return nil }
    // Names that cannot be read are as good as none.
    let old = (try? previous.subjectAlternativeName())?.names ?? []
    let new = (try? next.subjectAlternativeName())?.names ?? []
    self.init(
      certificate: previous, addedNames: new.filter { !old.contains($0) },
      droppedNames: old.filter { !new.contains($0) })
  }
}
