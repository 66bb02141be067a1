import FileStore
import FoundationEssentials
import KubernetesPKI

/// Puts remedies for rotations into words.
extension RemedyText {
  /// What concerns rotations.
  func rotation(_ action: Remedy.Action) -> String {
    switch action {
    case .rotationAdvice(let id):
      "see pkigen rotate status\(options), and put the files of \(id?.rawValue ?? "sa") back as a backup or another node has them"
    case .rotateAgain(let verb, let id): "run \(command(verb, id)), which makes it again"
    case .rotateIfLost(let verb, let id): "if it is lost, run \(command(verb, id))"
    case .goBack(let id): "go back one stage: \(command(.back, id))"
    case .switchWithoutCross(let id):
      "if everything trusts the successor already, run \(command(.switchOver, id)) --no-cross-sign"
    case .keepWithCAKey(let path): "for an external CA, move \(path) to where its key is"
    case .nameSigner(let path, let manifest):
      "set --cluster-signing-cert-file=\(Self.usualPath(path)) in \(manifest), wait until kube-controller-manager runs again, and"
        + " run this command again"
    case .showRotation: "see pkigen rotate status\(options)"
    case .prepareOtherNode(let id):
      "copy the files of the successor to that node, and run pkigen rotate prepare \(rotated(id)) there"
    case .compareRotations(let peers):
      "see which node is behind, and what it needs: pkigen rotate status\(options)"
        + peers.map { " --peer \($0.kubeconfigDirectory.shellQuoted)" }.joined()
    case .leaveOtherSuccessor(let id):
      "run pkigen rotate back \(rotated(id)) on that node until pkigen rotate status shows it as idle; then copy the files of the"
        + " successor there, and run pkigen rotate prepare \(rotated(id))"
    case .nameNodeOfCluster(let path):
      "name a node of the same cluster with --peer; if this is one, put back \(path), and what else that run has replaced, from its"
        + " backup"
    case .copyFromPeer(let directory, let names, let verb, let id):
      "copy its files first: tar -C \(directory.shellQuoted) -cf - \(names.joined(separator: " ")) | tar -C"
        + " \((remedy.tree?.location.certificateDirectory ?? ".").shellQuoted) -xpf -; then run \(command(verb, id))"
    case .renewBeforeRetiring:
      "run pkigen rotate switch on the node of each of these files; on a worker, with the steps that it prints"
    case .waitForTokens(let end):
      "wait until \(end.rfc3339); or, if all service-account tokens were issued again since the switch, add"
        + " --tokens-renewed"
    case .sayTokensRenewed:
      "if sa was switched, and all service-account tokens were issued again since then, add --tokens-renewed"
    case .separateSigner(let path): separateSigner(path)
    case .copyCAOfStage(let path):
      "copy \(Path.name(of: path)) of a control-plane node that has reached the stage to \(path), and run the command again"
    default: ""
    }
  }

  private func separateSigner(_ path: String) -> String {
    "on every control-plane node, run this command, set --cluster-signing-cert-file=\(Self.usualPath(path)) in the manifest of"
      + " kube-controller-manager, and wait until it runs again; put the flag into controllerManager.extraArgs of the ConfigMap"
      + " kubeadm-config too, as pkigen rotate manifests ca\(options) shows; then run this command again; where there is no"
      + " manifest, with --controller-manager-ready"
  }

  /// Where Kubernetes has the file of a tree: the tree may be a copy.
  private static func usualPath(_ path: String) -> String {
    "\(TreeLocation.defaultDirectory)/pki/\(Path.name(of: path))"
  }

  /// The command of a stage of a rotation.
  private func command(_ verb: RotationVerb, _ id: CatalogEntry.ID?) -> String {
    "pkigen rotate \(verb.rawValue) \(rotated(id))\(options)"
  }

  /// What a rotation is about.
  private func rotated(_ id: CatalogEntry.ID?) -> String {
    id.map { names([$0]) } ?? Catalog.serviceAccountKey
  }
}
