import ArgumentParser
import CertificateRequests
import KubernetesPKI

/// `pkigen bootstrap rbac`.
struct BootstrapRBAC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rbac",
    abstract: "Print the roles and bindings that let kubelets get client certificates.",
    discussion: """
      Users with a token may request a node's first certificate; nodes may renew theirs. \
      kube-controller-manager never approves serving certificates; --selfnodeserver is for other approvers, which check this \
      right.

      EXAMPLES
        pkigen bootstrap rbac | kubectl apply -f -
        pkigen bootstrap rbac --style kubeadm --group system:bootstrappers:rack7
      """)

  @Option(
    help: ArgumentHelp(
      """
      Group of the tokens (repeatable, comma-separated). (default: system:bootstrappers, \
      in kubeadm's style system:bootstrappers:kubeadm:default-node-token)
      """, valueName: "group"))
  var group: [String] = []

  @Flag(help: "Add the right to renew a node's serving certificate.")
  var selfnodeserver = false

  @Option(.style, KubernetesDefaults.self) var style: ClusterSettings?

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the objects.", valueName: "format"))
  var output = ObjectFormat.yaml

  func run() throws {
    let objects = try BootstrapAuthorization.objects(
      (style ?? ClusterSettings()).configuration().style, groups: Setting.list(group, from: "--group"),
      includesServing: selfnodeserver)
    try Terminal.output(try output.text(objects))
  }
}
