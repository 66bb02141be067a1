package import FileStore
internal import Kubeconfigs
package import OpenSSLX509

/// Reads the files of a tree, and turns what is wrong with one into a finding.
package struct TreeReader: Sendable {
  /// Where files lie that a run has committed and not yet moved to their places: by the path of the place.
  ///
  /// They are complete, and are what the tree will hold, so it is they that are read.
  package let committed: [String: String]?

  /// The files that a run is going to remove: they are read as if they were gone.
  private let removed: Set<String>

  /// What stood at each path before it was read; `nil` for nothing, or nothing that can be looked at.
  private var seen: [String: FileSystem.Identity?] = [:]

  /// The directories that were found to be such, or not to be there, and where they lead.
  private var folders: [String: String] = [:]

  /// The files to which links may lead.
  private let reach: FileReach

  /// The tree; `nil` for one in memory.
  private let location: TreeLocation?

  /// The files that were read for certificates or public keys, and hold a private key too.
  private(set) var publicFilesWithKeys: Set<String> = []

  /// The blocks that components skip, of the files whose other blocks can be used.
  private(set) var skippedBlocks: [String: [PEMProblem]] = [:]

  /// The files of a tree in memory, by path; `nil` for a tree on disk.
  private let memory: [String: SecretBytes]?

  /// The run whose journal is not read, as it is not at work any more.
  package let unfinishedRun: UnfinishedRun?

  /// Reads nothing from the disk: a tree whose files are in memory, by path.
  package init(memory: [String: SecretBytes]) {
    self.memory = memory
    reach = .machine
    location = nil
    committed = nil
    removed = []
    unfinishedRun = nil
  }

  /// Reads a tree.
  ///
  /// - Parameters:
  ///   - reach: the files to which symbolic links in the tree may lead; all, for files that the caller has named.
  ///   - isPlain: whether a journal counts only as long as its run is at work: what a run has left unfinished is not
  ///     read then.
  package init(_ location: TreeLocation, within reach: FileReach = .machine, isPlain: Bool = false) {
    memory = nil
    self.reach = reach
    self.location = location
    let path = Path.join(location.certificateDirectory, Journal.fileName)
    let identity = Self.identity(path)
    let isOutside = reach.directory(of: path) == nil
    let journal = isOutside ? nil : (try? FileSystem.read(path)).flatMap { Journal($0) }
    let isIgnored = isPlain && !DirectoryLock.isHeld(location.certificateDirectory)
    unfinishedRun = isIgnored ? journal.map { UnfinishedRun($0, path, location) } : nil
    removed = Set(
      (isIgnored ? nil : journal)?.entries.flatMap { $0.removedTargets(in: location.roots) } ?? [])
    committed = (isIgnored ? nil : journal).map { journal in
      Dictionary(
        journal.entries.flatMap { $0.targets(in: location.roots) }.map { ($0, Journal.stagedPath($0)) },
        uniquingKeysWith: { first, _ in first })
    }
    seen[path] = .some(identity)
  }

  /// Whether the tree is on disk.
  var isOnDisk: Bool { memory == nil }

  /// Whether everything that was read still stands where it was read, and so stood there at one and the same moment.
  package var isCurrent: Bool { seen.allSatisfy { path, identity in Self.identity(path) == identity } }

  private static func identity(_ path: String) -> FileSystem.Identity? {
    // What cannot be looked at cannot be read either, which is reported then.
    (try? FileSystem.status(path, followingLinks: true))?.identity
  }

  /// What there is of an entry.
  mutating func readEntry(_ entry: CatalogEntry, in location: TreeLocation) -> EntryContents {
    let path = location.path(of: entry)
    guard entry.isKubeconfig else {
      return EntryContents(
        certificates: readCertificates(
          path, as: entry.id == .etcdCA ? .etcdCA : entry.isCA ? .clientCA : .keyPair),
        key: readKey(location.path(of: entry, .key)))
    }
    return EntryContents(
      readKubeconfig(path) { (text) throws(KubeconfigProblem) in
        try Kubeconfig(text, path: path, reach: location.reach)
      },
      path: path)
  }

  /// The private key in a file.
  package mutating func readKey(_ path: String) -> FileContent<PrivateKey> {
    read(path, "a private key") { (pem) throws(OpenSSLError) in try PrivateKey(pem: pem) }
  }

  /// The public keys in a file, as kube-apiserver reads those of service-account tokens.
  mutating func readServiceAccountKeys(_ path: String) -> FileContent<[PublicKey]> {
    read(path, "a public key") { (pem) throws(OpenSSLError) in try ServiceAccountKeys.all(pem: pem) }
  }

  /// The certificates in a file, as one of Kubernetes' readers takes them.
  package mutating func readCertificates(
    _ path: String, as pemReader: Certificate.Reader = .keyPair
  ) -> FileContent<[Certificate]> {
    read(path, "a certificate") { (pem) throws(OpenSSLError) in try Certificate.all(pem: pem, as: pemReader) }
  }

  mutating func readKubeconfig<Value: Sendable>(
    _ path: String, _ decode: (SecretBytes) throws(KubeconfigProblem) -> Value
  ) -> FileContent<Value> {
    bytes(path).flatMap { (text) -> FileContent<Value> in
      do throws(KubeconfigProblem) {
        return .present(try decode(text))
      } catch {
        return .unusable(.unusableKubeconfig(path, error.text))
      }
    }
  }

  package mutating func read<Value: Sendable>(
    _ path: String, _ what: String, _ decode: (SecretBytes) throws(OpenSSLError) -> Value
  ) -> FileContent<Value> {
    bytes(path).flatMap { (text) -> FileContent<Value> in
      let (blocks, problems) = PEMBlock.read(text)
      if Value.self != PrivateKey.self, blocks.contains(where: \.isPrivateKey) {
        publicFilesWithKeys.insert(path)
      }
      do throws(OpenSSLError) {
        let value = try decode(text)
        if !problems.isEmpty { skippedBlocks[path] = problems }
        return .present(value)
      } catch {
        return .unusable(
          Finding(
            .malformedFile, [path], "\(path) does not hold \(what) that can be used: \(error)",
            .putBack([path])))
      }
    }
  }

  private mutating func bytes(_ path: String) -> FileContent<SecretBytes> {
    if let memory { return memory[path].map { .present($0) } ?? .absent }
    // Remembered before it is read: what changes while it is read is not what was remembered.
    for place in [path, committed?[path]].compactMap(\.self) { seen[place] = .some(Self.identity(place)) }
    do throws(FileError) {
      guard let folder = try folder(of: path) else {
        return .unusable(.outside(Path.directory(of: path), in: location))
      }
      let own = Path.join(folder, Path.name(of: path))
      if let staged = committed?[own] ?? committed?[path], try FileSystem.status(staged) != nil {
        return .present(try FileSystem.read(staged))
      }
      guard !removed.contains(own), let status = try FileSystem.status(own) else { return .absent }
      return status.isSymbolicLink ? try linked(path, from: own) : .present(try FileSystem.read(own))
    } catch {
      return .unusable(
        Finding(
          .unreadableFile, [error.path], "\(error)",
          error.systemError?.isPermission == true ? .runAsOwner : .putBack([error.path]),
          cause: error.systemError))
    }
  }

  /// The directory of a file, by way of links; `nil` where it leads out of the tree.
  private mutating func folder(of path: String) throws(FileError) -> String? {
    let directory = Path.directory(of: path)
    if let folder = folders[directory] { return folder }
    // What is wrong with a directory is said of the directory, and so only once.
    guard let folder = reach.place(ofDirectory: directory) else {
      // What cannot be followed, or is no directory, is wrong wherever it is.
      let status = try? FileSystem.status(directory, followingLinks: true)
      if status?.isDirectory == false || (try? FileSystem.destination(directory)) == nil {
        try FileSystem.checkDirectory(directory)
      }
      return nil
    }
    try FileSystem.checkDirectory(folder)
    folders[directory] = folder
    return folder
  }

  /// What is behind a symbolic link.
  private func linked(_ path: String, from own: String) throws(FileError) -> FileContent<SecretBytes> {
    // A link to itself is refused here, and a device or a FIFO where it is read.
    let target = try FileSystem.status(own, followingLinks: true)
    guard let place = reach.place(ofRelative: path) else {
      return target == nil || target?.isRegular == true
        ? .unusable(.outside(path, in: location)) : .present(try FileSystem.read(own))
    }
    guard try FileSystem.status(place, followingLinks: true) != nil else {
      return .unusable(
        Finding(.unreadableFile, [path], "\(path) is a symbolic link to nothing", .putBack([path])))
    }
    return .present(try FileSystem.read(place))
  }
}

extension Finding {
  /// A file, or a directory of a tree, that is not part of it: a symbolic link leads out of the tree, or the path does.
  fileprivate static func outside(_ path: String, in location: TreeLocation?) -> Finding {
    let directories = location?.directories ?? []
    let root = directories.first { Path.isIn($0, path) }
    // Without one of its two directories there is no tree to speak of.
    let isWhole = root.map { location?.reach.place(ofDirectory: $0) == nil } ?? false
    let path = isWhole ? root ?? path : path
    return Finding(
      isWhole ? .unreadableFile : .outsideTree, [path],
      "\(path) is \(root == nil ? "outside" : "a symbolic link that leads out") of the tree: what is there is neither read nor"
        + " written", .nameRootDirectory)
  }
}
