package import FileStore
public import OpenSSLX509

/// A file that a run has made, not yet on the disk; or one that it is going to remove.
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

  /// What it is.
  public let kind: Kind
  /// The certificate that it holds, where it does.
  public let certificate: Certificate?
  /// The file as the file store writes it.
  package let change: FileChange

  /// Where it goes.
  public var path: String { change.path }
  /// Its bytes.
  public var content: SecretBytes { change.content }
  /// Whether it takes the place of a file that is there.
  public var replaces: Bool { change.effect == .replace }
  /// Whether the file that is there goes away.
  public var isRemoved: Bool { change.effect == .remove }
  /// The mode that it gets, whatever the umask.
  public var mode: UInt32 { change.mode }

  /// A file; for a certificate that replaces another, with the path of its key and how the two are replaced.
  package init(
    _ kind: Kind, at path: String, _ content: SecretBytes, certificate: Certificate? = nil,
    replaces: Bool = false, keyPath: String? = nil, replacement: PairReplacement = .renames
  ) {
    self.kind = kind
    self.certificate = certificate
    change = FileChange(
      path: path, label: kind.rawValue, content: content, mode: kind.mode,
      effect: replaces ? .replace : .create, keyPath: keyPath, replacement: replacement)
  }

  /// A file that is there and goes away.
  package init(removing kind: Kind, at path: String) {
    self.kind = kind
    certificate = nil
    change = FileChange(
      path: path, label: kind.rawValue, content: SecretBytes([]), mode: kind.mode, effect: .remove)
  }
}

extension PKIFile {
  /// Its bytes as text, which they are in every kind.
  package var text: String { String(decoding: content.copy, as: UTF8.self) }

  /// A file of this text.
  package init(_ kind: Kind, at path: String, text: String) {
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
