import FoundationEssentials
import TestSupport
import Testing

/// A real kubectl, with kubeconfigs of every stage of a rotation, at a server that goes through the stages.
@Suite(.timeLimit(.minutes(20)))
struct RotationKubectlTests {
  /// The kubeconfigs: the stage of which each is.
  private enum Client: String, CaseIterable {
    /// The old CA's certificate; trusts the old CA.
    case idle
    /// The old CA's certificate; trusts both.
    case prepared
    /// The new CA's certificate, and the cross certificate where there is one; trusts both.
    case switched
    /// The new CA's certificate; trusts the new CA.
    case retired
  }

  @Test(arguments: [(Algorithm.rsa2048, true), (.ecdsaP256, true), (.ecdsaP256, false)])
  func `who trusts what the server shows, and shows what the server trusts, is let in`(
    algorithm: Algorithm, crosses: Bool
  ) async throws {
    let port = try freePort()
    let tree = try await Tree(
      algorithm, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)")
    let stages = try TemporaryDirectory()
    try keep(tree, in: stages, as: "idle")
    let cross = crosses ? [] : ["--no-cross-sign"]
    for (verb, options) in [
      ("prepare", ["--controller-manager-ready"] + cross), ("switch", cross), ("back", []), ("switch", cross),
      ("retire", []),
    ] {
      let outcome = try await Pkigen.run(["rotate", verb, "ca", "-q", "-d", tree.directory.path] + options)
      try #require(outcome.status == 0 && outcome.stderr.isEmpty == (crosses || verb != "switch"))
      let stage =
        ["prepare": "prepared", "switch": "switched", "back": "back", "retire": "retired"][verb] ?? ""
      try keep(tree, in: stages, as: stage)
    }
    let expected: [(String, Set<Client>)] = [
      ("idle", crosses ? [.idle, .prepared, .switched] : [.idle, .prepared]),
      ("prepared", [.idle, .prepared, .switched]),
      ("switched", crosses ? Set(Client.allCases) : [.prepared, .switched, .retired]),
      ("back", [.idle, .prepared, .switched]),
      ("switched", crosses ? Set(Client.allCases) : [.prepared, .switched, .retired]),
      ("retired", [.switched, .retired]),
    ]
    let served = ["apiserver.crt", "apiserver.key", "ca.crt"].map { stages.path("served/\($0)") }
    try serve("idle", in: stages)
    try await withServer(Judges.goServe, ["127.0.0.1:\(port)"] + served, log: stages.path("server.log")) {
      try await Kubectl(kubeconfig: stages.path("idle/admin.conf")).waitForServer()
      for (stage, clients) in expected {
        try serve(stage, in: stages)
        for client in Client.allCases {
          let outcome = try await Kubectl(kubeconfig: stages.path("\(client)/admin.conf"))(
            "get", "--raw", "/version")
          #expect((outcome.status == 0) == clients.contains(client), "\(stage), \(client): \(outcome)")
        }
      }
    }
  }

  /// Keeps what a server and its clients have at a stage.
  private func keep(_ tree: Tree, in stages: TemporaryDirectory, as stage: String) throws {
    try? FileManager.default.removeItem(atPath: stages.path(stage))
    try FileManager.default.createDirectory(atPath: stages.path(stage), withIntermediateDirectories: false)
    for name in ["pki/apiserver.crt", "pki/apiserver.key", "pki/ca.crt", "admin.conf"] {
      let file = name.split(separator: "/").last ?? ""
      try FileManager.default.copyItem(
        atPath: tree.directory.path(name), toPath: stages.path("\(stage)/\(file)"))
    }
  }

  /// Puts the files of a stage where the server looks.
  private func serve(_ stage: String, in stages: TemporaryDirectory) throws {
    try FileManager.default.createDirectory(
      atPath: stages.path("served"), withIntermediateDirectories: true)
    for name in ["ca.crt", "apiserver.key", "apiserver.crt"] {
      try Data(contentsOf: URL(filePath: stages.path("\(stage)/\(name)")))
        .write(to: URL(filePath: stages.path("served/\(name)")), options: .atomic)
    }
  }
}
