import Foundation
import TestSupport
import Testing

/// What pkigen takes for an inventory, and what docs/schema/inventory.json does, as another program reads it.
@Suite(.timeLimit(.minutes(5)))
struct InventorySchemaTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// An inventory of one cluster, with a change.
  private static func inventory(_ old: String = "", _ new: String = "") -> String {
    let text = """
      apiVersion: pkigen/v1
      kind: Inventory
      clusters:
      - name: prod
        config: {kind: ClusterConfiguration, apiVersion: kubeadm.k8s.io/v1beta4}
        options: {bind-port: 6443, apiserver-san: [a, b], external-etcd: false}
        nodes:
        - {name: "cp[1-3]", address: 10.0.0.1, roles: [control-plane, etcd], options: {etcd-peer-san: c}}
        - {name: w1, roles: worker}

      """
    return old.isEmpty ? text : text.replacing(old, with: new)
  }

  private func answers(_ texts: [String]) async throws -> [Substring] {
    let paths = try texts.enumerated().map { index, text in
      let path = directory.path("\(index).yaml")
      try Data(text.utf8).write(to: URL(filePath: path))
      return path
    }
    let outcome = try await run(
      Judges.python, [Judges.schema, Judges.repository + "/docs/schema/inventory.json"] + paths)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return outcome.stdout.split(separator: "\n")
  }

  private func pkigen(_ index: Int) async throws -> Outcome {
    try await Pkigen.run(
      "init", "--inventory", directory.path("\(index).yaml"), "--out", directory.path("out"), "--dry-run")
  }

  @Test func `both take the same inventories`() async throws {
    let texts = [
      Self.inventory(), Self.inventory("roles: [control-plane, etcd], ", ""),
      Self.inventory("  options: {bind-port: 6443, apiserver-san: [a, b], external-etcd: false}\n", ""),
      Self.inventory("cp[1-3]", "cp1"), Self.inventory("bind-port: 6443", "validity: 90d, style: kubeadm"),
      Self.inventory("config: {", "config: [{").replacing("v1beta4}", with: "v1beta4}]"),
    ]
    #expect(try await answers(texts) == texts.map { _ in "ok" })
    for index in texts.indices {
      let outcome = try await pkigen(index)
      #expect(outcome.status == 0, "\(texts[index])\(outcome.stderr)")
    }
  }

  @Test func `both refuse the same inventories, and pkigen names the line`() async throws {
    let changes: [(old: String, new: String, line: Int, error: String)] = [
      ("pkigen/v1", "pkigen/v2", 1, "apiVersion is not pkigen/v1"),
      ("kind: Inventory", "kind: List", 2, "kind is not Inventory"),
      ("clusters:", "cluster:", 3, "\"cluster\" is not a field of the inventory"),
      ("- name: prod\n", "- names: prod\n", 4, "\"names\" is not a field of a cluster"),
      ("- name: prod\n", "- name: Prod/1\n", 4, "the cluster \"Prod/1\" is not a host name"),
      ("bind-port: 6443", "node-name: x", 6, "\"node-name\" is not a field of options of prod"),
      ("bind-port: 6443", "bind-port: {}", 6, "bind-port in options of prod is an object, not a text"),
      ("external-etcd: false", "key-algorithm: dsa", 6, "key-algorithm in options of prod: \"dsa\" is "),
      ("cp[1-3]", "cp[1-x]", 8, "the node \"cp[1-x]\" is not a name or a pattern"),
      ("roles: worker", "roles: [master]", 9, "roles of w1 are not of control-plane, etcd, worker"),
      ("roles: worker", "roles: []", 9, "roles of w1 are not of control-plane, etcd, worker"),
      ("etcd-peer-san: c", "validity: 1d", 8, "\"validity\" is not a field of options of prod/cp[1-3]"),
      ("{name: w1, roles: worker}", "w1", 9, "a node of prod is a string, not fields with values"),
    ]
    let texts = changes.map { Self.inventory($0.old, $0.new) }
    let answers = try await answers(texts)
    for (index, change) in changes.enumerated() {
      #expect(answers[index] != "ok", "\(texts[index])")
      let outcome = try await pkigen(index)
      #expect(outcome.status == 78, "\(texts[index])\(outcome.stderr)")
      #expect(
        outcome.stderr.contains("error: \(directory.path("\(index).yaml")):\(change.line): \(change.error)"),
        "\(outcome.stderr)")
    }
  }

  @Test func `what no schema says is refused too`() async throws {
    let changes = [
      ("{name: w1, roles: worker}", "{name: cp2, address: 10.0.0.9}", "the node prod/cp2 stands twice"),
      (
        "{name: w1, roles: worker}", "{name: c4, address: 10.0.0.2}",
        "two nodes of prod have the address 10.0.0.2"
      ),
      ("cp[1-3]", "cp[3-1]", "is a pattern whose last number is below the first"),
      ("cp[1-3]", "cp[1-999999]", "is a pattern for more than 100000 nodes"),
      ("10.0.0.1", "255.255.255.254", "there are not so many addresses after 255.255.255.254"),
      (
        "config: {kind: ClusterConfiguration, apiVersion: kubeadm.k8s.io/v1beta4}", "config: none.yaml",
        "none.yaml"
      ),
      ("kind: Inventory", "kind: Inventory\nkind: Inventory", "kind of the inventory stands twice"),
      ("kind: Inventory", "kind: [", "expected"),
    ]
    let texts = changes.map { Self.inventory($0.0, $0.1) }
    for (index, text) in texts.enumerated() {
      try Data(text.utf8).write(to: URL(filePath: directory.path("\(index).yaml")))
      let outcome = try await pkigen(index)
      #expect(outcome.status != 0 && outcome.stderr.contains(changes[index].2), "\(outcome.stderr)")
      #expect(outcome.stdout.isEmpty)
    }
  }

  @Test func `numbered nodes keep the width of their numbers and count their addresses on`() async throws {
    let text = Self.inventory("cp[1-3]", "cp[098-101]").replacing("10.0.0.1", with: "10.0.0.254")
    try Data(text.utf8).write(to: URL(filePath: directory.path("0.yaml")))
    let made = try await Pkigen.run(
      "init", "--inventory", directory.path("0.yaml"), "--out", directory.path("out"), "-q")
    #expect(made.status == 0, "\(made.stderr)")
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("out/prod")).sorted()
    #expect(names == ["cp098", "cp099", "cp100", "cp101", "w1"])
    let conf = try String(
      contentsOfFile: directory.path("out/prod/cp100/etc/kubernetes/admin.conf"), encoding: .utf8)
    #expect(conf.contains("https://10.0.1.0:6443"))
  }
}
