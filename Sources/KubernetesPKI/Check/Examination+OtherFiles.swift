package import FileStore
internal import OpenSSLX509

/// Private keys in files beside those of the catalog: copies, what a rotation by hand left, kubeconfigs of users.
extension Examination {
  /// The files of the tree's directories that others than their owner can read or overwrite, and that hold a private key.
  ///
  /// - Parameter known: the files that are looked at already.
  package func otherSecrets(
    besides known: [FileSystem.Status]
  ) -> [(path: String, status: FileSystem.Status)] {
    // A directory that cannot be listed is reported where its files are missing.
    let below = location.reach.place(ofDirectory: location.certificateDirectory)
      .flatMap { try? FileSystem.files(below: $0) }
    let beside =
      location.hasKubeconfigs
      ? location.reach.place(ofDirectory: location.kubeconfigDirectory)
        .flatMap { directory in
          (try? FileSystem.names(in: directory))?.map { Path.join(directory, $0) }
        } : nil
    var seen = Set(known.map(Inode.init))
    return ((below ?? []) + (beside ?? [])).compactMap { path in
      guard let status = (try? FileSystem.status(path)) ?? nil, status.isRegular,
        status.permissions & 0o077 != 0, seen.insert(Inode(status)).inserted,
        let content = try? FileSystem.read(path), content.holdsPrivateKey
      else { return nil }
      return (path, status)
    }
  }

  /// What two names of one file have in common.
  private struct Inode: Hashable {
    let device: UInt
    let inode: UInt

    init(_ status: FileSystem.Status) {
      device = status.device
      inode = status.inode
    }
  }
}

extension SecretBytes {
  /// Whether a text has a private key in PEM that is not encrypted, or is a kubeconfig with one.
  fileprivate var holdsPrivateKey: Bool {
    PEMBlock.read(self).blocks.contains { $0.isPrivateKey && $0.label != "ENCRYPTED PRIVATE KEY" }
      || copy.hasClientKey
  }
}

extension [UInt8] {
  /// Whether a kubeconfig in YAML or JSON embeds a client key: PEM in base64 after the name of the field.
  fileprivate var hasClientKey: Bool {
    let beginning = Array("LS0tLS1CRUdJTi".utf8)
    return ranges(of: Array("client-key-data".utf8)).contains { range in
      self[range.upperBound...].drop { "\"': \t\r\n".utf8.contains($0) }.starts(with: beginning)
    }
  }
}
