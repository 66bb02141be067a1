package import OpenSSLX509

/// How a certificate and its key, two files, are replaced together.
package enum PairReplacement: String, Codable, Sendable {
  /// In one step, by an exchange of their names, so that no reader finds one new and one old.
  ///
  /// It is for pairs that are read anew for each handshake. A process that watches the files may follow neither of them any
  /// more after an exchange: inotify watches inodes, and both get another name.
  case exchange
  /// By two renames, the key's first.
  ///
  /// It is for pairs that a process watches: such a process goes on with the old pair until both files fit together.
  case renames
}

/// A file that is to be written, or to be removed.
package struct FileChange: Sendable {
  /// What becomes of the place of a file.
  package enum Effect: Sendable {
    /// Nothing is there, and the file is made.
    case create
    /// The file takes the place of one that is there.
    case replace
    /// The file that is there goes away.
    case remove
  }

  /// Where it goes.
  package let path: String
  /// What it is, as a backup's index calls it.
  package let label: String
  /// Its bytes; none for one that is removed.
  package let content: SecretBytes
  /// The mode that it gets, whatever the umask; one that replaces a file keeps that file's.
  package let mode: UInt32
  /// What becomes of its place.
  package let effect: Effect
  /// For a certificate that replaces another: the path of its key, which is replaced together with it, if at all.
  package let keyPath: String?
  /// How the two are replaced, where they are.
  package let replacement: PairReplacement

  /// A file for this path.
  package init(
    path: String, label: String, content: SecretBytes, mode: UInt32, effect: Effect = .create,
    keyPath: String? = nil, replacement: PairReplacement = .renames
  ) {
    self.path = path
    self.label = label
    self.content = content
    self.mode = mode
    self.effect = effect
    self.keyPath = keyPath
    self.replacement = replacement
  }
}

extension FileChange {
  /// Whether there is a file in its place before the run.
  package var replaces: Bool { effect != .create }

  /// Whether it holds a secret: it is made for its owner alone.
  var isSecret: Bool { mode & 0o077 == 0 }
}

/// The two directories over which a set of files is spread. A run locks both, and a journal counts paths from them.
package struct StoreRoots: Hashable, Sendable {
  /// The directory of certificates and keys, which has the journal and the backups.
  package let certificates: String
  /// The directory of kubeconfigs; `nil` where the run leaves kubeconfigs alone.
  package let kubeconfigs: String?
  /// The directories below the first in which files are staged.
  package let subdirectories: [String]
  /// Which other files the run may read and write.
  package let reach: FileReach

  /// Two directories.
  package init(
    certificates: String, kubeconfigs: String?, subdirectories: [String] = [], reach: FileReach = .machine
  ) {
    self.certificates = certificates
    self.kubeconfigs = kubeconfigs
    self.subdirectories = subdirectories
    self.reach = reach
  }

  /// The same directories, and files in these besides.
  func including(_ directories: [String]) -> StoreRoots {
    StoreRoots(
      certificates: certificates, kubeconfigs: kubeconfigs, subdirectories: subdirectories,
      reach: reach.including(directories))
  }
}
