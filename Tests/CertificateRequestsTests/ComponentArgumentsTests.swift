@testable import CertificateRequests
import KubernetesPKI
import PKITestSupport
import Testing

/// The table of arguments, against the documentation's: written a second time, so that a mistake does not agree with itself.
struct ComponentArgumentsTests {
  private let location = TreeLocation(certificateDirectory: "/p", kubeconfigDirectory: "/k")

  private func arguments(_ component: String, tokenFile: String? = nil) throws -> [String] {
    try ComponentArguments.of(
      [Setting(component, from: .option("COMPONENT"))], in: location, tokenFile: tokenFile
    ).flatMap(\.arguments)
      .map { "\($0.name)=\($0.value)" }
  }

  @Test func `each component of the control plane is given its files`() throws {
    #expect(
      try arguments("kube-apiserver") == [
        "--client-ca-file=/p/ca.crt", "--tls-cert-file=/p/apiserver.crt",
        "--tls-private-key-file=/p/apiserver.key",
        "--kubelet-client-certificate=/p/apiserver-kubelet-client.crt",
        "--kubelet-client-key=/p/apiserver-kubelet-client.key", "--etcd-cafile=/p/etcd/ca.crt",
        "--etcd-certfile=/p/apiserver-etcd-client.crt", "--etcd-keyfile=/p/apiserver-etcd-client.key",
        "--requestheader-client-ca-file=/p/front-proxy-ca.crt",
        "--proxy-client-cert-file=/p/front-proxy-client.crt",
        "--proxy-client-key-file=/p/front-proxy-client.key",
        "--service-account-key-file=/p/sa.pub", "--service-account-signing-key-file=/p/sa.key",
        "--enable-bootstrap-token-auth=true",
      ])
    #expect(
      try arguments("kube-controller-manager") == [
        "--client-ca-file=/p/ca.crt", "--root-ca-file=/p/ca.crt", "--cluster-signing-cert-file=/p/ca.crt",
        "--cluster-signing-key-file=/p/ca.key", "--requestheader-client-ca-file=/p/front-proxy-ca.crt",
        "--service-account-private-key-file=/p/sa.key", "--kubeconfig=/k/controller-manager.conf",
        "--authentication-kubeconfig=/k/controller-manager.conf",
        "--authorization-kubeconfig=/k/controller-manager.conf",
      ])
    #expect(
      try arguments("kube-scheduler") == [
        "--kubeconfig=/k/scheduler.conf", "--authentication-kubeconfig=/k/scheduler.conf",
        "--authorization-kubeconfig=/k/scheduler.conf",
      ])
  }

  @Test func `etcd and the kubelet are given theirs`() throws {
    #expect(
      try arguments("etcd") == [
        "--cert-file=/p/etcd/server.crt", "--key-file=/p/etcd/server.key",
        "--peer-cert-file=/p/etcd/peer.crt",
        "--peer-key-file=/p/etcd/peer.key", "--trusted-ca-file=/p/etcd/ca.crt",
        "--peer-trusted-ca-file=/p/etcd/ca.crt", "--client-cert-auth=true", "--peer-client-cert-auth=true",
      ])
    #expect(
      try arguments("etcdctl") == [
        "--cacert=/p/etcd/ca.crt", "--cert=/p/etcd/healthcheck-client.crt",
        "--key=/p/etcd/healthcheck-client.key",
      ])
    #expect(
      try arguments("kubelet") == [
        "--bootstrap-kubeconfig=/k/bootstrap-kubelet.conf", "--kubeconfig=/k/kubelet.conf",
        "--client-ca-file=/p/ca.crt", "--cert-dir=/var/lib/kubelet/pki", "--rotate-certificates=true",
        "--rotate-server-certificates=true",
      ])
  }

  @Test func `the API server takes tokens from a file or from Secrets`() throws {
    let arguments = try arguments("kube-apiserver", tokenFile: "/t.csv")
    #expect(arguments.last == "--token-auth-file=/t.csv")
    #expect(!arguments.contains { $0.hasPrefix("--enable-bootstrap-token-auth") })
  }

  /// A file that nothing makes would be a component that does not start.
  @Test func `every file is one of the catalog's`() throws {
    let catalog = Catalog.documented
    let files =
      catalog.certificates.flatMap { [location.path(of: $0), location.path(of: $0, .key)] }
      + catalog.kubeconfigs.map { location.path(of: $0) }
      + [location.serviceAccountKey, location.serviceAccountPublicKey, location.bootstrapKubeconfig]
    let values = try ComponentArguments.of([], in: location, tokenFile: nil).flatMap(\.arguments).map(\.value)
    #expect(values.filter { $0.hasPrefix("/p") || $0.hasPrefix("/k") }.allSatisfy(files.contains))
    #expect(values.count == 43)
  }

  @Test func `components come in the order of the table, and what is none is refused`() throws {
    let some = try ComponentArguments.of(
      Setting.list(["kubelet,etcd"], from: .option("COMPONENT")), in: location, tokenFile: nil)
    #expect(some.map(\.component) == ["etcd", "kubelet"])
    let errors = #expect(throws: PKIErrors.self) {
      try ComponentArguments.of(
        Setting.list(["kubelet,a,b"], from: .option("COMPONENT")), in: location, tokenFile: nil)
    }
    #expect(errors?.errors.count == 2)
  }
}
