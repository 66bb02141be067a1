internal import OpenSSLX509

extension Examination {
  /// What is wrong with the files with which the API server reaches an external etcd.
  package func externalEtcdFindings() -> [Finding] {
    guard let etcd = cluster.externalEtcd else { return [] }
    let client = tree.externalEtcdClient
    let contents = [
      (etcd.caFile, tree.externalEtcdCAs.isAbsent, tree.externalEtcdCAs.finding),
      (etcd.certFile, client.certificates.isAbsent, client.certificates.finding),
      (etcd.keyFile, client.key.isAbsent, client.key.finding),
    ]
    let unusable = contents.compactMap { path, isAbsent, finding -> Finding? in
      guard let path else { return nil }
      return isAbsent ? missing(path, .putBack([path])) : finding
    }
    guard unusable.isEmpty, let path = etcd.certFile, let keyPath = etcd.keyFile, let caPath = etcd.caFile,
      let certificates = client.certificates.value, let certificate = certificates.first,
      let key = client.key.value, let entry = Catalog.documented[.apiserverEtcdClient]
    else { return unusable }
    // The etcd decides which name it accepts.
    let leaf = Leaf(
      path: path, certificates, of: entry, SubjectIdentity(.fixed(""), []),
      remedies: (.askExternalEtcd, .askExternalEtcd))
    return pairFindings(certificate, path, key, keyPath, or: .askExternalEtcd) + contentFindings(leaf)
      + chainFindings(leaf, caPath)
  }

  /// Whether the CAs of the etcd vouch for the client certificate.
  private func chainFindings(_ leaf: Leaf, _ caPath: String) -> [Finding] {
    do throws(OpenSSLError) {
      let error = try leaf.certificate.verificationError(
        anchors: tree.externalEtcdCAs.value ?? [], intermediates: leaf.intermediates, purpose: .any, at: nil,
        isStrict: false)
      guard let error else { return [] }
      return [
        Finding(
          .wrongCA, [leaf.path, caPath], "\(leaf.path) does not verify under \(caPath): \(error)",
          remedy: remedy(leaf.replace))
      ]
    } catch {
      return [Finding(.malformedFile, [leaf.path], "\(leaf.path): \(error)", remedy: remedy(leaf.replace))]
    }
  }
}

extension ExternalEtcd {
  private static var files: [WritableKeyPath<ExternalEtcd, String?>] { [\.caFile, \.certFile, \.keyFile] }

  /// The same with the paths at which the files of the tree's machine are here, without those that are not.
  package func placed(at location: TreeLocation) -> ExternalEtcd {
    var etcd = self
    for file in Self.files { etcd[keyPath: file] = self[keyPath: file].flatMap(location.place(onMachine:)) }
    return etcd
  }

  /// The files of the tree's machine that are not here.
  func outside(of location: TreeLocation) -> [String] {
    Self.files.compactMap { self[keyPath: $0] }.filter { location.place(onMachine: $0) == nil }
  }
}
