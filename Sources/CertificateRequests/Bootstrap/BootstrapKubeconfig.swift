internal import StructuredText
package import Kubeconfigs
package import KubernetesPKI
internal import OpenSSLX509

extension NamingStyle {
  /// The name of the cluster in kubeconfigs.
  package var clusterName: String {
    switch self {
    case .documented: "default-cluster"
    case .kubeadm: "kubernetes"
    }
  }

  /// The names of the user and of the context in the kubeconfig of a kubelet that has only a token.
  fileprivate func bootstrapNames(_ clusterName: String) -> (user: String, context: String) {
    switch self {
    case .documented: ("kubelet-bootstrap", "default")
    case .kubeadm: ("tls-bootstrap-token-user", "tls-bootstrap-token-user@\(clusterName)")
    }
  }
}

extension BootstrapToken {
  /// The kubeconfig at `path` with which a kubelet that has only this token asks for its first certificate.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  package func kubeconfig(
    for cluster: ClusterEntry, in style: NamingStyle, at path: String
  ) throws(PKIError) -> PKIFile {
    let names = style.bootstrapNames(cluster.name)
    do throws(KubeconfigProblem) {
      return PKIFile(
        .kubeconfig, at: path,
        try cluster.kubeconfig(
          userName: names.user, contextName: names.context, credential: ["token": .string(text)]))
    } catch {
      throw .encoding(subject: path, reason: error.text)
    }
  }
}

extension Endpoint {
  /// The URL of an API server that a setting gives, untouched.
  ///
  /// - Throws: ``PKIErrors`` when it is no such URL.
  package static func url(_ setting: Setting) throws(PKIErrors) -> String {
    guard Endpoint(url: setting.text) != nil, setting.text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      throw PKIErrors([setting.invalid("not the URL of an API server; write it as https://HOST:PORT")])
    }
    return setting.text
  }
}
