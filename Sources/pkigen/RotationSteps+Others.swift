import KubernetesPKI

/// The steps for etcd's CA.
extension RotationSteps {
  func preparedEtcd(_ ca: CatalogEntry) -> [String] {
    let copy = copy(successorFiles(ca)) + "; then run pkigen rotate prepare etcd-ca\(crossOption) there"
    guard isCertified(ca) else {
      return [
        copy, restartEtcd("restart etcd and kube-apiserver, so that they trust both CAs"), checkMembers,
        outsideClients,
        next("switch", ca.name, tooEarly: "a member that trusts the present CA alone refuses the others"),
      ]
    }
    return [
      copy, "do not restart etcd or kube-apiserver: one restart, after the switch, is enough", checkNodes,
      next("switch", ca.name, tooEarly: "a node without etcd/ca-next.key cannot follow"),
    ]
  }

  func switchedEtcd(_ ca: CatalogEntry) -> [String] {
    let end = afterSwitch(
      of: ca.name,
      tooEarly:
        "members and API servers that were not restarted refuse each other, and an API server does not start"
    )
    let restart =
      isCertified(ca)
      ? restartEtcd(
        "when every node has done this, restart etcd and kube-apiserver, which read etcd/ca.crt at their start only"
      )
      : "do not restart etcd or kube-apiserver: they take the new certificates with the next connection"
    return [
      "do not restart anything before every node has done this",
      otherNodesWithoutCopy(ca.name), restart, checkMembers, outsideClients, end,
    ]
  }

  func retiredEtcd(_ ca: CatalogEntry) -> [String] {
    [
      otherNodesWithoutCopy(ca.name),
      "nothing has to be restarted: etcd and kube-apiserver trust the old CA until their next restart. If its key was stolen,"
        + " do not wait for that: restart etcd, then kube-apiserver, on one node after the other",
      checkMembers,
    ]
  }

  private var checkMembers: String {
    let pki = location.certificateDirectory
    return
      "check: ETCDCTL_API=3 etcdctl --cacert \(pki)/etcd/ca.crt --cert \(pki)/etcd/healthcheck-client.crt --key"
      + " \(pki)/etcd/healthcheck-client.key --endpoints https://127.0.0.1:2379 endpoint health --cluster"
  }

  private var outsideClients: String {
    "give etcd/ca.crt to clients of etcd outside of these nodes: backups, Prometheus, a network plugin"
  }
}

/// The steps for the CA of the aggregation layer.
extension RotationSteps {
  func preparedFrontProxy(_ ca: CatalogEntry) -> [String] {
    [
      copy(successorFiles(ca)) + "; then run pkigen rotate prepare front-proxy-ca\(crossOption) there",
      doNotRestartAPIServer("front-proxy-ca.crt"),
      "wait until this prints 2, at once: \(Self.requestHeaderCAs)",
      checkNodes,
      next(
        "switch", ca.name,
        tooEarly: "extension API servers refuse what comes through an API server: 503 for their resources"),
    ]
  }

  func switchedFrontProxy(_ ca: CatalogEntry) -> [String] {
    let end = afterSwitch(
      of: ca.name,
      tooEarly: "API servers that have not switched get 503 for the resources of extension API servers")
    return [
      doNotRestartAPIServer("front-proxy-client.crt"), otherNodesWithoutCopy(ca.name),
      "check, all must be True: kubectl get apiservices", checkNodes, end,
    ]
  }

  func retiredFrontProxy(_ ca: CatalogEntry) -> [String] {
    [
      otherNodesWithoutCopy(ca.name), doNotRestartAPIServer("front-proxy-ca.crt"),
      "when every node has done this, run \(Self.deleteAuthentication)",
      "check, prints 1: \(Self.requestHeaderCAs)",
    ]
  }

  /// How many CAs extension API servers trust for requests through an API server.
  static let requestHeaderCAs =
    "kubectl -n kube-system get configmap extension-apiserver-authentication"
    + " -o jsonpath='{.data.requestheader-client-ca-file}' | grep -c BEGIN"
}

/// The steps for the key of service-account tokens.
extension RotationSteps {
  var serviceAccountSteps: [String] {
    let restart =
      self.restart([.kubeAPIServer])
      + ". Do so on one control-plane node after the other: it reads sa.pub at its start only"
    return switch verb {
    case .prepare:
      [
        copy(["sa.pub", "sa-next.key"]), restart, "check, prints 2: \(Self.publicKeys)",
        "wait an hour where others verify tokens with the cluster's keys (Vault, the IAM of a cloud): they keep what they read",
        checkNodes,
        next("switch", "sa", tooEarly: "an API server without the new key answers 401 to its tokens"),
      ]
    case .switchOver:
      [
        otherNodesWithoutCopy("sa"),
        restart + ". Then restart kube-controller-manager in the same way",
        "wait 24 hours: pods get tokens of the new key in that time. Make tokens for longer anew, which are those of kubectl"
          + " create token --duration and those in Secrets: a new Secret beside the old one",
        next("retire", "sa", tooEarly: "pods with a token of the previous key get 401"),
      ]
    case .back where !plan.tree.serviceAccountNextKey.isAbsent:
      [otherNodesWithoutCopy("sa"), restart]
    case .back:
      [
        otherNodesWithoutCopy("sa"),
        restart + ". Then restart kube-controller-manager in the same way",
        "wait 24 hours before you run pkigen rotate back sa once more: tokens of the other key are in use",
      ]
    case .retire:
      [otherNodesWithoutCopy("sa"), restart, "check, prints 1: \(Self.publicKeys)"]
    }
  }

  /// How many keys verify tokens.
  static let publicKeys = "kubectl get --raw /openid/v1/jwks | jq '.keys | length'"
}
