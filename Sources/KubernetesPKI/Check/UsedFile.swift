internal import Kubeconfigs
internal import OpenSSLX509

/// A file that an argument of a static pod names, as it is here.
struct UsedFile {
  /// What a file holds.
  enum Content {
    /// A certificate and what follows it, or CAs.
    case certificates([Certificate])
    /// A private key.
    case key(PrivateKey)
    /// A kubeconfig.
    case kubeconfig(Kubeconfig)
    /// Keys that verify service-account tokens.
    case publicKeys([PublicKey])
    /// There is no file.
    case absent
    /// Something that cannot be used.
    case unusable(Finding)
  }

  /// The argument.
  let use: FileUse
  /// Where the file is, or would be.
  let path: String
  let content: Content

  /// Reads the file for an argument.
  init(_ use: FileUse, at path: String, in tree: TreeContents) {
    self.use = use
    self.path = path
    content =
      switch use.content {
      case .certificate: Content(tree.certificates(at: path, as: .keyPair)) { .certificates($0) }
      case .cas: Content(tree.certificates(at: path, as: use.caReader)) { .certificates($0) }
      case .key: Content(tree.privateKey(at: path)) { .key($0) }
      case .kubeconfig: Content(tree.kubeconfig(at: path)) { .kubeconfig($0) }
      case .serviceAccountKeys: Content(tree.serviceAccountKeys(at: path)) { .publicKeys($0) }
      }
  }

  var certificates: [Certificate]? {
    if case .certificates(let certificates) = content { certificates } else { nil }
  }

  var key: PrivateKey? { if case .key(let key) = content { key } else { nil } }

  /// The certificates of the client or server that the file is for; none where there is none.
  var leaf: [Certificate] {
    switch content {
    case .certificates(let certificates): certificates
    case .kubeconfig(let kubeconfig): kubeconfig.clientCertificates
    case .key, .publicKeys, .absent, .unusable: []
    }
  }

  /// What is wrong with the file, as the second half of a sentence; `nil` for nothing, and for what is not there.
  var problem: String? {
    switch content {
    case .unusable(let finding): finding.message
    case .kubeconfig(let kubeconfig):
      kubeconfig.allProblems.isEmpty ? nil : "\(path): \(kubeconfig.allProblems.joined(separator: "; "))"
    case .certificates, .key, .publicKeys, .absent: nil
    }
  }

  var isAbsent: Bool { if case .absent = content { true } else { false } }
}

extension UsedFile.Content {
  fileprivate init<Value>(_ content: FileContent<Value>, _ make: (Value) -> UsedFile.Content) {
    self =
      switch content {
      case .absent: .absent
      case .unusable(let finding): .unusable(finding)
      case .present(let value): make(value)
      }
  }
}

extension FileUse {
  /// How the component reads CAs: etcd's own code reads those that are for etcd, in the API server too.
  fileprivate var caReader: Certificate.Reader {
    component == .etcd || argument == "etcd-cafile" ? .etcdCA : .clientCA
  }
}
