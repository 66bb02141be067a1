internal import Kubeconfigs
internal import OpenSSLX509

/// Describes what a rotation does.
extension Describer {
  /// The files of a CA that change.
  func rotated(_ entry: CatalogEntry, _ rotation: CARotation) throws(OpenSSLError) -> [Report.File] {
    switch rotation {
    case .arrange(let files), .complete(let files): return try files.map(described)
    case .extend(let renewed): return try extended(entry, renewed)
    case .certify(let certification):
      let path = location.path(of: entry, .crossCertificate)
      let isThere = !plan.tree.succession(of: entry.id).cross.isAbsent
      return try [file(isThere ? .replace : .create, path, .certificate)]
        + certification.present.changes(of: entry, in: plan.tree).filter { $0.path != path }.map(described)
    case .prepare(let successor):
      let path = location.path(of: entry)
      var certificate: CertificateSummary?
      switch successor.origin {
      case .made(let specification):
        // Once it is made, it is last in the file, behind the present certificate.
        if let file = made[path], let last = try Certificate.all(pem: file.content).last {
          certificate = try summary(of: last)
        } else {
          certificate = try summary(specification, at: path)
        }
      case .given(let given, _): certificate = try summary(of: given)
      }
      let cross = successor.cross.map { _ in
        file(.create, location.path(of: entry, .crossCertificate), .certificate)
      }
      let chain = successor.present.above.map { _ in
        file(.replace, location.path(of: entry, .rootChain), .certificate)
      }
      var own = file(.replace, path, .certificate, try summary(of: successor.present.accepted.first))
      own.otherCertificates = [certificate].compactMap(\.self)
      return try [
        own, chain,
        file(.create, location.path(of: entry, .nextKey), .privateKey),
        cross,
      ].compactMap(\.self) + successor.present.changes(of: entry, in: plan.tree).map(described)
    }
  }

  /// The files of a CA that gets new dates; its key stays.
  private func extended(_ entry: CatalogEntry, _ renewed: CAExtension) throws(OpenSSLError) -> [Report.File] {
    let (path, present) = (location.path(of: entry), renewed.present)
    let summary = try summary(renewed.specification, at: path)
    let beside: [(Layout.Part, Bool)] = [
      (.signingCertificate, present.hasSigningFile), (.crossCertificate, renewed.cross != nil),
    ]
    var own = file(
      .replace, path, .certificate, summary,
      Predecessor(certificate: renewed.previous, added: [], dropped: []))
    let kept = present.accepted.filter { !$0.isSameCA(as: renewed.previous) }
    own.otherCertificates = try others([renewed.previous] + kept)
    return [
      own,
      file(.keep, location.path(of: entry, .key), .privateKey),
    ]
      + beside.filter(\.1).map { part, _ in
        file(
          .replace, location.path(of: entry, part), .certificate, part == .signingCertificate ? summary : nil)
      }
  }

  private func described(_ change: RotatedFile) throws(OpenSSLError) -> Report.File {
    let action: Report.File.Action = change.isRemoved ? .remove : change.isThere ? .replace : .create
    guard case .certificates(let certificates) = change.content else {
      return file(action, change.path, change.kind)
    }
    var changed = file(action, change.path, change.kind, try summary(of: certificates.first))
    changed.otherCertificates = try others(certificates)
    return changed
  }

  /// The files of the key of service-account tokens that change.
  func rotated(_ rotation: ServiceAccountRotation) throws(OpenSSLError) -> [Report.File] {
    switch rotation {
    case .arrange(let files): return try files.map(described)
    case .prepare:
      return [
        file(.replace, location.serviceAccountPublicKey, .publicKey),
        file(.create, location.path(location.layout.serviceAccountNextKey), .privateKey),
      ]
    }
  }

  /// The files of a certificate that stays.
  func adjusted(_ entry: CatalogEntry, _ adjustment: Adjustment) throws(OpenSSLError) -> [Report.File] {
    let summary = try summary(of: adjustment.certificate)
    guard let client = adjustment.client else {
      return [file(.replace, location.path(of: entry), .certificate, summary)]
    }
    let own = kubeconfig(.replace, client.path, summary, user: client.userName, server: client.server)
    guard let path = client.certificateSource.file,
      adjustment.takesNewCross || client.certificates != [adjustment.certificate] + adjustment.chain
    else { return [own] }
    return [file(.replace, path, path == client.keyPath ? .privateKey : .certificate, summary), own]
  }
}
