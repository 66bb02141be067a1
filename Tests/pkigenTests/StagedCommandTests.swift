import Foundation
import FoundationEssentials
import TestSupport
import Testing

/// Every command on trees between the stages of a rotation: the present signer signs, what it signs is followed by the cross
/// certificate, and nothing that is trusted is lost.
@Suite(.timeLimit(.minutes(20)))
struct StagedCommandTests {
  private static let create = StagedTree.node + ["--key-algorithm", "ecdsa-p256", "-q"]

  @Test(arguments: StagedTree.all)
  func `init keeps all that is there, and makes what is missing`(staged: StagedTree.Case) async throws {
    let tree = try await StagedTree(staged)
    let trust = try tree.trust()
    let admin = try tree.text("admin.conf")
    #expect(try await tree.pkigen(["init"] + Self.create) == Outcome(status: 0))
    #expect(try tree.trust() == trust && tree.text("admin.conf") == admin)
    try tree.remove(
      "pki/apiserver.crt", "pki/apiserver.key", "pki/etcd/server.crt", "pki/etcd/server.key",
      "pki/front-proxy-client.crt", "pki/front-proxy-client.key", "scheduler.conf", "pki/sa.pub")
    #expect(try await tree.pkigen(["init"] + Self.create) == Outcome(status: 0))
    #expect(try tree.trust() == trust)
    try await tree.expectSound()
  }

  @Test func `init makes no third service-account key where the one that signs is lost`() async throws {
    let tree = try await StagedTree(StagedTree.Case(stage: "prepared", names: ["sa"]))
    let trust = try tree.trust()
    try tree.remove("pki/sa.key", "pki/sa.pub")
    let outcome = try await tree.pkigen(["init"] + Self.create)
    #expect(outcome.status == 65 && outcome.stderr.contains("pki/sa.pub are missing"), "\(outcome)")
    #expect(try tree.trust() == trust.filter { !["pki/sa.key", "pki/sa.pub"].contains($0.key) })
  }

  @Test(arguments: StagedTree.all)
  func `phase makes single certificates and kubeconfigs`(staged: StagedTree.Case) async throws {
    let tree = try await StagedTree(staged)
    let trust = try tree.trust()
    try tree.remove(
      "pki/apiserver-kubelet-client.crt", "pki/apiserver-kubelet-client.key", "pki/etcd/peer.crt",
      "pki/etcd/peer.key", "admin.conf")
    for command in [["cert", "apiserver-kubelet-client", "etcd-peer", "sa"], ["kubeconfig", "admin"]] {
      #expect(try await tree.pkigen(["phase"] + command + Self.create) == Outcome(status: 0), "\(command)")
    }
    #expect(try tree.trust() == trust)
    try await tree.expectSound()
  }

  @Test(arguments: StagedTree.all)
  func `renew issues by the present signer, with new keys or the old ones`(staged: StagedTree.Case)
    async throws
  {
    let tree = try await StagedTree(staged)
    let trust = try tree.trust()
    for options in [[], ["--reuse-key"]] {
      let previous = try ["pki/etcd/peer.crt", "pki/front-proxy-client.crt", "kubelet.conf"].map(tree.text)
      #expect(try await tree.pkigen(["renew", "all", "-q"] + options) == Outcome(status: 0))
      let present = try ["pki/etcd/peer.crt", "pki/front-proxy-client.crt", "kubelet.conf"].map(tree.text)
      #expect(zip(previous, present).allSatisfy { $0 != $1 }, "\(options)")
      #expect(try tree.trust() == trust, "\(options)")
      try await tree.expectSound()
    }
  }

  @Test(arguments: StagedTree.all)
  func `kubeconfigs of users and of bootstrapping kubelets trust all, and ca-hash prints a hash for each`(
    staged: StagedTree.Case
  ) async throws {
    let tree = try await StagedTree(staged)
    let ca = try tree.text("pki/ca.crt")
    let server = ["--server", "https://k8s.example.com:6443"]
    let user = try await tree.pkigen(["kubeconfig", "user", "--client-name", "jane", "-q"] + server)
    #expect(user.status == 0 && user.stderr.isEmpty, "\(user)")
    #expect(try StagedTree.embedded("certificate-authority-data", in: user.stdout) == ca)
    try await tree.expectSigned(
      ["jane": StagedTree.embedded("client-certificate-data", in: user.stdout)], by: "ca")

    let token = tree.directory.path("token")
    try "abcdef.0123456789abcdef\n".write(toFile: token, atomically: true, encoding: .utf8)
    let kubelet = try await tree.pkigen(
      ["bootstrap", "kubeconfig", "--token-file", token, "--out", "-", "-q"] + server)
    #expect(kubelet.status == 0 && kubelet.stderr.isEmpty, "\(kubelet)")
    #expect(try StagedTree.embedded("certificate-authority-data", in: kubelet.stdout) == ca)

    var hashes = ""
    for certificate in StagedTree.certificates(in: ca) {
      let file = tree.directory.path("one.pem")
      try certificate.write(toFile: file, atomically: true, encoding: .utf8)
      // As https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/ computes it.
      let pipe =
        "\(try Judges.openssl) x509 -pubkey -noout -in \(file) | openssl pkey -pubin -outform der | sha256sum"
      hashes += "sha256:\(try await run("sh", ["-c", pipe]).stdout.prefix(64))\n"
    }
    #expect(try await tree.pkigen(["ca-hash"]) == Outcome(status: 0, stdout: hashes))
  }

  @Test(arguments: StagedTree.all)
  func `what a CA signs from CSRs has its chain, for the API too`(staged: StagedTree.Case) async throws {
    let tree = try await StagedTree(staged)
    let request = tree.directory.path("web")
    let created = try await Pkigen.run(
      "csr", "create", "--common-name", "web", "--san", "web.example.com", "--out", request, "-q")
    try #require(created == Outcome(status: 0))
    let rules = [
      "--signer-name", "example.com/serving", "--allow-cn", "web", "--allow-san", "web.example.com", "-q",
    ]
    let signed = try await tree.pkigen(["csr", "sign", "\(request).csr"] + rules)
    #expect(signed.status == 0, "\(signed)")
    try await tree.expectSigned(["web.csr": signed.stdout], by: "ca")

    let object = try await Pkigen.run(
      "csr", "manifest", "\(request).csr", "--name", "web", "--signer-name", "example.com/serving", "--usage",
      "server")
    try #require(object.status == 0, "\(object)")
    let approved = try await Pkigen.run(["csr", "sign", "-", "-d", tree.path] + rules, input: object.stdout)
    #expect(approved.status == 0, "\(approved)")
    struct Object: Decodable {
      struct Status: Decodable { let certificate: Data }
      let status: Status
    }
    let certificate = try approved.document(Object.self).status.certificate
    try await tree.expectSigned(["web": String(decoding: certificate, as: UTF8.self)], by: "ca")
  }

  @Test(arguments: StagedTree.all)
  func `a node without the CAs' keys gets its certificates from where the keys are`(staged: StagedTree.Case)
    async throws
  {
    let (keys, tree) = (try await StagedTree(staged), try await StagedTree(staged))
    for name in ["ca", "etcd/ca", "front-proxy-ca"] {
      for part in ["", "-next", "-previous"] {
        try? FileManager.default.removeItem(atPath: "\(tree.path)/pki/\(name)\(part).key")
      }
    }
    let trust = try tree.trust()
    try tree.remove(
      "pki/apiserver.crt", "pki/apiserver.key", "pki/etcd/server.crt", "pki/etcd/server.key", "admin.conf")
    let names = ["apiserver", "etcd-server", "admin"]
    #expect(try await tree.pkigen(["csr", "create"] + names + Self.create) == Outcome(status: 0))
    let signed = tree.directory.path("signed")
    for (ca, stem, files) in [
      ("ca", "ca", ["pki/apiserver", "admin.conf"]), ("etcd-ca", "etcd/ca", ["pki/etcd/server"]),
    ] {
      let outcome = try await Pkigen.run(
        ["csr", "sign"] + files.map { "\(tree.path)/\($0).csr" } + [
          "--ca-cert", "\(keys.path)/pki/\(stem).crt", "--ca-key", "\(keys.path)/pki/\(stem).key", "--out",
          signed, "-q",
        ])
      #expect(outcome == Outcome(status: 0), "\(ca)")
      for file in files {
        let path = "\(signed)/\(file.split(separator: "/").last ?? "").crt"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try await tree.expectSigned([file: text], by: ca)
        // Other programs sign without what follows.
        try StagedTree.certificates(in: text)[0].write(toFile: path, atomically: true, encoding: .utf8)
      }
    }
    let files = ["apiserver", "admin.conf", "server"].map { "\(signed)/\($0).crt" }
    #expect(try await tree.pkigen(["csr", "install", "-q"] + files) == Outcome(status: 0))
    #expect(try tree.trust() == trust)
    try await tree.expectSound()
  }

  @Test(arguments: StagedTree.all)
  func `verify finds nothing, and check-expiration shows each certificate with its role`(
    staged: StagedTree.Case
  ) async throws {
    let tree = try await StagedTree(staged)
    try await tree.expectSound()
    let outcome = try await tree.pkigen(["check-expiration"])
    let rows = outcome.stdout.split(separator: "\n").map { String($0.prefix { $0 != "," }) }
      .compactMap { $0.components(separatedBy: "   ").first }
    for ca in ["ca", "etcd-ca", "front-proxy-ca"] {
      let isRotated = staged.names.contains(ca)
      let roles =
        switch staged.stage {
        case "prepared" where isRotated, "back" where isRotated: ["signs", "next", "cross"]
        case "switched" where isRotated: ["signs", "previous", "cross"]
        default: [String]()
        }
      let names = roles.isEmpty ? [ca] : roles.map { "\(ca) (\($0))" }
      #expect(
        rows.filter { $0 == ca || $0.hasPrefix("\(ca) (") }.map { $0.trimmingCharacters(in: .whitespaces) }
          == names, "\(outcome.stdout)")
    }
    #expect(outcome.status == 0)
  }
}
