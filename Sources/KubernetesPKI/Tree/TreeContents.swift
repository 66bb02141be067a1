internal import FileStore
package import Kubeconfigs
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
  /// The certificates that lead from an authority to the root above it, by the authority's profile.
  public private(set) var bundles: [CertificateProfile.ID: FileContent<[Certificate]>] = [:]
  /// The kubeconfigs, by profile.
  package private(set) var kubeconfigs: [KubeconfigProfile.ID: FileContent<Kubeconfig>] = [:]
  /// The key that signs service-account tokens.
  public private(set) var serviceAccountPrivateKey: FileContent<PrivateKey> = .absent
  /// The keys that verify service-account tokens; the first is that of ``serviceAccountPrivateKey``.
  public private(set) var serviceAccountPublicKeys: FileContent<[PublicKey]> = .absent
  /// The authorities of an etcd that is not part of the tree.
  public private(set) var externalEtcdAuthorities: FileContent<[Certificate]> = .absent
  /// The client certificate for such an etcd, with what follows it in its file.
  public private(set) var externalEtcdCertificates: FileContent<[Certificate]> = .absent
  /// The private key of that certificate.
  public private(set) var externalEtcdKey: FileContent<PrivateKey> = .absent

  private let catalog: Catalog
  private let externalEtcd: ExternalEtcd?
  private var reader: TreeReader

  /// A tree of which nothing was read.
  package init(unreadAt location: TreeLocation) {
    self.init(location, Catalog(certificates: [], kubeconfigs: []), TreeReader(location))
  }

  private init(
    _ location: TreeLocation, _ catalog: Catalog, _ reader: TreeReader, externalEtcd: ExternalEtcd? = nil
  ) {
    self.location = location
    self.catalog = catalog
    self.externalEtcd = externalEtcd
    self.reader = reader
  }

  /// Reads the tree at `location`, as it is at one moment.
  ///
  /// Whatever is wrong with a file is kept beside its path and judged only when somebody asks for that file.
  ///
  /// - Parameter externalEtcd: names files outside the tree that are read too.
  public init(reading location: TreeLocation, catalog: Catalog, externalEtcd: ExternalEtcd? = nil) {
    self.init(readingOnce: location, catalog, externalEtcd)
    // Another run that replaced files meanwhile would make a pair look broken, of which half was read before and half after.
    // Runs that write are far apart, unless somebody makes sport of it; then the last attempt has to do.
    var attempts = 1
    while attempts < Self.attempts, !reader.isCurrent {
      self.init(readingOnce: location, catalog, externalEtcd)
      attempts += 1
    }
  }

  /// The tree as it is now: this very value, unless something that was read has changed since.
  public func current() -> TreeContents {
    reader.isCurrent ? self : TreeContents(reading: location, catalog: catalog, externalEtcd: externalEtcd)
  }

  /// How often a tree that does not stand still is read.
  private static let attempts = 100

  private init(readingOnce location: TreeLocation, _ catalog: Catalog, _ externalEtcd: ExternalEtcd?) {
    self.init(location, catalog, TreeReader(location), externalEtcd: externalEtcd)
    for profile in catalog.certificates {
      certificates[profile.id] = reader.readCertificates(location.certificate(profile))
      keys[profile.id] = reader.readKey(location.key(profile))
      if profile.role == .authority {
        bundles[profile.id] = reader.readCertificates(location.bundle(profile))
      }
    }
    serviceAccountPrivateKey = reader.readKey(location.serviceAccountPrivateKey)
    serviceAccountPublicKeys = reader.read(location.serviceAccountPublicKey, "a public key") {
      (pem) throws(OpenSSLError) in try PublicKey.all(pem: pem)
    }
    for profile in catalog.kubeconfigs {
      kubeconfigs[profile.id] = reader.readKubeconfig(location.kubeconfig(profile)) {
        (text) throws(KubeconfigProblem) in
        try Kubeconfig(text, path: location.kubeconfig(profile))
      }
    }
    if let path = externalEtcd?.caFile { externalEtcdAuthorities = reader.readCertificates(path) }
    if let path = externalEtcd?.certFile { externalEtcdCertificates = reader.readCertificates(path) }
    if let path = externalEtcd?.keyFile { externalEtcdKey = reader.readKey(path) }
  }

  /// A tree of which nothing is there, and nothing was looked at.
  package init(emptyAt location: TreeLocation) {
    self.init(location, Catalog(certificates: [], kubeconfigs: []), TreeReader(promised: nil))
  }

  /// The client of a kubeconfig, as far as renewing it needs it: what is wrong with its other parts is no obstacle.
  package func kubeconfigClient(_ profile: KubeconfigProfile) -> FileContent<KubeconfigClient> {
    kubeconfigClient(at: location.kubeconfig(profile))
  }

  /// The same for a kubeconfig at any path.
  package func kubeconfigClient(at path: String) -> FileContent<KubeconfigClient> {
    var reader = reader
    return reader.readKubeconfig(path) { (text) throws(KubeconfigProblem) in
      try KubeconfigClient(text, path: path)
    }
  }

  /// The kubeconfig of a profile, where it waits for its client certificate.
  package func waitingKubeconfig(_ profile: KubeconfigProfile) -> FileContent<WaitingKubeconfig> {
    var reader = reader
    return reader.readKubeconfig(location.kubeconfig(profile)) { (text) throws(KubeconfigProblem) in
      try WaitingKubeconfig(text, path: location.kubeconfig(profile))
    }
  }

  /// The request at a path, for something that an authority elsewhere has to sign.
  package func request(at path: String) -> FileContent<CertificateRequest> {
    var reader = reader
    return reader.read(path, "a certificate signing request") { (pem) throws(OpenSSLError) in
      try CertificateRequest(pem: pem)
    }
  }

  /// The text of the kubeconfig at any path, where one of its users has this certificate.
  package func kubeconfigText(at path: String, holding certificate: Certificate) -> SecretBytes? {
    var reader = reader
    return reader.readKubeconfig(path) { (text) throws(KubeconfigProblem) in
      try KubeconfigDocument(text, path: path).users.contains { user in
        (try? user.clientCertificate?.certificates())?.first == certificate
      } ? text : nil
    }.value ?? nil
  }

  /// Where a file really is, as two paths may lead to the same place; a path that cannot be followed leads to itself.
  package func place(of path: String) -> String { (try? FileSystem.destination(path)) ?? path }

  /// Whether a run has promised files, and lives still or died; the next one that writes finishes its work.
  package var hasPromise: Bool { reader.promised != nil }

  /// Whether a run died here; the next one that writes finishes its work, or removes what it left.
  public var hasUnfinishedRun: Bool {
    hasPromise
      || [location.certificateDirectory, location.kubeconfigDirectory].contains(where: DirectoryLock.isLeft)
      || !DirectoryLock.isHeld(location.certificateDirectory) && FileSetWriter.hasLeftovers(location.roots)
  }
}

extension TreeContents {
  /// Whether the tree cannot do without this certificate: all but those of an etcd that is elsewhere.
  ///
  /// A node runs etcd where there is anything of a member's certificates, or the key of etcd's authority. A client of an
  /// etcd elsewhere has that authority's certificate and its own client's, which therefore prove nothing but each other.
  public func shouldHold(_ profile: CertificateProfile) -> Bool {
    func holds(_ id: CertificateProfile.ID) -> Bool {
      certificates[id]?.isAbsent == false || keys[id]?.isAbsent == false
    }
    let members: [CertificateProfile.ID] = [.etcdServer, .etcdPeer, .etcdHealthcheckClient]
    let runsEtcd = members.contains(where: holds) || keys[.etcdCA]?.isAbsent == false
    return switch profile.id {
    case .etcdServer, .etcdPeer, .etcdHealthcheckClient: runsEtcd
    case .etcdCA, .apiserverEtcdClient: runsEtcd || holds(.etcdCA) || holds(.apiserverEtcdClient)
    default: !profile.isOptional
    }
  }

  /// Whether the tree cannot do without this kubeconfig: all but the one that only newer versions of kubeadm make.
  public func shouldHold(_ profile: KubeconfigProfile) -> Bool { profile.id != .superAdmin }
}

extension TreeContents {
  /// Whether an authority is here without its key, so that somebody else has to sign with it.
  package func isElsewhere(_ id: CertificateProfile.ID) -> Bool {
    certificates[id]?.isAbsent == false && keys[id]?.isAbsent == true
  }

  /// Whether an item has a key and a request for its certificate.
  package func hasRequest(for item: Plan.Step.Item) -> Bool {
    let key: PrivateKey? =
      switch item {
      case .certificate(let profile): keys[profile.id]?.value
      case .kubeconfig(let profile): kubeconfigs[profile.id]?.value?.clientKey
      case .root, .bundle, .serviceAccountKey: nil
      }
    guard let key, let path = location.request(item) else { return false }
    return request(at: path).value?.publicKey == key.publicKey
  }

  /// What a client trusts that verifies servers of an authority: the way to the root where there is one above it, the
  /// authority itself otherwise.
  package func trustAnchors(of id: CertificateProfile.ID) -> [Certificate] {
    guard let authority = certificates[id]?.value?.first else { return [] }
    if let bundle = bundles[id]?.value, bundle.contains(authority) { return bundle }
    return [authority]
  }

  /// What follows a leaf of an authority in its file: everything between it and the root.
  package func intermediates(of id: CertificateProfile.ID) -> [Certificate] {
    trustAnchors(of: id).filter { !$0.isSelfSigned }
  }
}

extension FileContent {
  /// The content that `transform` makes of the value.
  package func flatMap<Result>(_ transform: (Value) -> FileContent<Result>) -> FileContent<Result> {
    switch self {
    case .absent: .absent
    case .unusable(let finding): .unusable(finding)
    case .present(let value): transform(value)
    }
  }
}
