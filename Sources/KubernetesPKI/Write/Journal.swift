internal import FoundationEssentials
internal import OpenSSLX509

/// What a run has staged and is about to put in place: the promise that lets the next run finish a dead one's work.
///
/// A staged file lies beside its target. Until the journal is there, nothing has changed and staged files are rubbish, of
/// which the journal, staged before them, is the list; once it is there, all of them are complete and on the disk, and each
/// is moved to its target by this run or the next.
struct Journal: Codable, Equatable {
  /// One file to be moved.
  struct Entry: Codable, Equatable {
    /// Where the path counts from: one of the tree's two directories, or the root for what lies elsewhere.
    enum Directory: String, Codable {
      case certificates, kubeconfigs, root
    }

    let directory: Directory
    let path: String
    /// Whether a file is replaced; otherwise nothing may be at the target.
    let replaces: Bool
    /// For a certificate that replaces another: the key, in the same notation, that is replaced in the same moment.
    let key: String?

    /// An entry for the file at `target`, with its key where that is replaced in the same moment.
    ///
    /// Where they do not both lie in one directory of the tree, their paths must count from the root.
    init(_ target: String, key: String?, replaces: Bool, in location: TreeLocation) {
      let roots: [(Directory, String)] = [
        (.certificates, TreeLocation.join(location.certificateDirectory, "")),
        (.kubeconfigs, TreeLocation.join(location.kubeconfigDirectory, "")),
      ]
      let root = roots.first { root in [target, key ?? target].allSatisfy { $0.hasPrefix(root.1) } }
      directory = root?.0 ?? .root
      path = String(target.dropFirst(root?.1.count ?? 0))
      self.key = key.map { String($0.dropFirst(root?.1.count ?? 0)) }
      self.replaces = replaces
    }

    /// Where the file goes.
    func target(in location: TreeLocation) -> String { resolve(path, in: location) }

    /// Where the key goes.
    func keyTarget(in location: TreeLocation) -> String? { key.map { resolve($0, in: location) } }

    /// The pair that is replaced in one step; `nil` for a file that is moved for itself.
    func pair(in location: TreeLocation) -> PairExchange? {
      keyTarget(in: location).map { PairExchange(certificate: target(in: location), key: $0) }
    }

    /// All places that the entry changes, the key's first.
    func targets(in location: TreeLocation) -> [String] {
      [keyTarget(in: location), target(in: location)].compactMap(\.self)
    }

    /// Everything that may lie beside these places until the entry is fulfilled.
    func stagedPaths(in location: TreeLocation) -> [String] {
      pair(in: location)?.stagedPaths ?? [Journal.stagedPath(target(in: location))]
    }

    private func resolve(_ path: String, in location: TreeLocation) -> String {
      switch directory {
      case .certificates: TreeLocation.join(location.certificateDirectory, path)
      case .kubeconfigs: TreeLocation.join(location.kubeconfigDirectory, path)
      case .root: path
      }
    }
  }

  /// The version of the format.
  var version = 1
  /// The files, in the order in which they are moved.
  var entries: [Entry]

  /// The name of the journal, in the certificate directory.
  static let fileName = ".pkigen.journal"
  /// What the name of a staged file ends with; it starts with a dot.
  static let stagedSuffix = ".pkigen-new"

  /// Where the file for `target` is staged.
  static func stagedPath(_ target: String) -> String {
    let slash = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
    return "\(target[..<slash]).\(target[slash...])\(stagedSuffix)"
  }

  /// Whether a directory entry is one that a run leaves only when it dies.
  static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(stagedSuffix) || name == fileName
  }

  func encoded() -> SecretBytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and numbers are always JSON.
    return SecretBytes((try? encoder.encode(self)) ?? Data())
  }

  /// The journal in `text`, or `nil` when it is none: then no run has come as far as to promise anything.
  init?(_ text: SecretBytes) {
    guard let journal = try? JSONDecoder().decode(Journal.self, from: Data(text.copy)), journal.version == 1
    else {
      return nil
    }
    self = journal
  }

  init(entries: [Entry]) { self.entries = entries }
}
