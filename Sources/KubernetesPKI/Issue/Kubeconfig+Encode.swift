internal import FoundationEssentials
internal import OpenSSLX509
internal import Yams

extension Kubeconfig {
  /// The kubeconfig in YAML as kubectl and kubeadm write it: keys sorted, everything embedded, base64 in one line.
  ///
  /// - Throws: ``OpenSSLError`` when a part cannot be encoded.
  func encoded() throws(OpenSSLError) -> SecretBytes {
    guard let clientKey else {
      throw OpenSSLError(operation: "write the kubeconfig of \(userName)", reasons: ["it has no client key"])
    }
    let authority = Data(try certificateAuthorities.pem().copy).base64EncodedString()
    let certificate = Data(try clientCertificates.pem().copy).base64EncodedString()
    let key = Data(try clientKey.pem().copy).base64EncodedString()
    do {
      let node = try node(authority: authority, certificate: certificate, key: key)
      return SecretBytes(try serialize(node: node, width: -1).utf8)
    } catch {
      throw OpenSSLError(
        operation: "write the kubeconfig of \(userName)", reasons: ["a name in it is no YAML"])
    }
  }

  private func node(authority: String, certificate: String, key: String) throws -> Node {
    [
      "apiVersion": "v1",
      "clusters": [
        [
          "cluster": [
            "certificate-authority-data": try authority.represented(), "server": try server.represented(),
          ],
          "name": try clusterName.represented(),
        ]
      ],
      "contexts": [
        [
          "context": ["cluster": try clusterName.represented(), "user": try userName.represented()],
          "name": try contextName.represented(),
        ]
      ],
      "current-context": try contextName.represented(),
      "kind": "Config",
      "users": [
        [
          "name": try userName.represented(),
          "user": [
            "client-certificate-data": try certificate.represented(),
            "client-key-data": try key.represented(),
          ],
        ]
      ],
    ]
  }
}
