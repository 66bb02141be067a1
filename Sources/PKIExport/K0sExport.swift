internal import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509

extension ExportSource {
  /// What k0s reads from `/var/lib/k0s/pki` at its first start instead of making its own: the CAs and the service-account key.
  ///
  /// See <https://docs.k0sproject.io/stable/custom-ca/>; the modes are those that k0s gives, pkg/constant/constant.go.
  package func k0sFiles() throws(PKIError) -> [TarArchive.Member] {
    var modified = 0
    var files: [(path: String, mode: UInt32, content: SecretBytes)] = []
    for (id, path) in [(CatalogEntry.ID.ca, "ca"), (.frontProxyCA, "front-proxy-ca"), (.etcdCA, "etcd/ca")] {
      let (certificates, key) = (try certificates(id), try key(id))
      modified = max(modified, Int(certificates.first?.validity.notBefore.timeIntervalSince1970 ?? 0))
      files.append(("\(path).crt", 0o644, try exporting(path, certificates.pem)))
      files.append(("\(path).key", 0o640, try exporting(path, key.pem)))
    }
    let (publicKeys, privateKey) = (try serviceAccountPublicKeys(), try serviceAccountKey())
    files.append(("sa.pub", 0o644, try exporting("sa.pub", publicKeys.pem)))
    files.append(("sa.key", 0o640, try exporting("sa.key", privateKey.pem)))
    // One time for all, so that the same PKI is the same archive.
    let time = modified
    return [("pki", 0o751), ("pki/etcd", 0o711)].map {
      TarArchive.Member(path: $0.0, mode: $0.1, modified: time, content: nil)
    }
      + files.map {
        TarArchive.Member(path: "pki/\($0.path)", mode: $0.mode, modified: time, content: $0.content)
      }
  }
}
