import FoundationEssentials
import TestSupport
import Testing

/// `--external-etcd`.
struct ExternalEtcdTests {
  @Test func `without an etcd of its own the tree has neither its CA nor its leaves`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--external-etcd", "--style", "kubeadm")
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("pki")).sorted()
    #expect(
      names == [
        "apiserver-kubelet-client.crt", "apiserver-kubelet-client.key", "apiserver.crt", "apiserver.key",
        "ca.crt",
        "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "front-proxy-client.crt",
        "front-proxy-client.key",
        "sa.key", "sa.pub",
      ])
    let again = try await directory.makeTree("--external-etcd", "--style", "kubeadm")
    #expect(again.stdout.contains("Files: 17 kept."))
  }

  @Test func `check-expiration does not miss the CA of an external etcd`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree()
    for name in ["etcd"] { try FileManager.default.removeItem(atPath: directory.path("pki/\(name)")) }
    let inferred = try await Pkigen.run("check-expiration", "-d", directory.path)
    #expect(inferred.status == 1)
    let config = """
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      etcd: {external: {endpoints: ["https://10.0.0.5:2379"]}}
      """
    for (options, input) in [(["--external-etcd"], nil), (["--config", "-"], config)] {
      let outcome = try await Pkigen.run(["check-expiration", "-d", directory.path] + options, input: input)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.stdout.contains("apiserver-etcd-client"))
    }
  }

  @Test(arguments: ["etcd-ca", "etcd-server", "apiserver-etcd-client"])
  func `its names are no names of phase cert`(name: String) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "phase", "cert", name, "--external-etcd", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "-d",
      directory.path)
    #expect(outcome.status == 64 && outcome.stderr.contains("\"\(name)\" is not one of all, ca, apiserver"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }
}
