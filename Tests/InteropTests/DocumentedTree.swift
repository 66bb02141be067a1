// The tables of Kubernetes' "PKI certificates and requirements", for the cluster that these tests ask for. They are
// written a second time on purpose: read off pkigen's own table, a mistake there would agree with itself.

/// The CAs, by the path of their files below `pki`.
enum Authority: String, CaseIterable, Sendable {
  case kubernetes = "ca"
  case etcd = "etcd/ca"
  case frontProxy = "front-proxy-ca"

  var commonName: String {
    switch self {
    case .kubernetes: "kubernetes-ca"
    case .etcd: "etcd-ca"
    case .frontProxy: "kubernetes-front-proxy-ca"
    }
  }
}

/// What a certificate is for.
enum Usage: String, Sendable {
  case server, client
}

/// A certificate that a CA of the tree signs.
struct Leaf: Sendable {
  /// The path of its files below `pki`, or the name of its kubeconfig.
  var name: String
  var authority: Authority
  /// The subject as `openssl x509 -nameopt oneline` writes it.
  var subject: String
  var usages: [Usage]
  /// DNS names, sorted.
  var hosts: [String] = []
  var addresses: [String] = []

  var names: [String] { hosts + addresses }
}

extension Leaf {
  static let nodeName = "cp1"
  static let advertiseAddress = "10.0.0.10"

  /// The leaves with files of their own.
  static let files = [
    Leaf(
      name: "apiserver", authority: .kubernetes, subject: "CN = kube-apiserver", usages: [.server],
      hosts: [
        nodeName, "kubernetes", "kubernetes.default", "kubernetes.default.svc",
        "kubernetes.default.svc.cluster",
        "kubernetes.default.svc.cluster.local",
      ],
      addresses: ["10.96.0.1", advertiseAddress]),
    Leaf(
      name: "apiserver-kubelet-client", authority: .kubernetes,
      subject: "O = system:masters, CN = kube-apiserver-kubelet-client", usages: [.client]),
    Leaf(
      name: "apiserver-etcd-client", authority: .etcd,
      subject: "O = system:masters, CN = kube-apiserver-etcd-client", usages: [.client]),
    Leaf(
      name: "front-proxy-client", authority: .frontProxy, subject: "CN = front-proxy-client",
      usages: [.client]),
    Leaf(
      name: "etcd/server", authority: .etcd, subject: "CN = kube-etcd", usages: [.server, .client],
      hosts: [nodeName, "localhost"], addresses: [advertiseAddress, "127.0.0.1", "::1"]),
    Leaf(
      name: "etcd/peer", authority: .etcd, subject: "CN = kube-etcd-peer", usages: [.server, .client],
      hosts: [nodeName, "localhost"], addresses: [advertiseAddress, "127.0.0.1", "::1"]),
    Leaf(
      name: "etcd/healthcheck-client", authority: .etcd, subject: "CN = kube-etcd-healthcheck-client",
      usages: [.client]),
  ]

  /// The leaves inside the kubeconfigs.
  static let kubeconfigs = [
    Leaf(
      name: "admin.conf", authority: .kubernetes, subject: "O = system:masters, CN = kubernetes-admin",
      usages: [.client]),
    Leaf(
      name: "kubelet.conf", authority: .kubernetes, subject: "O = system:nodes, CN = system:node:\(nodeName)",
      usages: [.client]),
    Leaf(
      name: "controller-manager.conf", authority: .kubernetes, subject: "CN = system:kube-controller-manager",
      usages: [.client]),
    Leaf(
      name: "scheduler.conf", authority: .kubernetes, subject: "CN = system:kube-scheduler", usages: [.client]
    ),
  ]

  static let all = files + kubeconfigs
}

/// The key algorithms that pkigen knows.
enum Algorithm: String, CaseIterable, Sendable {
  case rsa2048 = "rsa-2048"
  case rsa3072 = "rsa-3072"
  case rsa4096 = "rsa-4096"
  case ecdsaP256 = "ecdsa-p256"
  case ecdsaP384 = "ecdsa-p384"

  /// Those that cost little time.
  static let quick: [Algorithm] = [.rsa2048, .ecdsaP256, .ecdsaP384]

  var isRSA: Bool { rawValue.hasPrefix("rsa") }
}
