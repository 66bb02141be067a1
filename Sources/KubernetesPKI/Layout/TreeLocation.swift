package import FileStore

/// Where a tree is: its two directories, and the paths of the catalog's files in them.
public struct TreeLocation: Hashable, Sendable {
  /// The directory of the certificates and keys.
  public let certificateDirectory: String
  /// The directory of the kubeconfigs.
  public let kubeconfigDirectory: String
  /// Where the files are in them.
  public let layout: Layout
  /// Whether the kubeconfigs are part of the tree; otherwise they are neither read nor written.
  public let hasKubeconfigs: Bool
  /// Which files the paths in kubeconfigs may lead to.
  package private(set) var reach: FileReach
  /// The root directory of the machine that the tree is of, where that was said.
  package let rootDirectory: String?

  /// A tree in these directories.
  ///
  /// Files that kubeconfigs name by absolute paths are those of the machine that the tree is of: in `/etc/kubernetes` this
  /// one. Anywhere else a tree may be a copy, and a file outside of its directories is neither read nor written unless
  /// `rootDirectory` says where that machine's files are.
  ///
  /// - Parameters:
  ///   - rootDirectory: the root directory of the machine that the tree is of; `/` for this machine.
  ///   - hasKubeconfigs: whether the kubeconfigs are part of the tree.
  public init(
    certificateDirectory: String, kubeconfigDirectory: String, layout: Layout = .kubeadm,
    rootDirectory: String? = nil, hasKubeconfigs: Bool = true
  ) {
    let root = rootDirectory.map { FileReach.rootDirectory($0, []) } ?? .machine
    self.certificateDirectory = root.path(ofRoot: Self.trimmed(certificateDirectory))
    self.kubeconfigDirectory = root.path(ofRoot: Self.trimmed(kubeconfigDirectory))
    self.layout = layout
    self.hasKubeconfigs = hasKubeconfigs
    self.rootDirectory = rootDirectory
    // A certificate directory that is named by the other one alone may be a link out of it.
    let isNamed = self.certificateDirectory != Path.join(self.kubeconfigDirectory, "pki")
    let directories =
      (isNamed ? [self.certificateDirectory] : []) + (hasKubeconfigs ? [self.kubeconfigDirectory] : [])
    if let rootDirectory {
      reach = .rootDirectory(rootDirectory, directories)
    } else {
      let isDefault = (try? FileSystem.absolute(self.kubeconfigDirectory)) == Self.defaultDirectory
      // Beside certificates alone, the machine's files are as little the tree's as its kubeconfigs.
      reach = isDefault && hasKubeconfigs ? .machine : .tree(directories)
    }
  }

  /// The same tree, to which these files outside of it belong as well.
  package func including(_ files: [String]) -> TreeLocation {
    var location = self
    location.reach = reach.including(files)
    return location
  }

  /// A tree with its kubeconfigs in a directory and its certificates in `pki` below it, as in `/etc/kubernetes`.
  public init(kubernetesDirectory directory: String) {
    self.init(certificateDirectory: Path.join(directory, "pki"), kubeconfigDirectory: directory)
  }

  /// The path of a place in the layout.
  package func path(_ place: Layout.Place) -> String {
    switch place.directory {
    case .certificates: Path.join(certificateDirectory, place.path)
    case .kubeconfigs: Path.join(kubeconfigDirectory, place.path)
    }
  }

  /// The path of a part of an entry.
  package func path(of entry: CatalogEntry, _ part: Layout.Part = .certificate) -> String {
    path(layout.place(of: entry, part))
  }

  /// The files of an entry: the certificate and its key, or the kubeconfig.
  package func paths(of entry: CatalogEntry) -> [String] {
    entry.isKubeconfig ? [path(of: entry)] : [path(of: entry), path(of: entry, .key)]
  }

  /// The paths of all files that a tree may have.
  package var knownPaths: Set<String> {
    let parts = Catalog.allFiles.entries.flatMap { entry in
      Layout.Part.allCases.map { path(of: entry, $0) }
    }
    let keys = [
      layout.serviceAccountKey, layout.serviceAccountPublicKey, layout.serviceAccountNextKey,
      layout.serviceAccountPreviousKey,
    ]
    return Set(parts + keys.map(path))
  }

  /// The path of the private key that signs service-account tokens.
  package var serviceAccountKey: String { path(layout.serviceAccountKey) }

  /// The path of the public keys that verify service-account tokens.
  package var serviceAccountPublicKey: String { path(layout.serviceAccountPublicKey) }

  /// The path of the kubeconfig with which a kubelet asks for its first certificate.
  package var bootstrapKubeconfig: String { Path.join(kubeconfigDirectory, "bootstrap-kubelet.conf") }

  /// The directories of what belongs to the tree.
  package var directories: [String] {
    [certificateDirectory] + (hasKubeconfigs ? [kubeconfigDirectory] : [])
  }

  /// The directory of the static pods' manifests.
  package var manifestDirectory: String { Path.join(kubeconfigDirectory, "manifests") }

  /// The directory in which Kubernetes looks.
  public static let defaultDirectory = "/etc/kubernetes"

  /// Whether the tree is where Kubernetes looks, on the machine that it is of.
  package var isDefault: Bool {
    kubeconfigDirectory == Path.join(rootDirectory ?? "/", String(Self.defaultDirectory.dropFirst()))
  }

  /// Whether one directory lies in the other as Kubernetes has it, so that both are of one tree beyond doubt.
  package var isConventional: Bool { certificateDirectory == Path.join(kubeconfigDirectory, "pki") }

  /// The file with which a tree of fixtures says that its keys are public.
  package static let testKeysWarning = "INSECURE-TEST-KEYS.md"

  /// Where a file is that the machine of the tree has at an absolute path; `nil` where it is neither of this machine nor in
  /// the tree.
  ///
  /// A manifest beside a copy of `/etc/kubernetes` names files of the copy by their places in the original.
  package func place(onMachine path: String) -> String? {
    if let place = reach.place(ofAbsolute: path) { return ownPath(of: place) }
    guard hasKubeconfigs else { return nil }
    let original = Self.defaultDirectory
    for (directory, own) in [
      ("\(original)/pki", certificateDirectory), (original, kubeconfigDirectory),
    ] {
      guard let rest = Path.relative(path, to: directory) else { continue }
      return reach.place(ofRelative: Path.join(own, rest))
    }
    return nil
  }

  /// A path in the tree's directories as the tree has it: they may have been named by links, or from elsewhere.
  private func ownPath(of path: String) -> String {
    for directory in [certificateDirectory, kubeconfigDirectory] {
      guard let resolved = try? FileSystem.destination(directory), case let prefix = Path.join(resolved, ""),
        path.hasPrefix(prefix)
      else { continue }
      return Path.join(directory, String(path.dropFirst(prefix.count)))
    }
    return path
  }

  /// The directories as the file store knows them.
  package var roots: StoreRoots {
    StoreRoots(
      certificates: certificateDirectory, kubeconfigs: hasKubeconfigs ? kubeconfigDirectory : nil,
      subdirectories: Set(
        Catalog.allFiles.entries.filter { !$0.isKubeconfig }.map { Path.directory(of: path(of: $0)) }
      ).sorted(), reach: reach)
  }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

extension Catalog {
  /// The catalog without what a tree at `location` has no place for.
  package func held(at location: TreeLocation) -> Catalog {
    location.hasKubeconfigs ? self : withoutKubeconfigs
  }
}
