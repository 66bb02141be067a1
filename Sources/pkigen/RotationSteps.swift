import FileStore
import KubernetesPKI

/// What a person has to do after a stage of a rotation, in this order, before the next stage: what to copy, what to restart and
/// what not, how long to wait and how to see that it is so, and what breaks if the next stage comes too early.
struct RotationSteps {
  let verb: RotationVerb
  let plan: Plan
  let selection: Selection
  let catalog: Catalog
  /// Whether CAs are to certify their successors.
  let crossSigns: Bool

  /// Whether there is something to do although the run changed nothing: a kubelet that has not asked for its certificate yet.
  var arePending: Bool {
    guard let ca = catalog[.ca], isOfWorker(ca) else { return false }
    if case .embedded = kubeletState { return verb == .switchOver || verb == .back }
    return false
  }

  /// The steps of every CA that is selected, and of the key of service-account tokens.
  var lines: [String] {
    let cas = selection.entries(of: catalog).filter { plan.tree.ca($0.id) != nil }
    let serviceAccount = selection.serviceAccountKey && !plan.tree.serviceAccountKey.isAbsent
    return cas.flatMap { ca in steps(ca).map { "\(ca.name): \($0)" } }
      + (serviceAccount ? serviceAccountSteps.map { "\(Catalog.serviceAccountKey): \($0)" } : [])
  }

  private func steps(_ ca: CatalogEntry) -> [String] {
    if isOfWorker(ca) { return workerSteps }
    if let steps = completed(ca) { return steps }
    switch (verb, ca.id) {
    case (.prepare, _) where !isRotated(ca): return joined(ca)
    case (.prepare, .ca): return preparedCA(ca)
    case (.prepare, .etcdCA): return preparedEtcd(ca)
    case (.prepare, _): return preparedFrontProxy(ca)
    case (.back, _) where !plan.tree.succession(of: ca.id).nextKey.isAbsent: return withdrawn(ca)
    case (.switchOver, .ca), (.back, .ca): return switchedCA(ca)
    case (.switchOver, .etcdCA), (.back, .etcdCA): return switchedEtcd(ca)
    case (.switchOver, _), (.back, _): return switchedFrontProxy(ca)
    case (.retire, .ca): return retiredCA(ca)
    case (.retire, .etcdCA): return retiredEtcd(ca)
    case (.retire, _): return retiredFrontProxy(ca)
    }
  }

  /// After files of the stage were made again, which is all that the run did; `nil` after any other.
  private func completed(_ ca: CatalogEntry) -> [String]? {
    let issues = plan.steps.contains { step in
      if case .replace(let entry, _) = step { entry.ca == ca.id } else { false }
    }
    for case .rotate(let entry, let rotation) in plan.steps where entry.id == ca.id && !issues {
      switch rotation {
      case .complete: return [nothingToRestart(ca)]
      case .certify:
        let cross = copy([location.layout.place(of: ca, .crossCertificate).path])
        return verb == .prepare ? [cross, nothingToRestart(ca)] : [nothingToRestart(ca)]
      case .prepare, .arrange, .extend: return nil
      }
    }
    return nil
  }

  private func nothingToRestart(_ ca: CatalogEntry) -> String {
    "nothing has to be restarted"
      + (ca.id == .ca ? ": kube-controller-manager follows ca-signing.crt at once" : "")
  }

  /// After what the first node has prepared was copied here.
  private func joined(_ ca: CatalogEntry) -> [String] {
    switch ca.id {
    case .ca: [restart([.kubeControllerManager]), doNotRestartAPIServer("ca.crt")]
    default: []
    }
  }

  /// After a successor that did not sign yet went away.
  private func withdrawn(_ ca: CatalogEntry) -> [String] {
    let own = otherNodes(ca.name)
    guard ca.id == .ca else {
      return [own]
        + (ca.id == .etcdCA && !isCertified(ca)
          ? [restartEtcd("restart, if they were restarted after prepare")] : [])
    }
    return [
      own, copyToWorkers(), restart([.kubeControllerManager]) + ", on every control-plane node",
      doNotRestartAPIServer("ca.crt"), applyClusterInfo,
      "the manifest of kube-controller-manager may name ca.crt again, and may go on naming ca-signing.crt",
    ]
  }
}

// The parts of steps.
extension RotationSteps {
  var location: TreeLocation { plan.tree.location }
  /// The options that name the tree.
  var options: String { location.commandOptions }

  /// Whether the machine has a CA's certificates alone, and nothing of the control plane.
  func isOfWorker(_ ca: CatalogEntry) -> Bool {
    ca.id == .ca && plan.tree.role != .controlPlane && plan.tree.stage(of: ca) == .keyless
  }

  /// How far the kubelet of this machine was before the run.
  var kubeletState: KubeletState? { plan.tree.ca(.ca).flatMap(plan.tree.kubeletState) }

  /// Whether the run has made what other nodes need of a CA.
  private func isRotated(_ ca: CatalogEntry) -> Bool {
    plan.steps.contains { step in
      guard case .rotate(let entry, let rotation) = step, entry.id == ca.id else { return false }
      if case .prepare = rotation { return true }
      return false
    }
  }

  /// Whether the present CA has certified the successor.
  func isCertified(_ ca: CatalogEntry) -> Bool {
    for case .rotate(let entry, .prepare(let successor)) in plan.steps where entry.id == ca.id {
      return successor.cross != nil
    }
    return plan.tree.ca(ca.id)?.cross != nil
      || plan.steps.contains { step in
        if case .rotate(let entry, .certify) = step { entry.id == ca.id } else { false }
      }
  }

  /// The option that says that a CA does not certify its successor.
  var crossOption: String { crossSigns ? "" : " --no-cross-sign" }

  /// What takes files to the other control-plane nodes.
  func copy(_ names: [String]) -> String {
    "copy to every other control-plane node: \(location.tar(names, to: "NODE"))"
  }

  /// The files of a successor.
  func successorFiles(_ ca: CatalogEntry) -> [String] {
    let parts: [Layout.Part] =
      [.certificate, .nextKey] + (isCertified(ca) ? [.crossCertificate] : [])
      + (plan.tree.rootChain(of: ca.id).isAbsent ? [] : [.rootChain])
      + (ca.id == .ca ? [.signingCertificate] : [])
    return parts.map { location.layout.place(of: ca, $0).path }
  }

  /// What takes the CA's file to the workers, and does their part.
  func copyToWorkers() -> String {
    let bundle = plan.tree.rootChain(of: .ca).isAbsent ? [] : ["ca-bundle.crt"]
    return
      "copy to every worker: \(location.tar(["ca.crt"] + bundle, to: "WORKER")); then run pkigen rotate \(verb.rawValue) ca there"
  }

  /// The part of the other control-plane nodes.
  func otherNodes(_ item: String) -> String {
    "run pkigen rotate \(verb.rawValue) \(item) on every other control-plane node, one after the other"
  }

  /// The part of the other control-plane nodes, where they have all that they need.
  func otherNodesWithoutCopy(_ item: String) -> String { otherNodes(item) + "; nothing has to be copied" }

  /// What follows when another CA signs: to end the trust in the one that did, or, on the way back, what the user wants.
  func afterSwitch(of item: String, tooEarly: String) -> String {
    verb == .back
      ? "run pkigen rotate status\(options), and pkigen rotate switch \(item) or pkigen rotate back \(item) when you want to go"
        + " on"
      : next("retire", item, tooEarly: tooEarly)
  }

  /// How to restart static pods.
  func restart(_ components: [ComponentReading.Component]) -> String {
    let names = components.map(\.rawValue).joined(separator: ", then ")
    return "restart \(names): move its file out of \(location.manifestDirectory.shellQuoted), wait until the"
      + " container is gone (crictl ps), and move the file back"
  }

  func restartEtcd(_ when: String) -> String {
    "\(when), on one control-plane node after the other: move kube-apiserver.yaml out of"
      + " \(location.manifestDirectory.shellQuoted), then etcd.yaml, wait until both containers are gone (crictl ps), and"
      + " move etcd.yaml back, then kube-apiserver.yaml; wait until both are ready"
  }

  func doNotRestartAPIServer(_ file: String) -> String {
    "do not restart kube-apiserver: it follows \(file) at once"
  }

  /// The patch of the ConfigMap for nodes that join.
  var applyClusterInfo: String {
    "apply, for nodes that join: pkigen rotate manifests ca\(options)"
      + " | kubectl -n kube-public patch configmap cluster-info --patch-file /dev/stdin"
  }

  /// How to see that no node is behind.
  var checkNodes: String {
    "check that no node is behind, with copies of their /etc/kubernetes: pkigen rotate status\(options) --peer DIR"
  }

  /// The next stage, and what breaks if it comes too early.
  func next(_ verb: String, _ item: String, tooEarly: String) -> String {
    "then run pkigen rotate \(verb) \(item)\(verb == "switch" ? crossOption : "")\(options); too early, \(tooEarly)"
  }
}

extension TreeLocation {
  /// What copies files to the directory of the certificates of another machine, with their modes.
  func tar(_ names: [String], to machine: String) -> String {
    "tar -C \(certificateDirectory.shellQuoted) -cf - \(names.joined(separator: " "))"
      + " | ssh \(machine) tar -C /etc/kubernetes/pki -xpf -"
  }
}
