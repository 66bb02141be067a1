package import Kubeconfigs
package import OpenSSLX509

/// Files that are at no place of the layout.
extension TreeContents {
  /// The certificates in a file, as one of Kubernetes' readers takes them.
  package func certificates(at path: String, as pemReader: Certificate.Reader) -> FileContent<[Certificate]> {
    var reader = reader
    return reader.readCertificates(path, as: pemReader)
  }

  /// The private key in a file.
  package func privateKey(at path: String) -> FileContent<PrivateKey> {
    var reader = reader
    return reader.readKey(path)
  }

  /// The public keys in a file, as kube-apiserver reads those of service-account tokens.
  package func serviceAccountKeys(at path: String) -> FileContent<[PublicKey]> {
    var reader = reader
    return reader.readServiceAccountKeys(path)
  }

  /// A kubeconfig in a file.
  package func kubeconfig(at path: String) -> FileContent<Kubeconfig> {
    var reader = reader
    let reach = location.reach
    return reader.readKubeconfig(path) { (text) throws(KubeconfigProblem) in
      try Kubeconfig(text, path: path, reach: reach)
    }
  }
}
