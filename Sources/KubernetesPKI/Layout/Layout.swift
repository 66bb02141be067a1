/// Where the files of a PKI are, relative to the two directories of a tree.
///
/// kubeadm's is one value; another distribution's is another.
public struct Layout: Hashable, Sendable {
  /// A part of an entry that has a file, or a file of its own.
  package enum Part: Hashable, Sendable, CaseIterable {
    /// The certificate with what follows it; for an entry in a kubeconfig, the kubeconfig.
    case certificate
    /// The private key; for an entry in a kubeconfig, the kubeconfig.
    case key
    /// The CSR for a certificate that an external CA signs.
    case request
    /// The certificates that lead from a CA to the root CA above it.
    case rootChain
    /// The key of a CA's successor, until that signs.
    case nextKey
    /// The key of a CA's predecessor, as long as that is trusted.
    case previousKey
    /// A CA's successor, certified by its predecessor.
    case crossCertificate
    /// The certificate with which kube-controller-manager signs, alone in a file.
    case signingCertificate
  }

  /// A directory of a tree.
  package enum Directory: Hashable, Sendable {
    /// That of the certificates and keys.
    case certificates
    /// That of the kubeconfigs.
    case kubeconfigs
  }

  /// A path, and the directory that it counts from.
  package struct Place: Hashable, Sendable {
    /// The directory.
    package let directory: Directory
    /// The path below it.
    package let path: String
  }

  /// Paths without their endings of pairs that are not called by their names.
  private let stems: [CatalogEntry.ID: String]
  /// The private key that signs service-account tokens.
  package let serviceAccountKey: Place
  /// The public keys that verify service-account tokens.
  package let serviceAccountPublicKey: Place
  /// The next private key of service-account tokens, until it signs.
  package let serviceAccountNextKey: Place
  /// The previous private key of service-account tokens, as long as its tokens are valid.
  package let serviceAccountPreviousKey: Place

  /// kubeadm's layout, <https://kubernetes.io/docs/setup/best-practices/certificates/#certificate-paths>.
  public static let kubeadm = Layout(
    stems: [
      .etcdCA: "etcd/ca", .etcdServer: "etcd/server", .etcdPeer: "etcd/peer",
      .etcdHealthcheckClient: "etcd/healthcheck-client",
    ], serviceAccountKey: Place(directory: .certificates, path: "sa.key"),
    serviceAccountPublicKey: Place(directory: .certificates, path: "sa.pub"),
    serviceAccountNextKey: Place(directory: .certificates, path: "sa-next.key"),
    serviceAccountPreviousKey: Place(directory: .certificates, path: "sa-previous.key"))

  /// Where a part of an entry is.
  package func place(of entry: CatalogEntry, _ part: Part) -> Place {
    if entry.isKubeconfig {
      return Place(directory: .kubeconfigs, path: part == .request ? "\(entry.name).csr" : entry.name)
    }
    let stem = stems[entry.id] ?? entry.id.rawValue
    let ending =
      switch part {
      case .certificate: ".crt"
      case .key: ".key"
      case .request: ".csr"
      case .rootChain: "-bundle.crt"
      case .nextKey: "-next.key"
      case .previousKey: "-previous.key"
      case .crossCertificate: "-cross.crt"
      case .signingCertificate: "-signing.crt"
      }
    return Place(directory: .certificates, path: stem + ending)
  }

  /// Where a rotation puts the cross certificate of the CA whose certificates are in a file, wherever that is; `nil` for a
  /// file that is not called as a CA's is.
  package static func crossCertificate(beside path: String) -> String? {
    path.hasSuffix(".crt") ? path.dropLast(4) + "-cross.crt" : nil
  }
}
