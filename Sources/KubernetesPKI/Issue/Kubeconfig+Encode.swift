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
    let authority = try Self.base64(certificateAuthorities)
    let certificate = try Self.base64(clientCertificates)
    let key = Data(try clientKey.pem().copy).base64EncodedString()
    do {
      let node = try node(authority: authority, certificate: certificate, key: key)
      return SecretBytes(try serialize(node: node, width: -1).utf8)
    } catch {
      throw OpenSSLError(
        operation: "write the kubeconfig of \(userName)", reasons: ["a name in it is no YAML"])
    }
  }

  private static func base64(_ certificates: [Certificate]) throws(OpenSSLError) -> String {
    var pem: [UInt8] = []
    for certificate in certificates { pem += try certificate.pem().copy }
    return Data(pem).base64EncodedString()
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
