import ArgumentParser
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// `pkigen rotate manifests`.
struct RotateManifests: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifests",
    abstract: "Print what has to be changed in the cluster, for kubectl.",
    discussion: """
      For ca: a patch of the ConfigMap cluster-info, from which joining nodes learn the CA. For the others there \
      is nothing to apply. Comments have the other changes of the stage, and how to check it; JSON has the patch \
      alone.

      EXAMPLES
        pkigen rotate manifests ca
        pkigen rotate manifests ca \\
          | kubectl -n kube-public patch configmap cluster-info \\
              --patch-file /dev/stdin
      """)

  @Argument(
    help: ArgumentHelp("ca, etcd-ca, front-proxy-ca, sa, or all.", valueName: "name"),
    completion: .names(withServiceAccountKey: true, of: \.isCA))
  var names: [String]

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("yaml or json.", valueName: "format"))
  var output = ObjectFormat.yaml

  func run() throws {
    let selection = try Selection(arguments: names, .trustAnchors, in: .allFiles)
    let contents = TreeContents(reading: tree.location, catalog: .allFiles)
    let comments = ClusterChanges(tree: contents, selection: selection).lines.map { "# \($0)\n" }.joined()
    guard selection.entries.contains(.ca) else {
      return try Terminal.output(comments + (output == .yaml ? "# There is nothing to apply.\n" : "{}\n"))
    }
    let patch = try output.text([try ClusterInfoPatch(of: contents).object])
    try Terminal.output(output == .yaml ? comments + patch : patch)
  }
}

/// What is to be changed and looked at in the cluster at a stage, beside the patch.
private struct ClusterChanges {
  let tree: TreeContents
  let selection: Selection

  var lines: [String] {
    let catalog = Catalog.allFiles
    var lines: [String] = []
    for ca in selection.entries(of: catalog).filter(\.isCA) {
      let stage = tree.stage(of: ca)
      lines.append("\(ca.name), \(stage.name):")
      lines += self.lines(ca, stage).map { "  \($0)" }
    }
    if selection.serviceAccountKey {
      lines.append("\(Catalog.serviceAccountKey), \(tree.serviceAccountStage.name):")
      lines += serviceAccountLines.map { "  \($0)" }
    }
    return lines
  }

  private func lines(_ ca: CatalogEntry, _ stage: RotationStage) -> [String] {
    switch ca.id {
    case .ca: clusterCA(stage)
    case .frontProxyCA:
      [
        "Check how many CAs extension API servers trust: \(count(isMany(stage)))",
        "  \(RotationSteps.requestHeaderCAs)",
      ] + (stage == .idle ? afterRetiring : [])
    default:
      [
        "etcd's CA is in no object of the cluster. Clients of etcd outside of the control-plane nodes",
        "(backups, Prometheus, a network plugin) have copies of etcd/ca.crt in Secrets of their own.",
      ]
    }
  }

  private func isMany(_ stage: RotationStage) -> Bool { stage == .prepared || stage == .switched }

  private func count(_ isMany: Bool) -> String { isMany ? "2" : "1" }

  private func clusterCA(_ stage: RotationStage) -> [String] {
    var lines = [
      "Apply, for nodes that join:",
      "  pkigen rotate manifests ca\(tree.location.commandOptions) \\",
      "    | kubectl -n kube-public patch configmap cluster-info --patch-file /dev/stdin",
      "Check what pods trust: \(count(isMany(stage))) for each namespace:",
      "  \(RotationSteps.rootCAs)",
    ]
    if isMany(stage) {
      lines += [
        "Check which CAs an API server accepts: both names are among these:",
        "  openssl s_client -connect HOST:6443 < /dev/null | grep -A 4 'client certificate CA names'",
      ]
    }
    if stage == .switched {
      lines += [
        "Check the kubelet of each node, workers too: the name of the CA that signs:",
        "  openssl x509 -noout -issuer -in \(KubeletState.file)",
      ]
    }
    return lines + (stage == .idle ? beforePreparing + afterRetiring : [])
  }

  private var beforePreparing: [String] {
    [
      "Before pkigen rotate prepare ca: have kubeadm keep kube-controller-manager's own signing file.",
      "  kubectl -n kube-system edit configmap kubeadm-config",
      "In its ClusterConfiguration, with kubeadm.k8s.io/v1beta4:",
      "  controllerManager:",
      "    extraArgs:",
      "    - name: cluster-signing-cert-file",
      "      value: /etc/kubernetes/pki/ca-signing.crt",
      "and with v1beta3:",
      "  controllerManager:",
      "    extraArgs:",
      "      cluster-signing-cert-file: /etc/kubernetes/pki/ca-signing.crt",
    ]
  }

  private var afterRetiring: [String] {
    [
      "After pkigen rotate retire on every control-plane node: API servers keep the old CA in the ConfigMap",
      "extension-apiserver-authentication, and extension API servers trust it until it expires. Delete it;",
      "API servers make it again at once, with the new CA alone:",
      "  kubectl -n kube-system delete configmap extension-apiserver-authentication",
    ]
  }

  private var serviceAccountLines: [String] {
    [
      "Check how many keys verify tokens: \(count(isMany(tree.serviceAccountStage))):",
      "  \(RotationSteps.publicKeys)",
    ]
  }
}
