/// An etcd that is not part of the tree, and the files with which the API server reaches it: kubeadm's `etcd.external`.
public struct ExternalEtcd: Hashable, Sendable {
  /// The path of the CAs that sign etcd's certificates.
  public var caFile: String?
  /// The path of the API server's client certificate.
  public var certFile: String?
  /// The path of the client certificate's private key.
  public var keyFile: String?

  /// An etcd of which no files are known.
  public init() {}
}
