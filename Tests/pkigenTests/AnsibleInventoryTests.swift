import Foundation
import TestSupport
import Testing

/// `pkigen init --inventory` with what `ansible-inventory --list` of ansible-core 2.19 has printed for an inventory with
/// kubespray's groups.
@Suite(.timeLimit(.minutes(5)))
struct AnsibleInventoryTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let text = """
    {
        "_meta": {
            "hostvars": {
                "cp1": {"ansible_host": "10.0.0.11", "ansible_user": "root"},
                "cp2": {
                    "access_ip": "203.0.113.12", "ansible_host": "192.0.2.12", "ansible_user": "root",
                    "ip": "10.0.0.12"
                },
                "cp3": {"ansible_host": "cp3.example.com", "ansible_user": "root", "ip": "10.0.0.13"}
            },
            "profile": "inventory_legacy"
        },
        "all": {"children": ["ungrouped", "etcd", "k8s_cluster"]},
        "etcd": {"children": ["kube_control_plane"]},
        "k8s_cluster": {"children": ["kube_control_plane", "kube_node"]},
        "kube_control_plane": {"hosts": ["cp1", "cp2", "cp3"]},
        "kube_node": {"hosts": ["w01", "w02", "w03"]}
    }
    """

  private func make(_ text: String = text, _ options: String...) async throws -> Outcome {
    try Data(text.utf8).write(to: URL(filePath: directory.path("prod.json")))
    return try await Pkigen.run(
      ["init", "--inventory", directory.path("prod.json"), "--out", directory.path("out")]
        + ["--key-algorithm", "ecdsa-p256"] + options)
  }

  private func names(_ node: String, _ file: String) async throws -> String {
    try await run(
      Judges.openssl,
      [
        "x509", "-noout", "-ext", "subjectAltName", "-in",
        directory.path("out/prod/\(node)/etc/kubernetes/pki/\(file)"),
      ]
    ).stdout
  }

  @Test func `groups are roles, and the variables addresses`() async throws {
    let outcome = try await make(Self.text, "--control-plane-endpoint", "k8s.example.com")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stdout.contains("prod      cp1    control-plane,etcd   26        0\n"))
    #expect(outcome.stdout.contains("prod      w03    worker               2         0\n"))
    let first = try await names("cp1", "apiserver.crt")
    #expect(first.contains("IP Address:10.0.0.11") && first.contains("DNS:k8s.example.com"))
    for file in ["apiserver.crt", "etcd/server.crt", "etcd/peer.crt"] {
      let second = try await names("cp2", file)
      #expect(second.contains("IP Address:10.0.0.12") && second.contains("IP Address:203.0.113.12"))
      #expect(!second.contains("192.0.2.12"))
    }
    #expect(try await names("cp3", "apiserver.crt").contains("IP Address:10.0.0.13"))
    let verified = try await Pkigen.run("verify", "--trees", directory.path("out"), "--strict")
    #expect(verified.status == 0, "\(verified.stdout)")
  }

  @Test func `the same nodes in pkigen's own form are the same trees`() async throws {
    _ = try await make(Self.text, "--control-plane-endpoint", "k8s.example.com")
    let text = """
      apiVersion: pkigen/v1
      kind: Inventory
      clusters:
      - name: prod
        options: {control-plane-endpoint: k8s.example.com, key-algorithm: ecdsa-p256}
        nodes:
        - {name: cp1, address: 10.0.0.11, roles: [control-plane, etcd]}
        - name: cp2
          address: 10.0.0.12
          roles: [control-plane, etcd]
          options:
            {apiserver-san: 203.0.113.12, etcd-server-san: 203.0.113.12, etcd-peer-san: 203.0.113.12}
        - {name: cp3, address: 10.0.0.13, roles: [control-plane, etcd]}
        - {name: "w[01-03]", roles: worker}
      """
    try Data(text.utf8).write(to: URL(filePath: directory.path("prod.yaml")))
    let outcome = try await Pkigen.run(
      "init", "--inventory", directory.path("prod.yaml"), "--out", directory.path("out"))
    #expect(outcome.status == 0 && outcome.stdout.contains("6 trees in 1 cluster, 0 changed, 0 failed."))
  }

  @Test func `kubeadm's configuration and standard input work too`() async throws {
    let config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: blue\n"
    try Data(config.utf8).write(to: URL(filePath: directory.path("kubeadm.yaml")))
    let outcome = try await Pkigen.run(
      "init", "--inventory", "-", "--out", directory.path("out"), "--key-algorithm", "ecdsa-p256", "--config",
      directory.path("kubeadm.yaml"), "--node", "cp1", "-q", input: Self.text)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let conf = try String(
      contentsOfFile: directory.path("out/kubernetes/cp1/etc/kubernetes/admin.conf"), encoding: .utf8)
    #expect(conf.contains("name: blue\n"))
  }

  @Test func `a control-plane node without an address, and an inventory without hosts, are refused`()
    async throws
  {
    let outcome = try await make(Self.text.replacing(#", "ip": "10.0.0.13""#, with: ""))
    #expect(outcome.status == 78)
    #expect(
      outcome.stderr.contains("prod.json:16: prod/cp3: \"cp3\" is without an address"), "\(outcome.stderr)")
    let empty = try await make(#"{"_meta": {"hostvars": {}}, "all": {"children": ["ungrouped"]}}"#)
    #expect(empty.status == 78)
    #expect(
      empty.stderr.contains("it has no hosts in kube_control_plane, etcd and kube_node"), "\(empty.stderr)")
  }

  @Test func `groups that contain each other end`() async throws {
    let text = Self.text.replacing(
      #""kube_node": {"hosts""#, with: #""kube_node": {"children": ["kube_node", "k8s_cluster"], "hosts""#)
    let outcome = try await make(text, "--dry-run")
    #expect(outcome.status == 0 && outcome.stdout.contains("6 trees in 1 cluster"), "\(outcome.stderr)")
  }
}
