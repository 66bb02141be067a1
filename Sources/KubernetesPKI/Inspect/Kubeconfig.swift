public import OpenSSLX509

/// What a kubeconfig says in its current context, with everything that it names read in.
///
/// See <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>.
public struct Kubeconfig: Sendable {
  /// The name of the cluster entry.
  public let clusterName: String
  /// The name of the user entry.
  public let userName: String
  /// The name of the context.
  public let contextName: String
  /// The API server's URL.
  public let server: String
  /// The authorities that are trusted, embedded or in the file that is named.
  public let certificateAuthorities: [Certificate]
  /// The client certificate, followed by its chain.
  public let clientCertificates: [Certificate]
  /// The client's private key.
  public let clientKey: PrivateKey
  /// The files that it names instead of embedding, in the order authority, certificate, key; none twice.
  public let referencedFiles: [String]

  /// A kubeconfig of a single context, with everything embedded.
  public init(
    clusterName: String, userName: String, contextName: String, server: String,
    certificateAuthorities: [Certificate], clientCertificates: [Certificate], clientKey: PrivateKey
  ) {
    self.clusterName = clusterName
    self.userName = userName
    self.contextName = contextName
    self.server = server
    self.certificateAuthorities = certificateAuthorities
    self.clientCertificates = clientCertificates
    self.clientKey = clientKey
    referencedFiles = []
  }

  init(
    names: KubeconfigDocument.Context, server: String, certificateAuthorities: [Certificate],
    clientCertificates: [Certificate], clientKey: PrivateKey, referencedFiles: [String]
  ) {
    clusterName = names.cluster
    userName = names.user
    contextName = names.name
    self.server = server
    self.certificateAuthorities = certificateAuthorities
    self.clientCertificates = clientCertificates
    self.clientKey = clientKey
    self.referencedFiles = referencedFiles
  }
}
