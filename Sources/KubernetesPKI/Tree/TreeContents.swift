internal import FileStore
internal import StructuredText
package import Kubeconfigs
public import OpenSSLX509

/// A tree as it is on disk: every file of the catalog, read once.
public struct TreeContents: Sendable {
  /// Where the tree is.
  public let location: TreeLocation
  /// What there is of each entry.
  private var entries: [CatalogEntry.ID: EntryContents] = [:]
  /// The certificates that lead from a CA to the root CA above it.
  private var rootChains: [CatalogEntry.ID: FileContent<[Certificate]>] = [:]
  /// What lies beside the files of each CA while it is rotated.
  private var successions: [CatalogEntry.ID: SuccessionFiles] = [:]
  /// The CAs; to know which certificate issues takes a comparison of keys.
  private var cas: [CatalogEntry.ID: CertificateAuthority] = [:]
  /// The key that signs service-account tokens.
  public private(set) var serviceAccountKey: FileContent<PrivateKey> = .absent
  /// The keys that verify service-account tokens.
  public private(set) var serviceAccountPublicKeys: FileContent<[PublicKey]> = .absent
  /// The next key of service-account tokens, which does not sign yet.
  package private(set) var serviceAccountNextKey: FileContent<PrivateKey> = .absent
  /// The previous key of service-account tokens, which does not sign any more.
  package private(set) var serviceAccountPreviousKey: FileContent<PrivateKey> = .absent
  /// The CAs of an external etcd.
  package private(set) var externalEtcdCAs: FileContent<[Certificate]> = .absent
  /// The client certificate for an external etcd, and its key.
  package private(set) var externalEtcdClient = EntryContents.absent

  /// What the tree may hold.
  package let catalog: Catalog
  /// What the machine is whose tree it is, where that was said.
  package var statedRole: NodeRole?
  /// The role that the files show.
  private var foundRole = NodeRole.controlPlane
  /// Whether a manifest shows that the node runs a member of etcd.
  private var showsEtcd = false
  private let isPlain: Bool
  private let externalEtcd: ExternalEtcd?
  private(set) var reader: TreeReader

  private init(
    _ location: TreeLocation, _ catalog: Catalog, _ reader: TreeReader, externalEtcd: ExternalEtcd? = nil,
    isPlain: Bool = false
  ) {
    self.location = location
    self.catalog = catalog.held(at: location)
    self.isPlain = isPlain
    self.externalEtcd = externalEtcd
    self.reader = reader
  }

  /// Reads the tree at `location`, as it is at one moment.
  ///
  /// Whatever is wrong with a file is kept beside its path, and is a finding only when that file is needed.
  ///
  /// Files that a run has committed are read as if they were in place, since the next run that writes puts them there.
  ///
  /// - Parameters:
  ///   - externalEtcd: names files outside the tree that are read too.
  ///   - isPlain: whether the files are read that are in place, even if an interrupted run has committed
  ///     others; see ``unfinishedRun``.
  package init(
    reading location: TreeLocation, catalog: Catalog, externalEtcd: ExternalEtcd? = nil, isPlain: Bool = false
  ) {
    self.init(readingOnce: location, catalog, externalEtcd, isPlain)
    // Another run that replaced files meanwhile would make a pair look broken, of which half was read before and half
    // after. Runs that write are rare; if they do not stop, the last attempt has to do.
    var attempts = 1
    while attempts < Self.attempts, !reader.isCurrent {
      self.init(readingOnce: location, catalog, externalEtcd, isPlain)
      attempts += 1
    }
  }

  /// The tree as it is now: this very value, unless something that was read has changed since.
  package func current() -> TreeContents {
    guard !reader.isCurrent else { return self }
    var tree = TreeContents(
      reading: location, catalog: catalog, externalEtcd: externalEtcd, isPlain: isPlain)
    tree.statedRole = statedRole
    return tree
  }

  /// How often a tree that keeps changing is read.
  private static let attempts = 100

  private init(
    readingOnce location: TreeLocation, _ catalog: Catalog, _ externalEtcd: ExternalEtcd?, _ isPlain: Bool
  ) {
    self.init(
      location, catalog, TreeReader(location, within: location.reach, isPlain: isPlain),
      externalEtcd: externalEtcd, isPlain: isPlain)
    readAll()
  }

  private mutating func readAll() {
    for entry in catalog.entries {
      let contents = reader.readEntry(entry, in: location)
      entries[entry.id] = contents
      guard entry.isCA else { continue }
      let rootChain = reader.readCertificates(location.path(of: entry, .rootChain))
      rootChains[entry.id] = rootChain
      let succession = reader.readSuccession(of: entry, in: location)
      successions[entry.id] = succession
      cas[entry.id] = CertificateAuthority(
        contents.certificates.value ?? [], key: contents.key, rootChain: rootChain.value ?? [],
        cross: succession.cross.value?.first)
    }
    serviceAccountKey = reader.readKey(location.serviceAccountKey)
    serviceAccountPublicKeys = reader.readServiceAccountKeys(location.serviceAccountPublicKey)
    serviceAccountNextKey = reader.readKey(location.path(location.layout.serviceAccountNextKey))
    serviceAccountPreviousKey = reader.readKey(location.path(location.layout.serviceAccountPreviousKey))
    // They are files of the machine that the tree is of.
    func place(_ path: String) -> String { location.reach.place(ofAbsolute: path) ?? path }
    if let path = externalEtcd?.caFile { externalEtcdCAs = reader.readCertificates(place(path), as: .etcdCA) }
    externalEtcdClient = EntryContents(
      certificates: externalEtcd?.certFile.map { reader.readCertificates(place($0)) } ?? .absent,
      key: externalEtcd?.keyFile.map { reader.readKey(place($0)) } ?? .absent)
    foundRole = shownRole
    showsEtcd = hasEtcdManifest
  }

  /// The tree as if it had nothing of these entries.
  func without(_ ids: Set<CatalogEntry.ID>) -> TreeContents {
    var tree = self
    for id in ids { tree.entries[id] = .absent }
    return tree
  }

  /// What the machine is whose tree it is: the role that was said, or the one that the files show.
  package var role: NodeRole { statedRole ?? foundRole }

  /// A tree of which nothing is there, and nothing was looked at.
  package init(emptyAt location: TreeLocation) {
    self.init(location, .empty, TreeReader(memory: [:]))
  }

  /// The tree that these files are, in memory: nothing is read from the disk.
  ///
  /// - Parameters:
  ///   - files: the files' contents by their paths, as ``PKIFile/path`` has them.
  ///   - location: where the files are, or would be.
  ///   - cluster: which files there may be, and what they are called.
  public init(files: [String: SecretBytes], at location: TreeLocation, for cluster: ClusterConfiguration) {
    self.init(
      location, cluster.catalog, TreeReader(memory: files), externalEtcd: cluster.externalEtcd, isPlain: false
    )
    readAll()
  }

  /// The tree that these files are, in memory, where nothing is known of a cluster.
  package init(files: [String: SecretBytes], at location: TreeLocation, catalog: Catalog) {
    self.init(location, catalog, TreeReader(memory: files))
    readAll()
  }

  /// Reads the tree of a cluster from the disk, as it is at one moment.
  ///
  /// Whatever is wrong with a file is kept as a value: ``FileContent/unusable(_:)``.
  public init(reading location: TreeLocation, for cluster: ClusterConfiguration) {
    self.init(reading: location, catalog: cluster.catalog, externalEtcd: cluster.externalEtcd)
  }

  /// What there is of an entry.
  public subscript(id: CatalogEntry.ID) -> EntryContents { entries[id] ?? .absent }

  /// A CA whose certificate can be read.
  package func ca(_ id: CatalogEntry.ID) -> CertificateAuthority? { cas[id] }

  /// What lies beside the files of a CA while it is rotated.
  package func succession(of id: CatalogEntry.ID) -> SuccessionFiles { successions[id] ?? .absent }

  /// The tree with another CA in the place of one that it has, as a run will leave it.
  package func replacing(_ ca: CertificateAuthority, for id: CatalogEntry.ID) -> TreeContents {
    var tree = self
    tree.cas[id] = ca
    tree.entries[id] = EntryContents(
      certificates: .present(ca.accepted), key: ca.key.signing.map { .present($0) } ?? .absent)
    return tree
  }

  /// The certificates that lead from a CA to the root CA above it.
  package func rootChain(of id: CatalogEntry.ID) -> FileContent<[Certificate]> { rootChains[id] ?? .absent }

  /// The client of the kubeconfig at a path, as far as renewing it needs it: what is wrong with its other parts is no
  /// obstacle.
  package func kubeconfigClient(at path: String) -> FileContent<KubeconfigClient> {
    var reader = reader
    let reach = location.reach
    return reader.readKubeconfig(path) { (text) throws(KubeconfigProblem) in
      try KubeconfigClient(text, path: path, reach: reach)
    }
  }

  /// The kubeconfig at a path, where it waits for its client certificate.
  package func waitingKubeconfig(at path: String) -> FileContent<WaitingKubeconfig> {
    var reader = reader
    let reach = location.reach
    return reader.readKubeconfig(path) { (text) throws(KubeconfigProblem) in
      try WaitingKubeconfig(text, path: path, reach: reach)
    }
  }

  /// The certificates in a file at any path.
  package func certificates(at path: String) -> FileContent<[Certificate]> {
    var reader = reader
    return reader.readCertificates(path)
  }

  /// The CSR at a path.
  package func csr(at path: String) -> FileContent<CertificateRequest> {
    var reader = reader
    return reader.read(path, "a certificate signing request") { (pem) throws(OpenSSLError) in
      try CertificateRequest(pem: pem)
    }
  }

  /// The text of the kubeconfig at any path, where one of its users has this certificate.
  package func kubeconfigText(at path: String, holding certificate: Certificate) -> SecretBytes? {
    var reader = TreeReader(location)
    return reader.readKubeconfig(path) { (text) throws(KubeconfigProblem) in
      try KubeconfigDocument(text, path: path).users.contains { user in
        (try? user.clientCertificate?.certificates())?.first == certificate
      } ? text : nil
    }.value ?? nil
  }

  /// Where a file really is, as two paths may lead to the same place; a path that cannot be followed leads to itself.
  package func place(of path: String) -> String {
    isOnDisk ? (try? FileSystem.destination(path)) ?? path : path
  }

  /// The files of certificates and public keys in which a private key is, too.
  package var publicFilesWithKeys: Set<String> { reader.publicFilesWithKeys }

  /// The blocks that components skip, of the files of certificates and keys whose other blocks can be used, by path.
  package var skippedBlocks: [String: [PEMProblem]] { reader.skippedBlocks }

  /// Whether the tree is on disk.
  var isOnDisk: Bool { reader.isOnDisk }

  /// The run that has committed other files than those that were read; `nil` unless the files in place were asked for.
  package var unfinishedRun: UnfinishedRun? { reader.unfinishedRun }

  /// Whether a run has committed files; the next one that writes finishes its work.
  package var hasCommittedFiles: Bool { reader.committed != nil }

  /// Whether a run died here; the next one that writes finishes its work, or removes what it left.
  package var hasUnfinishedRun: Bool {
    guard reader.isOnDisk else { return false }
    return hasCommittedFiles
      || location.directories.contains(where: DirectoryLock.isLeft)
      || !DirectoryLock.isHeld(location.certificateDirectory) && FileSetWriter.hasLeftovers(location.roots)
  }
}

extension TreeContents {
  /// Whether the tree cannot do without this entry: all but the optional ones, and those of an external etcd.
  ///
  /// A node runs etcd where there is anything of a member's certificates, the key of etcd's CA, or a member's manifest. A client of an external
  /// etcd has that CA's certificate and its own client's, so these two prove nothing but each other.
  package func shouldHold(_ entry: CatalogEntry) -> Bool {
    guard entry.roles.contains(role) else { return false }
    func holds(_ id: CatalogEntry.ID) -> Bool { !self[id].isAbsent }
    let members: [CatalogEntry.ID] = [.etcdServer, .etcdPeer, .etcdHealthcheckClient]
    let runsEtcd =
      role == .etcd || members.contains(where: holds) || !self[.etcdCA].key.isAbsent || showsEtcd
    return switch entry.id {
    case .etcdServer, .etcdPeer, .etcdHealthcheckClient: runsEtcd
    case .etcdCA, .apiserverEtcdClient: runsEtcd || holds(.etcdCA) || holds(.apiserverEtcdClient)
    // Only newer versions of kubeadm make it.
    case .superAdmin: false
    default: !entry.isOptional
    }
  }

  /// Whether a CA is an external CA: its certificate is here and its key is not. Beside the keys of its rotation, its own is
  /// missing.
  package func isExternal(_ id: CatalogEntry.ID) -> Bool {
    let files = succession(of: id)
    return !self[id].certificates.isAbsent && self[id].key.isAbsent && files.nextKey.isAbsent
      && files.previousKey.isAbsent
  }

  /// Whether an entry has a key, no certificate, and a CA that is external: it waits for its certificate.
  package func isWaiting(_ entry: CatalogEntry) -> Bool {
    let contents = self[entry.id]
    return entry.ca.map(isExternal) == true && contents.key.value != nil && contents.certificates.isAbsent
  }

  /// Whether an entry has a key and a CSR for its certificate.
  package func hasCSR(for entry: CatalogEntry) -> Bool {
    guard let key = self[entry.id].key.value else { return false }
    return csr(at: location.path(of: entry, .request)).value?.publicKey == key.publicKey
  }
}
