internal import FoundationEssentials
package import OpenSSLX509

/// What a run has staged and is about to put in place: with it, the next run can finish the work of an interrupted one.
///
/// A staged file lies beside its target. Until the journal is there, nothing has changed and staged files are rubbish, of
/// which the journal, staged before them, is the list; once it is there, all of them are complete and on the disk, and each
/// is moved to its target by this run or the next.
package struct Journal: Codable, Equatable {
  /// One file to be moved.
  package struct Entry: Codable, Equatable {
    /// Where the path counts from: one of the tree's two directories, or the root for other paths.
    package enum Directory: String, Codable {
      case certificates, kubeconfigs, root
    }

    package let directory: Directory
    package let path: String
    /// Whether a file is replaced; otherwise nothing may be at the target.
    package let replaces: Bool
    /// For a certificate that replaces another: the key, in the same notation, that is replaced together with it.
    package let key: String?
    /// Whether the file at the target goes away and nothing is moved there.
    package let removes: Bool?
    /// How the two are replaced; a journal that does not say so is of a version that knew only the exchange.
    package let replacement: PairReplacement?

    /// An entry for the file at `target`, with its key where that is replaced together with it.
    ///
    /// Where they do not both lie in one directory of the tree, their paths must count from the root.
    package init(
      _ target: String, key: String?, _ effect: FileChange.Effect, by replacement: PairReplacement = .renames,
      in roots: StoreRoots
    ) {
      let directories: [(Directory, String)] =
        [(.certificates, Path.join(roots.certificates, ""))]
        + (roots.kubeconfigs.map { [(.kubeconfigs, Path.join($0, ""))] } ?? [])
      let root = directories.first { root in [target, key ?? target].allSatisfy { $0.hasPrefix(root.1) } }
      directory = root?.0 ?? .root
      func name(_ path: String) -> String {
        root.map { String(path.dropFirst($0.1.count)) } ?? roots.reach.absolutePath(of: path)
      }
      path = name(target)
      self.key = key.map(name)
      replaces = effect != .create
      removes = effect == .remove ? true : nil
      self.replacement = key == nil ? nil : replacement
    }

    /// Where the file goes; `nil` where a run with these directories does not write.
    private func target(in roots: StoreRoots) -> String? { resolve(path, in: roots) }

    /// Where the key goes.
    private func keyTarget(in roots: StoreRoots) -> String? { key.flatMap { resolve($0, in: roots) } }

    /// The path, as the machine of the tree has it, of what a run with these directories does not write.
    func pathOutside(_ roots: StoreRoots) -> String? {
      [path, key].compactMap(\.self).first { resolve($0, in: roots) == nil }
    }

    /// The pair that is replaced in one step; `nil` for files that are moved one after the other.
    package func pair(in roots: StoreRoots) -> PairExchange? {
      guard replacement != .renames, let target = target(in: roots) else { return nil }
      return keyTarget(in: roots).map { PairExchange(certificate: target, key: $0) }
    }

    /// All places that the entry changes, the key's first.
    package func targets(in roots: StoreRoots) -> [String] {
      [keyTarget(in: roots), target(in: roots)].compactMap(\.self)
    }

    /// The places at which nothing is once the entry is fulfilled.
    package func removedTargets(in roots: StoreRoots) -> [String] {
      removes == true ? targets(in: roots) : []
    }

    /// The places that are not yet as the entry promises them.
    package func waitingTargets(in roots: StoreRoots) -> [String] {
      targets(in: roots).filter { target in
        (try? FileSystem.status(removes == true ? target : Journal.stagedPath(target))).flatMap(\.self) != nil
      }
    }

    /// Everything that may lie beside these places until the entry is fulfilled.
    package func stagedPaths(in roots: StoreRoots) -> [String] {
      pair(in: roots)?.stagedPaths ?? targets(in: roots).map(Journal.stagedPath)
    }

    private func resolve(_ path: String, in roots: StoreRoots) -> String? {
      let root: String?
      switch directory {
      case .certificates: root = roots.certificates
      case .kubeconfigs: root = roots.kubeconfigs
      case .root: return roots.reach.place(ofAbsolute: path)
      }
      guard let root, !Path.leadsUp(path) else { return nil }
      let target = Path.join(root, path)
      return roots.reach.directory(of: target) == nil ? nil : target
    }
  }

  /// The version of the format.
  package var version = 1
  /// The files, in the order in which they are moved.
  package var entries: [Entry]
  /// The name of the backup of what is replaced, where the run makes one: without a commit, it goes with what was staged.
  package var backup: String?

  /// The name of the journal, in the certificate directory.
  package static let fileName = ".pkigen.journal"
  /// What the name of a staged file ends with; it starts with a dot.
  package static let stagedSuffix = ".pkigen-new"

  /// Where the file for `target` is staged.
  package static func stagedPath(_ target: String) -> String {
    let slash = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
    return "\(target[..<slash]).\(target[slash...])\(stagedSuffix)"
  }

  /// Whether a directory entry is one that a run leaves only when it dies.
  package static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(stagedSuffix) || name == fileName
  }

  package func encoded() -> SecretBytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and numbers are always JSON.
    return SecretBytes((try? encoder.encode(self)) ?? Data())
  }

  /// The journal in `text`, or `nil` when it is none: then no run has committed anything.
  package init?(_ text: SecretBytes) {
    guard let journal = try? JSONDecoder().decode(Journal.self, from: Data(text.copy)), journal.version == 1
    else {
      return nil
    }
    self = journal
  }

  package init(entries: [Entry], backup: String? = nil) {
    self.entries = entries
    self.backup = backup
  }
}
