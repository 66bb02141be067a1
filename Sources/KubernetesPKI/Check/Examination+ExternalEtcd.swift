internal import OpenSSLX509

extension Examination {
  /// What is wrong with the files with which the API server reaches an etcd that is not part of the tree.
  public func externalEtcdFindings() -> [Finding] {
    guard let etcd = cluster.externalEtcd else { return [] }
    let contents = [
      (etcd.caFile, tree.externalEtcdAuthorities.isAbsent, tree.externalEtcdAuthorities.finding),
      (etcd.certFile, tree.externalEtcdCertificates.isAbsent, tree.externalEtcdCertificates.finding),
      (etcd.keyFile, tree.externalEtcdKey.isAbsent, tree.externalEtcdKey.finding),
    ]
    let unusable = contents.compactMap { path, isAbsent, finding -> Finding? in
      guard let path else { return nil }
      return isAbsent ? missing(path, "put the file that belongs to the external etcd there") : finding
    }
    guard unusable.isEmpty, let path = etcd.certFile, let keyPath = etcd.keyFile, let caPath = etcd.caFile,
      let chain = tree.externalEtcdCertificates.value, let client = chain.first,
      let key = tree.externalEtcdKey.value
    else { return unusable }
    let remedy = "have the external etcd's authority sign a new client certificate, and put it there"
    // Its name is for that etcd to judge.
    let leaf = Leaf(
      path: path, certificate: client, intermediates: Array(chain.dropFirst()), authority: .etcdCA,
      commonName: .fixed(""), organizations: [], purposes: [.clientAuth], renewRemedy: remedy,
      replaceRemedy: remedy)
    return pairFindings(client, path, key, keyPath, remedy: remedy) + contentFindings(leaf)
      + chainFindings(leaf, caPath)
  }

  /// Whether the authorities that etcd is given vouch for the client certificate.
  private func chainFindings(_ leaf: Leaf, _ caPath: String) -> [Finding] {
    do throws(OpenSSLError) {
      let error = try leaf.certificate.verificationError(
        anchors: tree.externalEtcdAuthorities.value ?? [], intermediates: leaf.intermediates, purpose: .any,
        at: nil, isStrict: false)
      guard let error else { return [] }
      return [
        Finding(
          .wrongAuthority, [leaf.path, caPath], "\(leaf.path) does not verify under \(caPath): \(error)",
          remedy: leaf.replaceRemedy)
      ]
    } catch {
      return [Finding(.malformedFile, [leaf.path], "\(leaf.path): \(error)", remedy: leaf.replaceRemedy)]
    }
  }
}
