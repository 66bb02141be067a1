internal import FoundationEssentials
internal import OpenSSLX509

extension Kubeconfig {
  /// The kubeconfig in YAML as kubectl and kubeadm write it: keys sorted, everything embedded, base64 in one line.
  ///
  /// - Throws: ``OpenSSLError`` when a part cannot be encoded.
  func encoded() throws(OpenSSLError) -> SecretBytes {
    guard let clientKey else {
      throw OpenSSLError(operation: "write the kubeconfig of \(userName)", reasons: ["it has no client key"])
    }
    return try ClusterEntry(name: clusterName, server: server, authorities: certificateAuthorities)
      .kubeconfig(
        userName: userName, contextName: contextName,
        credential: [
          "client-certificate-data": .string(try clientCertificates.base64()),
          "client-key-data": .string(Data(try clientKey.pem().copy).base64EncodedString()),
        ])
  }
}

/// The cluster entry of a kubeconfig: how an API server is reached, and who vouches for it.
public struct ClusterEntry: Sendable {
  let name: String
  let server: String
  let authorities: [Certificate]

  /// The entry for the API server of this URL.
  public init(name: String, server: String, authority: TrustedAuthority) {
    self.init(name: name, server: server, authorities: authority.certificates)
  }

  init(name: String, server: String, authorities: [Certificate]) {
    self.name = name
    self.server = server
    self.authorities = authorities
  }

  /// The kubeconfig of a single context for a user of this credential.
  func kubeconfig(
    userName: String, contextName: String, credential: JSONValue
  ) throws(OpenSSLError) -> SecretBytes {
    let cluster: JSONValue = [
      "certificate-authority-data": .string(try authorities.base64()), "server": .string(server),
    ]
    let document: JSONValue = [
      "apiVersion": "v1",
      "clusters": [["cluster": cluster, "name": .string(name)]],
      "contexts": [
        ["context": ["cluster": .string(name), "user": .string(userName)], "name": .string(contextName)]
      ],
      "current-context": .string(contextName),
      "kind": "Config",
      "users": [["name": .string(userName), "user": credential]],
    ]
    do throws(PKIError) {
      return SecretBytes(try document.yaml().utf8)
    } catch {
      throw OpenSSLError(
        operation: "write the kubeconfig of \(userName)", reasons: ["a name in it is no YAML"])
    }
  }
}

extension [Certificate] {
  /// The certificates in PEM, one after the other, in base64 of one line.
  fileprivate func base64() throws(OpenSSLError) -> String { Data(try pem().copy).base64EncodedString() }
}
