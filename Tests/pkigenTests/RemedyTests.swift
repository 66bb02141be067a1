import FoundationEssentials
import TestSupport
import Testing

/// The commands that `pkigen verify` prints are run as they are printed, and what they are for is mended.
@Suite(.timeLimit(.minutes(20)))
struct RemedyTests {
  /// A way to break a tree.
  struct Breakage: CustomTestStringConvertible {
    let name: String
    /// What a shell does in the tree's directory; `$OTHER` is another tree.
    var script = ":"
    /// Options of `pkigen verify`.
    var options: [String] = []
    /// Options of the `pkigen init` that makes the tree.
    var made: [String] = []

    var testDescription: String { name }

    init(_ name: String, _ script: String = ":", options: [String] = [], made: [String] = []) {
      self.name = name
      self.script = script
      self.options = options
      self.made = made
    }
  }

  static let breakages = [
    Breakage("a key is missing", "rm pki/apiserver.key"),
    Breakage("a certificate is missing", "rm pki/front-proxy-client.crt"),
    Breakage("a pair is missing", "rm pki/apiserver.*"),
    Breakage(
      "a pair is missing in a cluster with other networks", "rm pki/apiserver.*",
      options: [
        "--service-cidr", "10.43.0.0/16", "--service-dns-domain", "k8s.local", "--apiserver-san", "a.example",
      ]),
    Breakage("a kubeconfig is missing", "rm scheduler.conf"),
    Breakage(
      "the administrator's kubeconfig is missing", "rm admin.conf",
      made: ["--control-plane-endpoint", "lb.example:6443"]),
    Breakage("a key is another's", "cp pki/sa.key pki/apiserver.key"),
    Breakage("a certificate cannot be read", "echo x > pki/apiserver.crt"),
    Breakage("a kubeconfig cannot be read", "echo x > controller-manager.conf"),
    Breakage(
      "a kubeconfig has a user twice",
      "sed -i 's/^users:/users:\\n- name: default-admin\\n  user: {}/' admin.conf"),
    Breakage("a key is exposed", "chmod 644 pki/ca.key pki/sa.key"),
    Breakage("a certificate can be overwritten", "chmod 666 pki/ca.crt"),
    Breakage("sa.pub is another's", "cp $OTHER/pki/sa.pub pki/sa.pub"),
    Breakage("sa.pub is missing", "rm pki/sa.pub"),
    Breakage(
      "names are missing",
      options: [
        "--apiserver-san", "a.example", "--etcd-server-san", "10.9.9.9", "--etcd-peer-san", "p.example",
      ]),
    Breakage("the service network is another", options: ["--service-cidr", "10.43.0.0/16"]),
    Breakage("the node has another address", options: ["--advertise-ip", "10.0.0.11"]),
    Breakage(
      "the API server has another port", options: ["--advertise-ip", "10.0.0.10", "--bind-port", "6444"]),
    Breakage(
      "there is a load balancer",
      options: ["--advertise-ip", "10.0.0.10", "--control-plane-endpoint", "lb.example:7443"]),
    Breakage(
      "the load balancer is another", options: ["--control-plane-endpoint", "lb2.example"],
      made: ["--control-plane-endpoint", "lb.example:6443"]),
    Breakage("the node has another name", options: ["--node-name", "cp7"]),
    Breakage(
      "a kubeconfig points elsewhere", "sed -i s,10.0.0.10:6443,192.168.7.7:6443, scheduler.conf",
      options: ["--advertise-ip", "10.0.0.10"]),
    Breakage("a kubeconfig points to no SAN", "sed -i s,10.0.0.10:6443,192.168.7.7:6443, scheduler.conf"),
    Breakage("a pair is of another CA", "cp $OTHER/pki/apiserver.* pki"),
    Breakage("pairs are of another CA", "cp $OTHER/pki/etcd/server.* $OTHER/pki/etcd/peer.* pki/etcd"),
    Breakage("a kubeconfig is of another CA", "cp $OTHER/scheduler.conf ."),
    Breakage("a pair is another cluster's", "cp $FOREIGN/pki/apiserver.* pki"),
    Breakage("a kubeconfig is another cluster's", "cp $FOREIGN/admin.conf ."),
    Breakage("sa.key is lost", "rm pki/sa.key"),
    Breakage("the service-account pair is lost", "rm pki/sa.*"),
    Breakage("a kubeconfig is another's", "cp scheduler.conf controller-manager.conf"),
    Breakage(
      "a pair is another's",
      "cp pki/apiserver-kubelet-client.crt pki/apiserver.crt; cp pki/apiserver-kubelet-client.key pki/apiserver.key"
    ),
    Breakage(
      "all of etcd is missing",
      "rm -r pki/etcd pki/apiserver-etcd-client.*; mkdir manifests; touch manifests/etcd.yaml"),
    Breakage("etcd's pair is missing", "rm pki/etcd/server.*"),
    Breakage("a run left a file", "touch pki/.ca.crt.pkigen-new"),
    Breakage("something of an external CA is missing", "rm pki/ca.key scheduler.conf pki/apiserver.*"),
    Breakage("a kubeconfig of an external CA cannot be read", "rm pki/ca.key; echo x > scheduler.conf"),
    Breakage(
      "a key is weak",
      "openssl genrsa -out pki/sa.key 1024; openssl rsa -in pki/sa.key -pubout -out pki/sa.pub"),
  ]

  /// What remains until a certificate that an external CA signs is there, or until a rotation has ended.
  private static let later: Set<String> = ["awaiting-certificate", "weak-key"]

  private let other: TemporaryDirectory
  private let foreign: TemporaryDirectory

  private static let foreign = Task {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", directory.path, "--style", "kubeadm", "--node-name", "cp9", "--advertise-ip", "10.0.9.9",
      "--key-algorithm", "ecdsa-p256")
    try #require(outcome.status == 0, "\(outcome)")
    return directory
  }

  init() async throws {
    foreign = try await Self.foreign.value
    other = try TemporaryDirectory()
    try await other.copyTree()
  }

  private func tree(_ breakage: Breakage) async throws -> TemporaryDirectory {
    let tree = try TemporaryDirectory()
    try await tree.makeTree(breakage.made)
    let outcome = try await run(
      "sh", ["-c", breakage.script], environment: ["OTHER": other.path, "FOREIGN": foreign.path],
      directory: tree.path)
    try #require(outcome.status == 0, "\(outcome)")
    return tree
  }

  private func findings(_ tree: TemporaryDirectory, _ breakage: Breakage) async throws -> [AuditDocument
    .Finding]
  {
    let outcome = try await Pkigen.run(["verify", "-d", tree.path, "-o", "json"] + breakage.options)
    return try outcome.document(AuditDocument.self).findings.filter { $0.severity != "info" }
  }

  /// The commands of a remedy, as a shell takes them.
  private static func commands(_ remedy: String) -> [String] {
    var commands: [String] = []
    if let match = remedy.firstMatch(of: /move (.+?) away/) {
      commands += match.1.split(separator: " and ").map { "mv \($0) \($0).away" }
    }
    if let match = remedy.firstMatch(
      of: /run (pkigen .+?|chmod .+?)(?:, unless.*|, and treat.*| to derive.*|: .*)?$/)
    {
      commands += match.1.split(separator: " and pkigen").enumerated().map {
        $0.offset == 0 ? "\($0.element)" : "pkigen\($0.element)"
      }
    }
    if let match = remedy.firstMatch(of: /run (mv .+?), and copy/) {
      commands += match.1.split(separator: ", then ").map(String.init)
    }
    if remedy.hasPrefix("remove ") { commands.append("rm \(remedy.dropFirst("remove ".count))") }
    return commands
  }

  @Test(arguments: breakages)
  func `each command mends what it is printed for`(breakage: Breakage) async throws {
    let found = try await findings(try await tree(breakage), breakage)
    #expect(!found.isEmpty)
    var count = 0
    for index in found.indices {
      let alternatives = (found[index].remedy ?? "").split(separator: "; or ").map(String.init)
      for number in alternatives.indices {
        let tree = try await tree(breakage)
        let before = try await findings(tree, breakage)
        let remedy = try #require(before[index].remedy).split(separator: "; or ").map(String.init)[number]
        let commands = Self.commands(remedy)
        guard !commands.isEmpty else { continue }
        count += 1
        let script = "pkigen() { '\(try Pkigen.path)' \"$@\"; }\n" + commands.joined(separator: " && ")
        let outcome = try await run("sh", ["-c", script])
        #expect(outcome.status == 0, "\(remedy): \(outcome)")
        let after = try await findings(tree, breakage)
        let new = after.filter { one in
          !Self.later.contains(one.code)
            && !before.contains { $0.code == one.code && !Set($0.files).isDisjoint(with: one.files) }
        }
        #expect(new.isEmpty, "\(remedy): \(new)")
        let left = after.contains {
          $0.code == before[index].code && !Set($0.files).isDisjoint(with: before[index].files)
        }
        #expect(!left || Self.later.contains(before[index].code), "\(remedy)")
      }
    }
    #expect(count > 0)
  }
}
