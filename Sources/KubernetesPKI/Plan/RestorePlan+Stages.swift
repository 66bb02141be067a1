internal import FileStore
internal import OpenSSLX509

/// The stages of rotations, which the files of a backup alone may not make.
extension RestorePlan {
  /// The rotations that have a stage now and would have none, as where the backup is that of an earlier run than the last one.
  func stageFindings(in tree: TreeContents) -> [Finding] {
    let restored = restoredTree(tree)
    let cas = Catalog.allFiles.cas.compactMap { ca -> Finding? in
      finding(ca, tree.stage(of: ca), restored.stage(of: ca), tree)
    }
    let sa = finding(nil, tree.serviceAccountStage, restored.serviceAccountStage, tree)
    return cas + [sa].compactMap(\.self)
  }

  private func finding(
    _ ca: CatalogEntry?, _ present: RotationStage, _ restored: RotationStage, _ tree: TreeContents
  ) -> Finding? {
    guard case .irregular(let irregular) = restored else { return nil }
    if case .irregular = present { return nil }
    let isRotating = present == .prepared || present == .switched
    return Finding(
      .irregularRotation, irregular.files,
      "the backup is not of the last run that changed these files: with it, \(irregular.message)",
      remedy: Remedy(
        [
          isRotating
            ? .goBack(ca?.id) : .advice("restore the backups of later runs first, the newest first")
        ], in: TreeContext(tree.location, tree.catalog)))
  }

  /// The files that rotations change, as the run would leave them.
  private func restoredTree(_ tree: TreeContents) -> TreeContents {
    let (location, layout) = (tree.location, tree.location.layout)
    let parts: [Layout.Part] = [.certificate, .key, .nextKey, .previousKey, .crossCertificate]
    let paths =
      Catalog.allFiles.cas.flatMap { ca in parts.map { location.path(of: ca, $0) } }
      + [
        layout.serviceAccountKey, layout.serviceAccountPublicKey, layout.serviceAccountNextKey,
        layout.serviceAccountPreviousKey,
      ].map(location.path)
    var contents: [String: SecretBytes] = [:]
    for path in paths {
      if let file = files.first(where: { $0.path == path }) {
        contents[path] = file.isRemoved ? nil : file.content
      } else {
        // What cannot be read has a finding of its own.
        contents[path] = try? FileSystem.read(location.reach.place(ofRelative: path) ?? path)
      }
    }
    return TreeContents(files: contents, at: location, catalog: .allFiles)
  }
}
