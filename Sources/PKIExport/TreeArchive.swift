internal import FileStore
package import KubernetesPKI
internal import OpenSSLX509

/// The files of a tree as they are on disk, for an archive.
package enum TreeArchive {
  /// All files that a PKI has, and their directories, as in `/etc/kubernetes`: kubeconfigs beside `pki`. Backups, CSRs' files and
  /// files that pkigen does not know stay out.
  ///
  /// - Throws: ``PKIError/files(_:)`` for a file that cannot be read.
  package static func members(of location: TreeLocation) throws(PKIError) -> [TarArchive.Member] {
    var members: [TarArchive.Member] = []
    var directories: Set<String> = []
    for path in location.knownPaths.sorted() {
      guard let name = name(of: path, in: location),
        let status = try files(FileSystem.status(path, followingLinks: true)), status.isRegular
      else { continue }
      let content = try files(FileSystem.read(path))
      members.append(member(name, status, content))
      var folder = (name: Path.directory(of: name), path: Path.directory(of: path))
      while folder.name != ".", directories.insert(folder.name).inserted {
        if let status = try files(FileSystem.status(folder.path, followingLinks: true)) {
          members.append(member(folder.name, status, nil))
        }
        folder = (Path.directory(of: folder.name), Path.directory(of: folder.path))
      }
    }
    return members
  }

  private static func member(
    _ name: String, _ status: FileSystem.Status, _ content: SecretBytes?
  ) -> TarArchive.Member {
    TarArchive.Member(
      path: name, mode: status.permissions, modified: status.modified / 1_000_000_000, content: content)
  }

  /// The path of a file in the archive.
  private static func name(of path: String, in location: TreeLocation) -> String? {
    if let name = Path.relative(path, to: location.certificateDirectory) { return "pki/\(name)" }
    return location.hasKubeconfigs ? Path.relative(path, to: location.kubeconfigDirectory) : nil
  }
}
