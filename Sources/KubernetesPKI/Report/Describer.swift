internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509

/// Describes the files of steps, for a report.
struct Describer {
  let plan: Plan
  /// The files that were made already, by path.
  let made: [String: PKIFile]

  var location: TreeLocation { plan.tree.location }

  /// The files of one step, as they are or will be.
  func files(_ step: Plan.Step) throws(OpenSSLError) -> [Report.File] {
    switch step {
    case .keep(.entry(let entry)): return try kept(entry, .keep)
    case .wait(let entry): return try kept(entry, .wait)
    case .keep(.root(let root)):
      return [file(.keep, root.certificatePath, .certificate, try summary(of: root.certificate))]
    case .keep(.rootChain(let entry)):
      return [file(.keep, location.path(of: entry, .rootChain), .certificate)]
    case .keep(.serviceAccountKey): return serviceAccountFiles(.keep, .keep)
    case .createRoot(let root, let specification):
      return [
        file(
          .create, root.certificatePath, .certificate, try summary(specification, at: root.certificatePath))
      ] + (root.keyPath.map { [file(.create, $0, .privateKey)] } ?? [])
    case .writeRootChain(let entry):
      return [file(.create, location.path(of: entry, .rootChain), .certificate)]
    case .create(let entry, let specification): return try created(entry, specification)
    case .request(let entry, let csr): return requested(entry, csr)
    case .install(let entry, let installation): return try installed(entry, installation)
    case .replace(let entry, let replacement): return try replaced(entry, replacement)
    case .rotate(let entry, let rotation): return try rotated(entry, rotation)
    case .adjust(let entry, let adjustment): return try adjusted(entry, adjustment)
    case .rotateServiceAccountKey(let rotation): return try rotated(rotation)
    case .createServiceAccountKey: return serviceAccountFiles(.create, .create)
    case .derivePublicKey: return serviceAccountFiles(.keep, .create)
    }
  }

  private func serviceAccountFiles(
    _ key: Report.File.Action, _ publicKey: Report.File.Action
  ) -> [Report.File] {
    [
      file(key, location.serviceAccountKey, .privateKey),
      file(publicKey, location.serviceAccountPublicKey, .publicKey),
    ]
  }

  /// The files of an entry that stays as it is, or waits for its certificate.
  private func kept(_ entry: CatalogEntry, _ action: Report.File.Action) throws(OpenSSLError) -> [Report.File]
  {
    let contents = plan.tree[entry.id]
    let (path, summary) = (location.path(of: entry), try summary(of: contents.certificate))
    if let names = entry.kubeconfig {
      let kubeconfig = contents.kubeconfig.value
      return [
        self.kubeconfig(
          action, path, summary,
          user: kubeconfig?.userName ?? names.user ?? entry.commonName.resolved(in: plan.cluster),
          server: kubeconfig?.server ?? names.serverURL(in: plan.cluster))
      ]
    }
    // An external CA has no key here.
    let hasKey = action == .keep && contents.key.value != nil
    var own = file(action, path, .certificate, summary)
    if entry.isCA { own.otherCertificates = try others(contents.certificates.value ?? []) }
    return [own]
      + (hasKey ? [file(.keep, location.path(of: entry, .key), .privateKey)] : [])
  }

  private func created(
    _ entry: CatalogEntry, _ specification: CertificateSpecification
  ) throws(OpenSSLError) -> [Report.File] {
    let path = location.path(of: entry)
    let summary = try summary(specification, at: path)
    guard let names = entry.kubeconfig else {
      return [
        file(.create, path, .certificate, summary),
        file(.create, location.path(of: entry, .key), .privateKey),
      ]
    }
    return [
      kubeconfig(
        .create, path, summary, user: names.user ?? specification.content.subject.commonName,
        server: names.serverURL(in: plan.cluster))
    ]
  }

  /// The files of a CSR; a key that is there is used again.
  private func requested(_ entry: CatalogEntry, _ csr: PlannedCSR) -> [Report.File] {
    let action: Report.File.Action =
      switch csr.place {
      case .empty: .create
      case .other: .replace
      case .same: .keep
      }
    var request = file(action, location.path(of: entry, .request), .certificateRequest)
    request.request = Report.Request(
      subject: csr.content.subject.description, names: csr.content.sans.map(\.description))
    let key = file(
      csr.content.key.newAlgorithm == nil ? .keep : .create, location.path(of: entry, .key),
      entry.isKubeconfig ? .kubeconfig : .privateKey)
    return [key, request]
  }

  private func installed(
    _ entry: CatalogEntry, _ installation: Installation
  ) throws(OpenSSLError) -> [Report.File] {
    let certificate = try summary(of: installation.certificates.first)
    let predecessor = Predecessor(installation)
    if let client = installation.client {
      return files(
        client, certificate, predecessor, changesTrust: client.sourceToTrust(installation.trust) != nil,
        keyAction: .keep)
    }
    let action: Report.File.Action =
      if case .empty = installation.place { .create } else { .replace }
    guard entry.isKubeconfig else {
      return [file(action, location.path(of: entry), .certificate, certificate, predecessor)]
    }
    let kubeconfig = plan.tree[entry.id].kubeconfig.value
    return [
      self.kubeconfig(
        action, location.path(of: entry), certificate, user: kubeconfig?.userName, server: kubeconfig?.server)
    ]
  }

  private func replaced(
    _ entry: CatalogEntry, _ replacement: Replacement
  ) throws(OpenSSLError) -> [Report.File] {
    let specification = replacement.specification
    let keyAction: Report.File.Action = specification.content.key.newAlgorithm == nil ? .keep : .replace
    let predecessor = Predecessor(
      certificate: replacement.previous, added: replacement.addedSANs, dropped: replacement.droppedSANs)
    guard entry.isKubeconfig else {
      let path = location.path(of: entry)
      return [
        file(.replace, path, .certificate, try summary(specification, at: path), predecessor),
        file(keyAction, location.path(of: entry, .key), .privateKey),
      ]
    }
    var files: [Report.File] = []
    for client in replacement.clients {
      files += self.files(
        client, try summary(specification, at: client.certificatePath), predecessor,
        changesTrust: client.sourceToTrust(replacement.trust) != nil || client.newServer != nil
          || client.caSource?.isEmbedded == true && plan.extensions.contains { $0.entry.id == entry.ca },
        keyAction: keyAction)
    }
    return files
  }

  /// The kubeconfig where something in it changes, and the files that it points to.
  private func files(
    _ client: KubeconfigClient, _ summary: CertificateSummary?, _ predecessor: Predecessor?,
    changesTrust: Bool,
    keyAction: Report.File.Action
  ) -> [Report.File] {
    let (path, keyPath) = (client.certificatePath, client.keyPath)
    if path == client.path {
      return [
        kubeconfig(
          .replace, path, summary, user: client.userName, server: client.newServer ?? client.server,
          predecessor)
      ]
    }
    var files = [file(.replace, path, path == keyPath ? .privateKey : .certificate, summary, predecessor)]
    if path != keyPath { files.append(file(keyAction, keyPath, .privateKey)) }
    let own = kubeconfig(
      changesTrust ? .replace : .keep, client.path, nil, user: client.userName,
      server: client.newServer ?? client.server)
    return files + [own]
  }
}

extension Describer {
  func file(
    _ action: Report.File.Action, _ path: String, _ kind: PKIFile.Kind, _ summary: CertificateSummary? = nil,
    _ predecessor: Predecessor? = nil
  ) -> Report.File {
    Report.File(
      action: action, path: path, kind: kind.rawValue, certificate: summary, user: nil, server: nil,
      previousNotAfter: predecessor?.certificate.validity.notAfter.rfc3339,
      addedNames: predecessor?.added.map(\.description), droppedNames: predecessor?.dropped.map(\.description)
    )
  }

  func kubeconfig(
    _ action: Report.File.Action, _ path: String, _ summary: CertificateSummary?, user: String?,
    server: String?, _ predecessor: Predecessor? = nil
  ) -> Report.File {
    Report.File(
      action: action, path: path, kind: PKIFile.Kind.kubeconfig.rawValue, certificate: summary, user: user,
      server: server, previousNotAfter: predecessor?.certificate.validity.notAfter.rfc3339, addedNames: nil,
      droppedNames: nil)
  }

  /// What the certificates after the first say; `nil` where there are none.
  func others(_ certificates: [Certificate]) throws(OpenSSLError) -> [CertificateSummary]? {
    guard certificates.count > 1 else { return nil }
    return try certificates.dropFirst().map { (certificate) throws(OpenSSLError) in
      try CertificateSummary(certificate)
    }
  }

  func summary(of certificate: Certificate?) throws(OpenSSLError) -> CertificateSummary? {
    guard let certificate else { return nil }
    return try CertificateSummary(certificate)
  }

  /// What a certificate says that is to be made; where it was made already, what it says itself.
  func summary(
    _ specification: CertificateSpecification, at path: String
  ) throws(OpenSSLError) -> CertificateSummary {
    if let certificate = made[path]?.certificate { return try CertificateSummary(certificate) }
    return CertificateSummary(specification, issuer: issuerName(specification))
  }

  private func issuerName(_ specification: CertificateSpecification) -> String {
    switch specification.issuer {
    case .itself: return specification.content.subject.description
    case .root: return plan.root?.certificate?.subject.description ?? "CN = \(RootCA.commonName)"
    case .ca(let id):
      if let ca = plan.tree.ca(id) { return ca.issuing.subject.description }
      for case .create(let entry, let ca) in plan.steps where entry.id == id {
        return ca.content.subject.description
      }
      return ""
    }
  }
}

/// A certificate that is replaced, and how its successor differs.
struct Predecessor {
  let certificate: Certificate
  let added: [GeneralName]
  let dropped: [GeneralName]
}

extension Predecessor {
  /// The certificate that an installed one replaces; `nil` where there is none.
  fileprivate init?(_ installation: Installation) {
    guard let previous = installation.previous, let next = installation.certificates.first else { return nil }
    // Names that cannot be read are as good as none.
    let old = (try? previous.subjectAlternativeName())?.names ?? []
    let new = (try? next.subjectAlternativeName())?.names ?? []
    self.init(
      certificate: previous, added: new.filter { !old.contains($0) },
      dropped: old.filter { !new.contains($0) })
  }
}
