internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// What the file system says of a tree's files.
extension Examination {
  /// Who can read and change the files, and where links lead.
  ///
  /// - Parameters:
  ///   - owner: the user who should own the private keys.
  ///   - unreadable: files that cannot be read, of which that is said already.
  package func fileFindings(owner: UInt32, unreadable: Set<String>) -> [Finding] {
    let own = statuses(of: secretPaths)
    let publics = statuses(of: publicPaths + directories)
    let secrets = own + otherSecrets(besides: (own + publics).map(\.status))
    func paths(_ statuses: [(path: String, status: FileSystem.Status)], _ isSo: (FileSystem.Status) -> Bool)
      -> [String]
    {
      statuses.filter { isSo($0.status) }.map(\.path)
    }
    let exposed = paths(secrets) { $0.permissions & 0o007 != 0 }
    let grouped = paths(secrets) { $0.permissions & 0o007 == 0 && $0.permissions & 0o070 != 0 }
    let foreign = paths(own) { $0.owner != owner }.filter { !unreadable.contains($0) }
    let writable = paths(publics) { $0.permissions & 0o002 != 0 }
    let misplaced = paths(publics.filter { tree.publicFilesWithKeys.contains($0.path) }) {
      $0.permissions & 0o007 != 0
    }
    let escaping = linksOutOfTree()
    return [
      Finding(
        .keyExposed, exposed, "every user can read or overwrite \(exposed.listed)",
        remedy: remedy(.restrict(exposed, isCompromised: true))),
      Finding(
        .keyExposed, misplaced,
        "every user can read \(misplaced.listed), where a private key is that does not belong there",
        remedy: remedy(.takeKeysOut(misplaced))),
      Finding(
        .keyGroupReadable, grouped, "a group can read or overwrite \(grouped.listed)",
        remedy: remedy(.restrict(grouped, isCompromised: false))),
      Finding(
        .foreignOwner, foreign,
        "\(foreign.listed) \(foreign.count == 1 ? "belongs" : "belong") to another user than the caller",
        remedy: remedy(.changeOwner(foreign), .runAsOwner)),
      Finding(
        .writableByOthers, writable, "every user can change \(writable.listed)",
        remedy: remedy(.forbidOthersToWrite(writable))),
      Finding(
        .linkOutOfTree, escaping,
        "\(escaping.listed) \(escaping.count == 1 ? "is a link that leads" : "are links that lead") out of the tree",
        remedy: remedy(.replaceLinks(escaping))),
    ].filter { !$0.files.isEmpty }
  }

  /// What components skip in files, and in the data of kubeconfigs, whose other blocks they use.
  package func skippedBlockFindings() -> [Finding] {
    let inFiles = tree.skippedBlocks.sorted { $0.key < $1.key }.map { path, problems in
      skipped(problems.map(\.description), of: path, in: path)
    }
    return inFiles
      + catalog.entries.flatMap { entry in
        let path = location.path(of: entry)
        let kubeconfig = tree[entry.id].kubeconfig.value
        return Kubeconfig.Part.allCases.compactMap { part in
          kubeconfig?.skipped[part].map { problems in
            let file = kubeconfig?.files[part]
            return skipped(problems, of: file ?? "\(part.rawValue)-data in \(path)", in: file ?? path)
          }
        }
      }
  }

  private func skipped(_ problems: [String], of text: String, in path: String) -> Finding {
    let reasons = problems.joined(separator: "; ")
    return Finding(
      .skippedBlock, [path], "components skip part of \(text): \(reasons)", remedy: remedy(.getGoodCopy(path))
    )
  }

  /// Whether the tree is one of fixtures, whose keys are public.
  package func testKeyFindings() -> [Finding] {
    let marks = location.directories.reversed().map {
      Path.join($0, TreeLocation.testKeysWarning)
    }
    guard let mark = marks.first(where: { ((try? FileSystem.status($0)) ?? nil) != nil }) else { return [] }
    return [
      Finding(
        .insecureTestKeys, [mark],
        "\(mark) says that the keys of this tree are public: they were made for tests",
        remedy: remedy(.makeTreeForCluster))
    ]
  }

  /// What a run that died has left.
  package func leftoverFindings() -> [Finding] {
    // A directory that cannot be listed is reported where its files are missing.
    let found = directories.flatMap { directory in
      ((try? FileSystem.names(in: directory)) ?? []).filter(Journal.isLeftover).map {
        Path.join(directory, $0)
      }
    }
    let before = found.map(identity)
    guard !DirectoryLock.isHeld(location.certificateDirectory) else { return [] }
    // Of a run that has ended in between, nothing is there any more; or something else is, of the next run.
    let leftovers = zip(found, before).filter { $1 != nil && $1 == identity($0) }.map(\.0)
    guard !leftovers.isEmpty else { return [] }
    if tree.hasCommittedFiles {
      return [
        Finding(
          .unfinishedRun, leftovers,
          "a run of pkigen died before all files were in place: \(leftovers.listed) \(leftovers.count == 1 ? "is" : "are") left",
          remedy: remedy(.runAgain))
      ]
    }
    return [
      Finding(
        .leftoverFile, leftovers, "a run of pkigen died and left \(leftovers.listed)",
        remedy: remedy(.remove(leftovers), .runAgain))
    ]
  }

  private func identity(_ path: String) -> FileSystem.Identity? {
    ((try? FileSystem.status(path)) ?? nil)?.identity
  }

  /// The files that hold private keys.
  private var secretPaths: [String] {
    catalog.items.flatMap { item in
      switch item {
      case .entry(let entry):
        [location.path(of: entry, .key)]
          + [tree[entry.id].kubeconfig.value?.files[.clientKey]].compactMap(\.self)
      case .serviceAccountKey: [location.serviceAccountKey]
      }
    }
  }

  /// The files that hold none.
  private var publicPaths: [String] {
    catalog.items.compactMap { item in
      switch item {
      case .entry(let entry): entry.isKubeconfig ? nil : location.path(of: entry)
      case .serviceAccountKey: location.serviceAccountPublicKey
      }
    }
  }

  /// The directories of the tree, none twice.
  private var directories: [String] {
    var directories = location.directories
    for directory in publicPaths.map(Path.directory) where !directories.contains(directory) {
      directories.append(directory)
    }
    return directories
  }

  /// The files at paths; those that are missing, or cannot be looked at, are reported where they are needed.
  private func statuses(of paths: [String]) -> [(path: String, status: FileSystem.Status)] {
    paths.filter { location.reach.place(ofDirectory: $0) != nil }.compactMap { path in
      ((try? FileSystem.status(path, followingLinks: true)) ?? nil).map { (path, $0) }
    }
  }

  private func linksOutOfTree() -> [String] {
    // The roots themselves may be links: what mounts them follows these.
    let roots = location.directories.compactMap {
      try? FileSystem.resolved($0)
    }
    func leadsOut(_ path: String) -> Bool {
      // What leads out of a copy is not part of it, and was not read.
      guard let place = location.reach.place(ofDirectory: path), let target = try? FileSystem.resolved(place)
      else { return false }
      return !roots.contains { Path.isIn($0, target) }
    }
    let inner = directories.dropFirst(location.directories.count).filter(leadsOut)
    let files =
      (publicPaths + catalog.entries.map { location.path(of: $0, .key) } + [location.serviceAccountKey])
      .filter { !inner.contains(Path.directory(of: $0)) }
    return inner + files.filter(leadsOut)
  }
}
