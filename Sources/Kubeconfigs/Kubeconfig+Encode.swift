internal import FoundationEssentials
package import OpenSSLX509
package import StructuredText

extension Kubeconfig {
  /// The kubeconfig in YAML as kubectl and kubeadm write it: keys sorted, everything embedded, base64 in one line.
  ///
  /// One that waits for its certificate has no field for it.
  ///
  /// - Throws: ``KubeconfigProblem`` when a part cannot be encoded.
  package func encoded() throws(KubeconfigProblem) -> SecretBytes {
    guard let clientKey else {
      throw KubeconfigProblem("it has no client key")
    }
    var credential: JSONValue = [
      "client-key-data": .string(try base64 { () throws(OpenSSLError) in try clientKey.pem() })
    ]
    if !isAwaitingCertificate {
      credential["client-certificate-data"] = .string(try clientCertificates.base64())
    }
    return try ClusterEntry(name: clusterName, server: server, cas: certificateAuthorities)
      .kubeconfig(userName: userName, contextName: contextName, credential: credential)
  }
}

/// The cluster entry of a kubeconfig: how an API server is reached, and who vouches for it.
package struct ClusterEntry: Sendable {
  package let name: String
  package let server: String
  package let cas: [Certificate]

  /// The entry for the API server of this URL, trusted by these certificates.
  package init(name: String, server: String, cas: [Certificate]) {
    self.name = name
    self.server = server
    self.cas = cas
  }

  /// The kubeconfig of a single context for a user of this credential.
  package func kubeconfig(
    userName: String, contextName: String, credential: JSONValue
  ) throws(KubeconfigProblem) -> SecretBytes {
    let cluster: JSONValue = [
      "certificate-authority-data": .string(try cas.base64()), "server": .string(server),
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
    return try document.encodedKubeconfig()
  }
}

extension [Certificate] {
  /// The certificates in PEM, one after the other, in base64 of one line.
  package func base64() throws(KubeconfigProblem) -> String {
    try Kubeconfigs.base64 { () throws(OpenSSLError) in try pem() }
  }
}

/// A PEM text in base64 of one line.
func base64(_ pem: () throws(OpenSSLError) -> SecretBytes) throws(KubeconfigProblem) -> String {
  do throws(OpenSSLError) {
    return Data(try pem().copy).base64EncodedString()
  } catch {
    throw KubeconfigProblem(error.description)
  }
}

extension JSONValue {
  /// The document in YAML.
  func encodedKubeconfig() throws(KubeconfigProblem) -> SecretBytes {
    do throws(Problem) {
      return SecretBytes(try yaml().utf8)
    } catch {
      throw KubeconfigProblem("a name in it cannot be written as YAML")
    }
  }
}
