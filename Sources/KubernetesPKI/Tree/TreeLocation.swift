package import FileStore

/// Where a tree is: its two directories, and the paths of the catalog's files in them.
public struct TreeLocation: Hashable, Sendable {
  /// The directory of the certificates and keys.
  public let certificateDirectory: String
  /// The directory of the kubeconfigs.
  public let kubeconfigDirectory: String

  /// A tree in these directories.
  public init(certificateDirectory: String, kubeconfigDirectory: String) {
    self.certificateDirectory = Self.trimmed(certificateDirectory)
    self.kubeconfigDirectory = Self.trimmed(kubeconfigDirectory)
  }

  /// A tree in the layout of `/etc/kubernetes`: the kubeconfigs in a directory, and `pki` below it.
  public init(kubernetesDirectory directory: String) {
    self.init(certificateDirectory: Path.join(directory, "pki"), kubeconfigDirectory: directory)
  }

  /// The path of a certificate.
  public func certificate(_ profile: CertificateProfile) -> String {
    Path.join(certificateDirectory, "\(profile.path).crt")
  }

  /// The path of a certificate's private key.
  public func key(_ profile: CertificateProfile) -> String {
    Path.join(certificateDirectory, "\(profile.path).key")
  }

  /// The path of the certificates that lead from an authority to the root above it, where there is one.
  public func bundle(_ authority: CertificateProfile) -> String {
    Path.join(certificateDirectory, "\(authority.path)-bundle.crt")
  }

  /// The path of the request for a certificate that an authority elsewhere has to sign.
  public func request(_ profile: CertificateProfile) -> String {
    Path.join(certificateDirectory, "\(profile.path).csr")
  }

  /// The path of the request for a kubeconfig's client certificate, as kubeadm names it.
  public func request(_ profile: KubeconfigProfile) -> String { "\(kubeconfig(profile)).csr" }

  /// The path of the request for an item; `nil` for one that nobody requests.
  package func request(_ item: Plan.Step.Item) -> String? {
    switch item {
    case .certificate(let profile): request(profile)
    case .kubeconfig(let profile): request(profile)
    case .root, .bundle, .serviceAccountKey: nil
    }
  }

  /// The path of a kubeconfig.
  public func kubeconfig(_ profile: KubeconfigProfile) -> String {
    Path.join(kubeconfigDirectory, profile.fileName)
  }

  /// The path of the certificate of the cluster's authority, in every style.
  public var authorityCertificate: String { Path.join(certificateDirectory, "ca.crt") }

  /// The path of the certificates that lead from the cluster's authority to the root above it, where there is one.
  public var authorityBundle: String { Path.join(certificateDirectory, "ca-bundle.crt") }

  /// The path of the private key of the cluster's authority.
  public var authorityKey: String { Path.join(certificateDirectory, "ca.key") }

  /// The path of the kubeconfig with which a kubelet asks for its first certificate.
  public var bootstrapKubeconfig: String { Path.join(kubeconfigDirectory, "bootstrap-kubelet.conf") }

  /// The path of the private key that signs service-account tokens.
  public var serviceAccountPrivateKey: String { Path.join(certificateDirectory, "sa.key") }

  /// The path of the public key that verifies service-account tokens.
  public var serviceAccountPublicKey: String { Path.join(certificateDirectory, "sa.pub") }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

extension TreeLocation {
  /// The file with which a tree of fixtures says that its keys are public.
  package static let testKeysWarning = "INSECURE-TEST-KEYS.md"

  /// The directories as the file store knows them.
  package var roots: StoreRoots {
    StoreRoots(
      certificates: certificateDirectory, kubeconfigs: kubeconfigDirectory,
      subdirectories: Set(Catalog.documented.certificates.map { Path.directory(of: certificate($0)) })
        .sorted())
  }

  /// The directory in which Kubernetes looks.
  public static let defaultDirectory = "/etc/kubernetes"

  /// Whether one directory lies in the other as Kubernetes has it, so that both are of one tree beyond doubt.
  package var isConventional: Bool { certificateDirectory == Path.join(kubeconfigDirectory, "pki") }

  /// The options that make pkigen find this tree, with a leading space; nothing for the default place.
  public var commandOptions: String {
    if isConventional {
      return kubeconfigDirectory == Self.defaultDirectory
        ? "" : " -d \(Self.shellQuoted(kubeconfigDirectory))"
    }
    return " --cert-dir \(Self.shellQuoted(certificateDirectory))"
      + " --kubeconfig-dir \(Self.shellQuoted(kubeconfigDirectory))"
  }

  /// The path as a shell takes it for one word.
  package static func shellQuoted(_ path: String) -> String {
    let plain = path.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || "/._-+:@%,".utf8.contains(byte)
    }
    return plain && !path.isEmpty
      ? path
      : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
