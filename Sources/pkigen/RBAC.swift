import ArgumentParser
import KubernetesPKI

/// `pkigen rbac`.
struct RBAC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rbac",
    abstract: "Print the ClusterRoleBindings that the certificates' identities need.",
    discussion: """
      The identities are those of the certificates in the PKI directory, and those that the style and the \
      version would make. Members of the group system:masters need no binding.

      EXAMPLES
        pkigen rbac --style kubeadm --kubernetes-version v1.36.2 | \\
          kubectl --kubeconfig /etc/kubernetes/super-admin.conf apply -f -
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Style") var style: StyleOptions<KubernetesDefaults>

  @Option(name: .shortAndLong, help: ArgumentHelp("yaml or json.", valueName: "format"))
  var output = ObjectFormat.yaml

  func run() throws {
    let catalog = try style.settings.configuration().catalog
    for warning in style.settings.styleWarnings { Terminal.warn(warning) }
    let bindings = catalog.roleBindings(in: TreeContents(reading: tree.location, catalog: catalog))
    if bindings.isEmpty, output == .yaml {
      return try Terminal.output("# These identities need no ClusterRoleBinding.\n")
    }
    try Terminal.output(output.text(bindings.map(\.object)))
  }
}
