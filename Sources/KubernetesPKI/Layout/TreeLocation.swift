package import FileStore

/// Where a tree is: its two directories, and the paths of the catalog's files in them.
public struct TreeLocation: Hashable, Sendable {
  /// The directory of the certificates and keys.
  public let certificateDirectory: String
  /// The directory of the kubeconfigs.
  public let kubeconfigDirectory: String
  /// Where the files are in them.
  public let layout: Layout

  /// A tree in these directories.
  public init(certificateDirectory: String, kubeconfigDirectory: String, layout: Layout = .kubeadm) {
    self.certificateDirectory = Self.trimmed(certificateDirectory)
    self.kubeconfigDirectory = Self.trimmed(kubeconfigDirectory)
    self.layout = layout
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

  /// The path of the private key that signs service-account tokens.
  package var serviceAccountKey: String { path(layout.serviceAccountKey) }

  /// The path of the public keys that verify service-account tokens.
  package var serviceAccountPublicKey: String { path(layout.serviceAccountPublicKey) }

  /// The path of the kubeconfig with which a kubelet asks for its first certificate.
  package var bootstrapKubeconfig: String { Path.join(kubeconfigDirectory, "bootstrap-kubelet.conf") }

  /// The directory of the static pods' manifests.
  package var manifestDirectory: String { Path.join(kubeconfigDirectory, "manifests") }

  /// The directory in which Kubernetes looks.
  public static let defaultDirectory = "/etc/kubernetes"

  /// Whether one directory lies in the other as Kubernetes has it, so that both are of one tree beyond doubt.
  package var isConventional: Bool { certificateDirectory == Path.join(kubeconfigDirectory, "pki") }

  /// The file with which a tree of fixtures says that its keys are public.
  package static let testKeysWarning = "INSECURE-TEST-KEYS.md"

  /// The directories as the file store knows them.
  package var roots: StoreRoots {
    StoreRoots(
      certificates: certificateDirectory, kubeconfigs: kubeconfigDirectory,
      subdirectories: Set(
        Catalog.allFiles.entries.filter { !$0.isKubeconfig }.map { Path.directory(of: path(of: $0)) }
      ).sorted())
  }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
