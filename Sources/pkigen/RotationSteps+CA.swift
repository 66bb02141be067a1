import FileStore
import Kubeconfigs
import KubernetesPKI
import OpenSSLX509

/// The steps for the CA of the cluster.
extension RotationSteps {
  func preparedCA(_ ca: CatalogEntry) -> [String] {
    let isCertified = isCertified(ca)
    return [
      copy(successorFiles(ca)) + "; then run pkigen rotate prepare ca\(crossOption) there", copyToWorkers(),
      restart([.kubeControllerManager])
        + ". Do so on every control-plane node, the leader last: it publishes ca.crt to pods. The leader: \(Self.leader)",
      isCertified
        ? doNotRestartAPIServer("ca.crt") + ". kube-scheduler and kubelets need no restart either"
        : doNotRestartAPIServer("ca.crt")
          + ". But restart kube-scheduler and the kubelet of every node, workers too: they read what kubeconfigs trust at"
          + " their start",
      applyClusterInfo,
      "wait until pods have both certificates, about 90 seconds; then this prints 2 for each namespace: \(Self.rootCAs)",
      checkNodes,
      "until the rotation has ended: do not run kubeadm certs renew or kubeadm upgrade, which cut what kubeconfigs trust;"
        + " and copy ca-signing.crt to a control-plane node that joins, which kubeadm does not",
      next(
        "switch", "ca",
        tooEarly: "an API server whose ca.crt lacks the new CA answers 401 to its certificates"
          + (isCertified
            ? "" : ", and what trusts the present CA alone (users, CI systems, pods) refuses the API servers")
      ),
    ]
  }

  func switchedCA(_ ca: CatalogEntry) -> [String] {
    let end = afterSwitch(
      of: "ca",
      tooEarly:
        "what still has a certificate of the old CA gets 401, and what trusts it alone refuses the API servers"
    )
    return [
      restart([.kubeControllerManager, .kubeScheduler])
        + "; then the kubelet of this node: \(restartKubelet)",
      doNotRestartAPIServer("its files"), otherNodesWithoutCopy("ca"), checkNodes,
      "then " + copyToWorkers()
        + ": it prints the steps after which the kubelet gets a certificate of the CA that signs",
      applyClusterInfo, "give the new admin.conf, and new kubeconfigs, to everyone who has one",
      "restart the pods whose programs read ca.crt at their start only: kubectl -n NAMESPACE rollout restart deployment NAME",
      "wait until every kubelet has its certificate, a minute after its restart; check on each node, which prints the CA that"
        + " signs: openssl x509 -noout -issuer -in \(KubeletState.file)", end,
    ]
  }

  func retiredCA(_ ca: CatalogEntry) -> [String] {
    [
      otherNodesWithoutCopy("ca"), copyToWorkers(),
      restart([.kubeControllerManager])
        + ". Do so on every control-plane node, the leader last. kube-scheduler and kubelets may be restarted at any time",
      doNotRestartAPIServer("ca.crt"), applyClusterInfo,
      "when every node has done this, run \(Self.deleteAuthentication)",
      "wait until pods have the new certificate alone, about 90 seconds; then this prints 1 for each namespace: \(Self.rootCAs)",
      "restart the pods that are refused now: their programs have read the old ca.crt at their start",
      "the manifest of kube-controller-manager may name ca.crt again; while it names ca-signing.crt, copy that file to a"
        + " control-plane node that joins, which kubeadm does not",
    ]
  }

  /// A worker's part: the kubelet asks for a certificate of the CA that signs.
  var workerSteps: [String] {
    let restart =
      "restart the kubelet at any time, as it reads what kubelet.conf trusts at its start: systemctl restart kubelet"
    switch (verb, kubeletState) {
    case (.prepare, _):
      return [
        "do not restart the kubelet: it follows ca.crt at once. But if the control-plane nodes have no ca-cross.crt, restart it"
          + " before the switch: systemctl restart kubelet"
      ]
    case (.retire, _), (_, .current), (_, nil): return [restart]
    case (_, .renewed): return ["nothing has to be restarted: the kubelet has its certificate"]
    case (_, .named(let client, let isUsual)):
      return kubeletSteps(isUsual ? kubeletFile : client.certificatePath, isThere: true)
    case (_, .embedded(let hasFile)): return kubeletSteps(kubeletFile, isThere: hasFile)
    }
  }

  private func kubeletSteps(_ path: String, isThere: Bool) -> [String] {
    let previous = Path.join(Path.directory(of: path), "kubelet-client-previous.pem")
    let move = isThere ? "mv \([path, previous].shellWords) && " : ""
    let ca = plan.tree.ca(.ca)?.issuing.subject.description ?? ""
    let stage = verb == .back ? "gone back" : "switched"
    return [
      "when kube-controller-manager of every control-plane node has \(stage): \(move)systemctl restart kubelet; too early, it"
        + " signs with the other CA",
      "wait up to a minute: the kubelet asks for a certificate with the pair that kubelet.conf holds now. Then this prints"
        + " issuer=\(ca): openssl x509 -noout -issuer -in \(path.shellQuoted)",
      "then run pkigen rotate \(verb.rawValue) ca\(options) again, which has kubelet.conf name that file again",
    ]
  }

  /// Where the kubelet of the tree's machine has its certificate.
  private var kubeletFile: String {
    Path.join(location.rootDirectory ?? "/", String(KubeletState.file.dropFirst()))
  }

  /// How the kubelet of a control-plane node takes its new certificate.
  private var restartKubelet: String {
    guard let kubelet = plan.tree[.kubelet].kubeconfig.value, kubelet.files.isEmpty, kubelet.outside.isEmpty
    else { return "systemctl restart kubelet" }
    return
      "move \(KubeletState.file) away if it is there, as the kubelet ignores the pair in kubelet.conf beside it, and run"
      + " systemctl restart kubelet"
  }

  /// Which kube-controller-manager leads.
  private static let leader =
    "kubectl -n kube-system get lease kube-controller-manager -o jsonpath='{.spec.holderIdentity}'"

  /// How many certificates each namespace's ConfigMap has.
  static let rootCAs =
    "kubectl get configmaps -A --field-selector metadata.name=kube-root-ca.crt -o json"
    + " | jq -r '.items[] | \"\\(.metadata.namespace) \\(.data[\"ca.crt\"] | split(\"BEGIN\") | length - 1)\"'"

  /// API servers only add CAs to this ConfigMap.
  static let deleteAuthentication =
    "kubectl -n kube-system delete configmap extension-apiserver-authentication, which API servers make again at once without"
    + " the old CA"
}
