import ArgumentParser
import KubernetesPKI

/// `pkigen rbac`.
struct RBAC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rbac",
    abstract: "Print the ClusterRoleBindings that the tree's identities need.",
    discussion: """
      The identities are those of the certificates in the tree, where there is one, and those that the style and the
      version would make. What belongs to the group system:masters needs no binding.

      EXAMPLES
        pkigen rbac --style kubeadm --kubernetes-version v1.36.2 | \\
          kubectl --kubeconfig /etc/kubernetes/super-admin.conf apply -f -
      """)

  /// The forms of a manifest.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case yaml, json
  }

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "What cluster") var style: StyleOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the result.", valueName: "format"))
  var output = Format.yaml

  /// The document of `-o json`, which kubectl takes too.
  private struct List: Encodable {
    let apiVersion = "v1"
    let items: [ClusterRoleBinding]
    let kind = "List"
  }

  func run() throws {
    var request = ClusterRequest()
    style.complete(&request)
    _ = try request.configuration(needing: [])
    for warning in style.warnings { Terminal.warn(warning) }
    let catalog = request.catalog
    let bindings = catalog.roleBindings(in: TreeContents(reading: tree.location, catalog: catalog))
    switch output {
    case .json: try Terminal.output(JSONOutput.text(List(items: bindings)))
    case .yaml where bindings.isEmpty: try Terminal.output("# These identities need no ClusterRoleBinding.\n")
    case .yaml: try Terminal.output(Manifest.yaml(bindings))
    }
  }
}
