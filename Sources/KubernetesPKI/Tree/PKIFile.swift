package import FileStore
public import OpenSSLX509

/// A file that a run has made, not yet on the disk.
public struct PKIFile: Sendable {
  /// What kind of file it is.
  public enum Kind: String, Sendable, Codable {
    /// A certificate, and what chain follows it.
    case certificate
    /// A private key.
    case privateKey = "private-key"
    /// A public key.
    case publicKey = "public-key"
    /// A request for a certificate.
    case certificateRequest = "certificate-request"
    /// An object of the Kubernetes API that holds no secret.
    case object
    /// A token, alone or in a Secret.
    case token
    /// A kubeconfig, which holds a private key too.
    case kubeconfig
  }

  /// Where it goes.
  public let path: String
  /// What it is.
  public let kind: Kind
  /// Its bytes.
  public let content: SecretBytes
  /// The certificate that it holds, where it does.
  public let certificate: Certificate?
  /// Whether it takes the place of a file that is there.
  public let replaces: Bool
  /// For a certificate that replaces another: the path of its key, which has to be replaced together with it, if at all.
  package let keyPath: String?
  /// How the two are replaced.
  package let replacement: PairReplacement

  /// The mode that it gets, whatever the umask.
  public var mode: UInt32 { kind.mode }

  package init(
    _ kind: Kind, at path: String, _ content: SecretBytes, certificate: Certificate? = nil,
    replaces: Bool = false, keyPath: String? = nil, replacement: PairReplacement = .renames
  ) {
    self.path = path
    self.kind = kind
    self.content = content
    self.certificate = certificate
    self.replaces = replaces
    self.keyPath = keyPath
    self.replacement = replacement
  }
}

extension PKIFile {
  /// The file as the file store writes it.
  package var change: FileChange {
    FileChange(
      path: path, label: kind.rawValue, content: content, mode: mode, replaces: replaces, keyPath: keyPath,
      replacement: replacement)
  }

  /// Its bytes as text, which they are in every kind.
  public var text: String { String(decoding: content.copy, as: UTF8.self) }

  /// A file of this text.
  public init(_ kind: Kind, at path: String, text: String) {
    self.init(kind, at: path, SecretBytes(text.utf8))
  }
}

extension PKIFile.Kind {
  /// 0600 for what holds a private key or a token, else 0644.
  public var mode: UInt32 {
    switch self {
    case .privateKey, .token, .kubeconfig: 0o600
    case .certificate, .publicKey, .certificateRequest, .object: 0o644
    }
  }
}
