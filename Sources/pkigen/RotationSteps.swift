import FileStore
import KubernetesPKI

/// What a person has to do after a stage of a rotation, in this order, before the next stage.
struct RotationSteps {
  let verb: RotationVerb
  let plan: Plan
  let selection: Selection
  let catalog: Catalog

  private var location: TreeLocation { plan.tree.location }
  private var options: String { location.commandOptions }

  /// The steps of every CA that is selected, and of the key of service-account tokens.
  var lines: [String] {
    let cas = selection.entries(of: catalog).filter { plan.tree.ca($0.id) != nil }
    let serviceAccount = selection.serviceAccountKey && !plan.tree.serviceAccountKey.isAbsent
    return cas.flatMap { ca in steps(ca).map { "\(ca.name): \($0)" } }
      + (serviceAccount ? serviceAccountSteps.map { "\(Catalog.serviceAccountKey): \($0)" } : [])
  }

  private func steps(_ ca: CatalogEntry) -> [String] {
    // Without the key it is a worker, which trusts what is copied to it.
    if plan.tree.stage(of: ca) == .keyless { return workerSteps }
    return switch verb {
    case .prepare: prepared(ca)
    case .switchOver, .back: switched(ca)
    case .retire: retired(ca)
    }
  }

  private var workerSteps: [String] {
    switch verb {
    case .prepare: ["nothing has to be restarted: the kubelet follows ca.crt"]
    case .switchOver, .back, .retire: ["restart the kubelet: systemctl restart kubelet"]
    }
  }

  private func prepared(_ ca: CatalogEntry) -> [String] {
    let isCertified = isCertified(ca)
    let parts: [Layout.Part] =
      [.certificate, .nextKey] + (isCertified ? [.crossCertificate] : [])
      + (ca.id == .ca ? [.signingCertificate] : [])
    let copy = copyStep(parts.map { name(ca, $0) }, ca.name)
    switch ca.id {
    case .ca:
      return [
        copy,
        "restart kube-controller-manager on every control-plane node, the leader last: it publishes ca.crt to pods."
          + " API servers and kubelets follow ca.crt without a restart",
        "on every worker, replace /etc/kubernetes/pki/ca.crt by this one, and run pkigen rotate prepare ca",
        "change the ConfigMap cluster-info, for nodes that join: pkigen rotate manifests ca\(options)",
        "wait until this prints 2 for each namespace (about 90 seconds): \(Self.rootCAs)",
        "until the rotation has ended, do not run kubeadm certs renew or kubeadm upgrade: they cut what kubeconfigs trust."
          + " A control-plane node that joins needs ca-signing.crt too, which kubeadm does not copy",
        next("switch", ca.name)
          + ". Do not switch earlier: an API server that does not trust the new CA answers 401 to its certificates",
      ]
    case .etcdCA where isCertified:
      return [copy, "nothing has to be restarted before the switch", next("switch", ca.name)]
    case .etcdCA:
      return [
        copy, "restart etcd, then kube-apiserver, on one node after the other, so that they trust both CAs",
        next("switch", ca.name)
          + "; too early, a member that trusts the present CA alone refuses the others",
      ]
    default:
      return [
        copy, "nothing has to be restarted: API servers follow \(name(ca, .certificate))",
        next("switch", ca.name)
          + "; too early, extension API servers refuse what comes through the API server",
      ]
    }
  }

  private func switched(_ ca: CatalogEntry) -> [String] {
    let goesBack = verb == .back
    let last =
      goesBack
      ? "run pkigen rotate back \(ca.name) on every node that has gone further than this one"
      : next("retire", ca.name)
    switch ca.id {
    case .ca:
      return [
        "restart kube-controller-manager, kube-scheduler and the kubelet of this node. The API server follows its files"
          + " without a restart",
        otherNodes(ca.name),
        "on every worker, replace /etc/kubernetes/pki/ca.crt by this one, run pkigen rotate \(verb.rawValue) ca and"
          + " restart the kubelet",
        "change the ConfigMap cluster-info: pkigen rotate manifests ca\(options)",
        "give the new admin.conf, and new kubeconfigs, to everyone who has one",
        last + "; too early, what still has a certificate of the other CA gets 401",
      ]
    case .etcdCA:
      return [
        otherNodes(ca.name),
        "when every node has done this, restart etcd, then kube-apiserver, on one node after the other: they read"
          + " \(name(ca, .certificate)) at their start only",
        last + ". Do not retire before that restart, or members refuse each other",
      ]
    default: return ["nothing has to be restarted", otherNodes(ca.name), last]
    }
  }

  private func retired(_ ca: CatalogEntry) -> [String] {
    switch ca.id {
    case .ca:
      return [
        "restart kube-controller-manager now; kube-scheduler and the kubelet at any time. The API server follows ca.crt"
          + " without a restart",
        otherNodes(ca.name),
        "on every worker, replace /etc/kubernetes/pki/ca.crt by this one, and run pkigen rotate retire ca",
        "change the ConfigMap cluster-info: pkigen rotate manifests ca\(options)",
        "when every node has done this: kubectl -n kube-system delete configmap extension-apiserver-authentication,"
          + " which API servers make again without the old CA",
        "while kube-controller-manager signs with ca-signing.crt, a control-plane node that joins needs that file;"
          + " its manifest may name ca.crt again",
      ]
    case .etcdCA:
      return [
        otherNodes(ca.name),
        "nothing has to be restarted; etcd and kube-apiserver trust the old CA until they restart",
      ]
    default:
      return [
        otherNodes(ca.name),
        "when every node has done this: kubectl -n kube-system delete configmap extension-apiserver-authentication,"
          + " which API servers make again without the old CA",
      ]
    }
  }

  private var serviceAccountSteps: [String] {
    let restart =
      "restart kube-apiserver on one control-plane node after the other: it reads sa.pub at its start only"
    return switch verb {
    case .prepare:
      [
        copyStep(["sa.pub", "sa-next.key"], "sa"), restart,
        "where others verify tokens by the cluster's keys (Vault, a cloud's IAM), wait an hour: they keep what they read",
        next("switch", "sa") + "; too early, an API server without the new key answers 401 to its tokens",
      ]
    case .switchOver:
      [
        restart + "; then restart kube-controller-manager", otherNodes("sa"),
        "wait 24 hours: pods get tokens of the new key in that time. Tokens for longer, of kubectl create token"
          + " --duration and in Secrets, have to be made anew",
        next("retire", "sa") + "; too early, pods with a token of the previous key get 401",
      ]
    case .retire, .back: [restart, otherNodes("sa")]
    }
  }
}

extension RotationSteps {
  /// How many certificates each namespace's ConfigMap has.
  private static let rootCAs =
    "kubectl get configmaps -A --field-selector metadata.name=kube-root-ca.crt -o json"
    + " | jq -r '.items[] | \"\\(.metadata.namespace) \\(.data[\"ca.crt\"] | split(\"BEGIN\") | length - 1)\"'"

  private func name(_ ca: CatalogEntry, _ part: Layout.Part) -> String {
    let path = location.path(of: ca, part)
    return String(path.dropFirst(Path.join(location.certificateDirectory, "").count))
  }

  /// Whether the present CA has certified the successor.
  private func isCertified(_ ca: CatalogEntry) -> Bool {
    for case .rotate(let entry, .prepare(let successor)) in plan.steps where entry.id == ca.id {
      return successor.cross != nil
    }
    return !plan.tree.succession(of: ca.id).cross.isAbsent
  }

  /// What takes files to the other nodes.
  private func copyStep(_ names: [String], _ item: String) -> String {
    "copy \(names.joined(separator: ", ")) to the pki directory of every other"
      + " control-plane node, a .key file with mode 0600, and run pkigen rotate prepare \(item) there"
  }

  private func otherNodes(_ item: String) -> String {
    "run pkigen rotate \(verb.rawValue) \(item) on every other control-plane node, one after the other"
  }

  private func next(_ verb: String, _ item: String) -> String {
    "then run pkigen rotate \(verb) \(item)\(options)"
  }
}
