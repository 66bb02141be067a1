internal import FileStore
package import KubernetesPKI
package import StructuredText

/// The arguments with which a component of the cluster finds its files of a tree: the table of the documentation.
///
/// See <https://kubernetes.io/docs/setup/best-practices/certificates/#certificate-paths>,
/// <https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/>, and the pages of the components,
/// as <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/>.
package struct ComponentArguments: Sendable, Encodable {
  /// One argument.
  package struct Argument: Sendable, Encodable {
    /// The argument with its dashes: `--client-ca-file`.
    package let name: String
    /// Its value.
    package let value: String
  }

  /// The program.
  package let component: String
  /// Its arguments.
  package let arguments: [Argument]

  /// A value: a file below the directory of certificates, one in the directory of kubeconfigs, or a text.
  private enum Value {
    case certificate(String)
    case kubeconfig(String)
    case text(String)

    func text(in location: TreeLocation) -> String {
      switch self {
      case .certificate(let name): Path.join(location.certificateDirectory, name)
      case .kubeconfig(let name): Path.join(location.kubeconfigDirectory, name)
      case .text(let text): text
      }
    }
  }

  private static let table: [(component: String, arguments: [(String, Value)])] = [
    (
      "kube-apiserver",
      [
        ("--client-ca-file", .certificate("ca.crt")),
        ("--tls-cert-file", .certificate("apiserver.crt")),
        ("--tls-private-key-file", .certificate("apiserver.key")),
        ("--kubelet-client-certificate", .certificate("apiserver-kubelet-client.crt")),
        ("--kubelet-client-key", .certificate("apiserver-kubelet-client.key")),
        ("--etcd-cafile", .certificate("etcd/ca.crt")),
        ("--etcd-certfile", .certificate("apiserver-etcd-client.crt")),
        ("--etcd-keyfile", .certificate("apiserver-etcd-client.key")),
        ("--requestheader-client-ca-file", .certificate("front-proxy-ca.crt")),
        ("--proxy-client-cert-file", .certificate("front-proxy-client.crt")),
        ("--proxy-client-key-file", .certificate("front-proxy-client.key")),
        ("--service-account-key-file", .certificate("sa.pub")),
        ("--service-account-signing-key-file", .certificate("sa.key")),
        ("--enable-bootstrap-token-auth", .text("true")),
      ]
    ),
    (
      "kube-controller-manager",
      [
        ("--client-ca-file", .certificate("ca.crt")),
        ("--root-ca-file", .certificate("ca.crt")),
        ("--cluster-signing-cert-file", .certificate("ca.crt")),
        ("--cluster-signing-key-file", .certificate("ca.key")),
        ("--requestheader-client-ca-file", .certificate("front-proxy-ca.crt")),
        ("--service-account-private-key-file", .certificate("sa.key")),
        ("--kubeconfig", .kubeconfig("controller-manager.conf")),
        ("--authentication-kubeconfig", .kubeconfig("controller-manager.conf")),
        ("--authorization-kubeconfig", .kubeconfig("controller-manager.conf")),
      ]
    ),
    (
      "kube-scheduler",
      [
        ("--kubeconfig", .kubeconfig("scheduler.conf")),
        ("--authentication-kubeconfig", .kubeconfig("scheduler.conf")),
        ("--authorization-kubeconfig", .kubeconfig("scheduler.conf")),
      ]
    ),
    (
      "etcd",
      [
        ("--cert-file", .certificate("etcd/server.crt")),
        ("--key-file", .certificate("etcd/server.key")),
        ("--peer-cert-file", .certificate("etcd/peer.crt")),
        ("--peer-key-file", .certificate("etcd/peer.key")),
        ("--trusted-ca-file", .certificate("etcd/ca.crt")),
        ("--peer-trusted-ca-file", .certificate("etcd/ca.crt")),
        // Without these two, etcd accepts every client that reaches it.
        ("--client-cert-auth", .text("true")),
        ("--peer-client-cert-auth", .text("true")),
      ]
    ),
    (
      "etcdctl",
      [
        ("--cacert", .certificate("etcd/ca.crt")),
        ("--cert", .certificate("etcd/healthcheck-client.crt")),
        ("--key", .certificate("etcd/healthcheck-client.key")),
      ]
    ),
    (
      "kubelet",
      [
        ("--bootstrap-kubeconfig", .kubeconfig("bootstrap-kubelet.conf")),
        ("--kubeconfig", .kubeconfig("kubelet.conf")),
        ("--client-ca-file", .certificate("ca.crt")),
        ("--cert-dir", .text("/var/lib/kubelet/pki")),
        ("--rotate-certificates", .text("true")),
        ("--rotate-server-certificates", .text("true")),
      ]
    ),
  ]

  /// The names of all components, in the order of the table.
  package static let components = table.map(\.component)

  /// The arguments of these components; of all when none is named.
  ///
  /// - Parameter tokenFile: the API server's static token file, which it takes instead of tokens in Secrets.
  /// - Throws: ``PKIErrors`` with the names that are not components.
  package static func of(
    _ names: [Setting], in location: TreeLocation, tokenFile: String?
  ) throws(PKIErrors) -> [ComponentArguments] {
    let unknown = names.filter { !components.contains($0.text) }
    guard unknown.isEmpty else {
      let problem = "not one of \(components.joined(separator: ", "))"
      throw PKIErrors(unknown.map { $0.invalid(problem) })
    }
    let wanted = names.map(\.text)
    return table.filter { wanted.isEmpty || wanted.contains($0.component) }.map { component, arguments in
      ComponentArguments(
        component: component,
        arguments: arguments.map { name, value in
          guard name == "--enable-bootstrap-token-auth", let tokenFile else {
            return Argument(name: name, value: value.text(in: location))
          }
          return Argument(name: "--token-auth-file", value: tokenFile)
        })
    }
  }

  /// The command of a static pod: the component, then each argument.
  package var command: JSONValue {
    .array([.string(component)] + arguments.map { .string("\($0.name)=\($0.value)") })
  }
}
