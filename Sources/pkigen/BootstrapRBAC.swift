import ArgumentParser
import CertificateRequests
import KubernetesPKI

/// `pkigen bootstrap rbac`.
struct BootstrapRBAC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rbac",
    abstract: "Print the roles and bindings with which kubelets get their client certificates by themselves.",
    discussion: """
      Bearers of a token may ask for certificates and get a node's first one; nodes get their renewals. Serving \
      certificates are never approved by kube-controller-manager itself; --selfnodeserver is for approvers that ask for the \
      right to them.

      EXAMPLES
        pkigen bootstrap rbac | kubectl apply -f -
        pkigen bootstrap rbac --style kubeadm --group system:bootstrappers:rack7
      """)

  @Option(
    help: ArgumentHelp(
      """
      A group of the tokens; may be repeated. (default: system:bootstrappers, \
      in kubeadm's style system:bootstrappers:kubeadm:default-node-token)
      """, valueName: "group"))
  var group: [String] = []

  @Flag(help: "Also the right to have one's serving certificate renewed.")
  var selfnodeserver = false

  @Option(help: ArgumentHelp("Whose names the objects carry: documented or kubeadm.", valueName: "style"))
  var style = NamingStyle.documented

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the objects.", valueName: "format"))
  var output = ObjectFormat.yaml

  func run() throws {
    let objects = try BootstrapAuthorization.objects(
      style, groups: group.map { Setting($0, from: .option("--group")) }, includesServing: selfnodeserver)
    try Terminal.output(try output.text(objects))
  }
}
