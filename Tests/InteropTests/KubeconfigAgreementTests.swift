import FoundationEssentials
import Kubeconfigs
import OpenSSLX509
import TestSupport
import Testing

/// kubectl and pkigen use the same kubeconfigs, and refuse the same.
@Suite(.timeLimit(.minutes(60)))
struct KubeconfigAgreementTests {
  @Test func `kubectl uses what pkigen reads, and refuses what pkigen refuses`() async throws {
    try await expectAgreement(on: KubeconfigEdits.all)
  }

  /// How many edits are drawn: `make agreement` names more.
  private static let count =
    ProcessInfo.processInfo.environment["PKIGEN_KUBECONFIG_EDITS"].flatMap(UInt64.init) ?? 200

  @Test func `they agree on damage drawn at random`() async throws {
    try await expectAgreement(on: (0..<Self.count).map(KubeconfigMutation.edit))
  }

  /// Asks kubectl and pkigen about each edit.
  private func expectAgreement(on edits: [KubeconfigEdit]) async throws {
    let scene = try await Scene()
    let verdicts = try await scene.verdicts(on: edits)
    for (edit, verdict) in zip(edits, verdicts) {
      let agree =
        verdict.kubectl == nil && verdict.pkigen == nil || verdict.kubectl != nil && verdict.pkigen != nil
      let says = "kubectl: \(verdict.kubectl ?? "accepts"); pkigen: \(verdict.pkigen ?? "accepts")"
      #expect(agree == (edit.difference == nil), "\(edit): \(says)\n\(edit.difference ?? "")")
    }
  }
}

/// What each says is wrong with a kubeconfig; `nil` for nothing.
private struct Verdict: Sendable {
  let kubectl: String?
  let pkigen: String?
}

/// A server, and a good kubeconfig for it.
private struct Scene {
  let tree: Tree
  let port: UInt16
  let good: KubeconfigText

  init() async throws {
    port = try freePort()
    tree = try await Tree(
      .ecdsaP256, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)",
      "--key-algorithm", "ecdsa-p256")
    func base64(_ path: String) throws -> String {
      try Data(contentsOf: URL(filePath: path)).base64EncodedString()
    }
    good = KubeconfigText(
      server: "https://127.0.0.1:\(port)", authority: try base64(tree.certificate("ca")),
      certificate: try base64(tree.certificate("admin.conf")), key: try base64(tree.key("admin.conf")),
      otherAuthority: try base64(tree.certificate("etcd/ca")),
      otherKey: try base64(tree.key("scheduler.conf")))
  }

  /// Runs the server, and asks about each edit; two at a time, as there is nothing to do but wait for kubectl.
  func verdicts(on edits: [KubeconfigEdit]) async throws -> [Verdict] {
    let arguments = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"), tree.certificate("ca"),
    ]
    return try await withServer(Judges.goServe, arguments, log: tree.directory.path("server.log")) {
      try await Kubectl(kubeconfig: tree.kubeconfig("admin.conf")).waitForServer()
      return try await withThrowingTaskGroup(of: (Int, Verdict).self) { group in
        var verdicts: [Int: Verdict] = [:]
        for (index, edit) in edits.enumerated() {
          if index >= 3, let (index, verdict) = try await group.next() { verdicts[index] = verdict }
          group.addTask { (index, try await verdict(on: edit)) }
        }
        for try await (index, verdict) in group { verdicts[index] = verdict }
        return edits.indices.compactMap { verdicts[$0] }
      }
    }
  }

  private func verdict(on edit: KubeconfigEdit) async throws -> Verdict {
    let directory = try TemporaryDirectory()
    let path = directory.path("kubeconfig")
    for (file, base64) in [
      ("ca.crt", good.authority), ("admin.crt", good.certificate), ("admin.key", good.key),
      ("token", "YWJj"),
    ] {
      try (Data(base64Encoded: base64) ?? Data()).write(to: URL(filePath: directory.path(file)))
    }
    let bytes = edit.apply(good)
    try Data(bytes).write(to: URL(filePath: path))
    let outcome = try await run(
      Judges.kubectl, ["--kubeconfig", path, "get", "--raw", "/version"],
      environment: ["HOME": directory.path, "KUBECONFIG": ""])
    return Verdict(
      kubectl: outcome.status == 0 ? nil : String(outcome.stderr.prefix(200)), pkigen: problem(bytes, path))
  }

  /// What pkigen says of a kubeconfig; that the server is the right one is said of the server's certificate.
  private func problem(_ bytes: [UInt8], _ path: String) -> String? {
    do throws(KubeconfigProblem) {
      let kubeconfig = try Kubeconfig(SecretBytes(bytes), path: path)
      if !kubeconfig.problems.isEmpty { return kubeconfig.allProblems.joined(separator: "; ") }
      guard let certificate = kubeconfig.clientCertificates.first, let key = kubeconfig.clientKey,
        (try? key.isPair(of: certificate.publicKey)) == true
      else { return "the key is another one's" }
      guard kubeconfig.certificateAuthorities.contains(where: isCA) else { return "another CA" }
      let name = kubeconfig.verifiedName ?? ""
      return ["127.0.0.1", "kubernetes", "10.96.0.1"].contains(name) ? nil : "the server is not \(name)"
    } catch {
      return error.text
    }
  }

  private func isCA(_ certificate: Certificate) -> Bool {
    (try? certificate.pem()).map { Data($0.copy).base64EncodedString() == good.authority } ?? false
  }
}
