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
      let client = tree.externalEtcdCertificates.value?.first, let key = tree.externalEtcdKey.value
    else { return unusable }
    let remedy = "have the external etcd's authority sign a new client certificate, and put it there"
    return pairFindings(client, path, key, keyPath, remedy: remedy)
      + validityFindings(client, path, remedy: remedy)
      + usageFindings(client, path, [.clientAuth], remedy: remedy)
      + chainFindings(path, caPath, remedy: remedy)
  }

  /// Whether the authorities that etcd is given vouch for the client certificate.
  private func chainFindings(_ path: String, _ caPath: String, remedy: String) -> [Finding] {
    let certificates = tree.externalEtcdCertificates.value ?? []
    guard let client = certificates.first, client.validity.contains(instant) else { return [] }
    let authorities = tree.externalEtcdAuthorities.value ?? []
    do throws(OpenSSLError) {
      let error = try client.verificationError(
        anchors: authorities, intermediates: Array(certificates.dropFirst()), purpose: .any, at: instant)
      guard let error else { return [] }
      return [
        Finding(
          .wrongAuthority, [path, caPath], "\(path) does not verify under \(caPath): \(error)", remedy: remedy
        )
      ]
    } catch {
      return [Finding(.malformedFile, [path], "\(path): \(error)", remedy: remedy)]
    }
  }
}
