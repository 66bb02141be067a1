public import OpenSSLX509

/// What was found at one path of the catalog.
public enum FileContent<Value: Sendable>: Sendable {
  /// Nothing.
  case absent
  /// Something that cannot be used, and why.
  case unusable(Finding)
  /// The value that the file holds.
  case present(Value)

  /// The value, where there is one.
  public var value: Value? {
    if case .present(let value) = self { value } else { nil }
  }

  /// Whether there is no file.
  public var isAbsent: Bool {
    if case .absent = self { true } else { false }
  }

  /// What is wrong with the file, where it is there and something is.
  public var finding: Finding? {
    if case .unusable(let finding) = self { finding } else { nil }
  }
}

/// A tree as it is on disk: every file of the catalog, read once.
public struct TreeContents: Sendable {
  /// Where the tree is.
  public let location: TreeLocation
  /// The certificates with what follows them in their files, by profile.
  public private(set) var certificates: [CertificateProfile.ID: FileContent<[Certificate]>] = [:]
  /// The private keys of the certificates, by profile.
  public private(set) var keys: [CertificateProfile.ID: FileContent<PrivateKey>] = [:]
  /// The kubeconfigs, by profile.
  public private(set) var kubeconfigs: [KubeconfigProfile.ID: FileContent<Kubeconfig>] = [:]
  /// The key that signs service-account tokens.
  public private(set) var serviceAccountPrivateKey: FileContent<PrivateKey> = .absent
  /// The keys that verify service-account tokens; the first is that of ``serviceAccountPrivateKey``.
  public private(set) var serviceAccountPublicKeys: FileContent<[PublicKey]> = .absent

  private let reader: TreeReader

  /// A tree of which nothing was read.
  init(unreadAt location: TreeLocation) {
    self.location = location
    reader = TreeReader(location)
  }

  /// Reads the tree at `location`.
  ///
  /// Whatever is wrong with a file is kept beside its path and judged only when somebody asks for that file.
  public init(reading location: TreeLocation, catalog: Catalog) {
    self.location = location
    reader = TreeReader(location)
    for profile in catalog.certificates {
      certificates[profile.id] = reader.read(location.certificate(profile), "a certificate") {
        (pem) throws(OpenSSLError) in try Certificate.all(pem: pem)
      }
      keys[profile.id] = reader.readKey(location.key(profile))
    }
    serviceAccountPrivateKey = reader.readKey(location.serviceAccountPrivateKey)
    serviceAccountPublicKeys = reader.read(location.serviceAccountPublicKey, "a public key") {
      (pem) throws(OpenSSLError) in try PublicKey.all(pem: pem)
    }
    for profile in catalog.kubeconfigs {
      kubeconfigs[profile.id] = reader.readKubeconfig(location.kubeconfig(profile))
    }
  }

  /// Whether a run died after it had promised files; the next one that writes finishes its work.
  public var hasUnfinishedRun: Bool { reader.promised != nil }
}

extension FileContent {
  /// The content that `transform` makes of the value.
  func flatMap<Result>(_ transform: (Value) -> FileContent<Result>) -> FileContent<Result> {
    switch self {
    case .absent: .absent
    case .unusable(let finding): .unusable(finding)
    case .present(let value): transform(value)
    }
  }
}
