internal import FileStore
internal import OpenSSLX509
internal import StructuredText

/// What putting a backup back does: the files of the backup, each for the place that it was copied from.
package struct RestorePlan: Sendable {
  /// The files.
  package internal(set) var files: [PKIFile]
  /// What is not among them, as nothing would be gained by putting it back, and why.
  package internal(set) var refusals: [Finding]
  /// What the user should know although it stops nothing; see ``compare(with:at:)``.
  package internal(set) var warnings: [String] = []
  /// What does not come back, as it is outside of the tree.
  package let outside: [Finding]
  /// The SANs that come and go, by the path of the certificate.
  package internal(set) var changes: [String: SANChange] = [:]

  /// Reads a backup of a tree.
  ///
  /// - Throws: ``PKIErrors`` when `directory` is none, or with every file in it that is not as it was copied.
  package init(restoring directory: String, to location: TreeLocation) throws(PKIErrors) {
    var files: [PKIFile] = []
    var refusals: [Finding] = []
    let stored: [Backup.File]
    let errors: [FileError]
    let created: [String]
    do throws(FileError) {
      let paths: [String]
      (stored, errors, paths, created) = try Backup.read(directory, of: location.roots)
      outside = paths.isEmpty ? [] : [Self.outside(paths, location)]
    } catch {
      throw PKIErrors([.files(error)])
    }
    guard errors.isEmpty else { throw PKIErrors(errors.map { .files($0) }) }
    do throws(FileError) {
      for file in stored {
        if let key = file.keyTarget, !file.hasKey, !Self.isPair(file.content, Self.place(of: key, location)) {
          refusals.append(Self.keyGone(file.target, key))
          continue
        }
        files.append(
          PKIFile(
            PKIFile.Kind(rawValue: file.label) ?? .object, at: file.target, file.content,
            certificate: try? Certificate.all(pem: file.content).first,
            replaces: try FileSystem.status(Self.place(of: file.target, location), followingLinks: true)
              != nil,
            keyPath: file.keyTarget, replacement: Self.replacement(of: file.target, location)))
      }
      for path in Self.removable(created, in: location)
      where try FileSystem.status(Self.place(of: path, location)) != nil {
        files.append(PKIFile(removing: path.hasSuffix(".key") ? .privateKey : .certificate, at: path))
      }
    } catch {
      throw PKIErrors([.files(error)])
    }
    self.files = files
    self.refusals = refusals
  }

  /// Of the files that a run has made, those that belong to the stage of a rotation. The file with which
  /// kube-controller-manager signs is not among them: its manifest may name it.
  private static func removable(_ created: [String], in location: TreeLocation) -> [String] {
    let parts: [Layout.Part] = [.nextKey, .previousKey, .crossCertificate]
    let layout = location.layout
    let known =
      Catalog.allFiles.cas.flatMap { ca in parts.map { location.path(of: ca, $0) } }
      + [layout.serviceAccountNextKey, layout.serviceAccountPreviousKey].map(location.path)
    return created.filter(known.contains)
  }

  private static func outside(_ paths: [String], _ location: TreeLocation) -> Finding {
    return Finding(
      .outsideTree, paths,
      "the backup has \(paths.listed), outside of the tree, and \(paths.count == 1 ? "it is" : "they are") not put back",
      remedy: Remedy(
        (paths.contains { $0.hasPrefix("/") } ? [.nameRootDirectory] : [])
          + (location.hasKubeconfigs ? [] : [.nameKubeconfigDirectory])))
  }

  /// Where a file of the tree is, by way of links.
  private static func place(of path: String, _ location: TreeLocation) -> String {
    location.reach.place(ofRelative: path) ?? path
  }

  /// How a certificate of the catalog and its key are replaced. A pair outside of the tree is one that a kubeconfig names,
  /// which clients read for each handshake.
  private static func replacement(of path: String, _ location: TreeLocation) -> PairReplacement {
    Catalog.allFiles.entries.first { location.path(of: $0) == path }?.replacement ?? .exchange
  }

  /// Whether the key in place is that of a certificate which is to be put back without one.
  private static func isPair(_ certificate: SecretBytes, _ keyPath: String) -> Bool {
    guard let certificate = try? Certificate.all(pem: certificate).first,
      let key = try? FileSystem.read(keyPath)
    else { return false }
    return (try? PrivateKey(pem: key).isPair(of: certificate.publicKey)) == true
  }

  private static func keyGone(_ path: String, _ keyPath: String) -> Finding {
    Finding(
      .keyMissing, [path, keyPath],
      "\(path) is left as it is: the private key of the certificate that it was is neither in the backup nor in"
        + " \(keyPath)",
      .restoreLaterBackup(key: keyPath))
  }
}
