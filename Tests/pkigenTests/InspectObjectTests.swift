import Foundation
import TestSupport
import Testing

/// Transcripts of `pkigen inspect` on kubeconfigs and objects of the API.
@Suite(.timeLimit(.minutes(20)))
struct InspectObjectTests {
  private let tree: InspectedTree

  init() async throws { tree = try await InspectedTree() }

  @Test func `a kubeconfig is reported with what is embedded in it`() async throws {
    let outcome = try await tree.inspect("admin.conf")
    #expect(
      outcome.normalised == """
        admin.conf: kubeconfig
          context       default-system: default-admin at default-cluster, current
          cluster       default-cluster
            server      https://10.0.0.10:6443
            trusts      CN = kubernetes-ca
            valid       TIME to TIME, 9y left
            sha256      HEX
          user          default-admin
            subject     O = system:masters, CN = kubernetes-admin
            issuer      CN = kubernetes-ca
            valid       TIME to TIME, 364d left
            sha256      HEX
            key         ecdsa-p256, sha256 HEX

        """)
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
  }

  @Test func `an object of the API is reported with its request, and with its certificate once it has one`()
    async throws
  {
    try #require(
      try await Pkigen.run(
        "csr", "create", "--common-name", "system:node:w1", "--org", "system:nodes", "--usage", "client",
        "--out",
        tree.directory.path("w1")
      ).status == 0)
    let object = try await Pkigen.run(
      "csr", "manifest", tree.directory.path("w1.csr"), "--name", "w1", "--signer-name",
      "kubernetes.io/kube-apiserver-client-kubelet")
    let outcome = try await tree.inspect("-", input: object.stdout)
    let pending = """
      standard input: CertificateSigningRequest
        name          w1
        signer        kubernetes.io/kube-apiserver-client-kubelet
        usages        digital signature, client auth
        state         Pending
        request
          subject     O = system:nodes, CN = system:node:w1
          usages      digitalSignature, clientAuth
          key         ecdsa-p256, sha256 HEX
          signature   ecdsa-with-SHA256

      """
    #expect(outcome.normalised == pending && outcome.status == 0)

    let signed = try await Pkigen.run(
      [
        "csr", "sign", "-", "-d", tree.directory.path, "--allow-cn", "system:node:*", "--allow-org",
        "system:nodes",
      ],
      input: object.stdout)
    let list = #"{"kind": "List", "items": [\#(signed.stdout), {"kind": "Secret"}]}"#
    let issued = try await tree.inspect("-", input: list)
    #expect(
      issued.normalised.hasPrefix(pending.replacing("Pending", with: "Issued") + "  certificate\n"))
    #expect(issued.stdout.contains("    issuer      CN = kubernetes-ca\n") && issued.status == 0)
  }

  @Test func `an object that is broken is reported beside one that is not`() async throws {
    let good = "kind: Config\nusers: [{name: me, user: {token: x}}]\n"
    let broken =
      "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nspec: {request: AAEC}\n"
    let outcome = try await tree.inspect("-", input: "\(good)---\n\(broken)---\nkind: [\n")
    #expect(
      outcome.stdout.hasPrefix(
        "standard input: kubeconfig (1 of 3)\n  user          me\n    also        token\n"))
    #expect(outcome.stdout.contains("\nstandard input: unusable CertificateSigningRequest (2 of 3)\n"))
    #expect(outcome.stdout.contains("\nstandard input: unusable document (3 of 3)\n"))
    #expect(
      outcome.stderr.split(separator: "\n").count { $0.hasPrefix("error: standard input holds a ") } == 2)
    #expect(outcome.status == 65)
  }

  @Test func `a token or a password of a kubeconfig is named and not shown`() async throws {
    let kubeconfig = try tree.text("admin.conf").replacing(
      "users:",
      with: """
        users:
        - name: other
          user: {token: hush, password: hush, username: me}
        """)
    let outcome = try await tree.inspect("-", input: kubeconfig)
    #expect(outcome.stdout.contains("  user          other\n    also        token, password, username\n"))
    #expect(!outcome.stdout.contains("hush") && outcome.status == 0)
  }

  @Test func `what is broken in a kubeconfig is reported beside what is not`() async throws {
    let other = try tree.text("scheduler.conf").split(separator: "\n").first {
      $0.contains("client-key-data: ")
    }
    var lines = try tree.text("admin.conf").split(separator: "\n").map(String.init)
    let key = try #require(lines.firstIndex { $0.contains("client-key-data: ") })
    lines[key] = String(try #require(other))
    let authority = try #require(lines.firstIndex { $0.contains("certificate-authority-data: ") })
    lines[authority] = "    certificate-authority: gone.crt"
    try tree.write(lines.joined(separator: "\n"), to: "admin.conf")
    let outcome = try await tree.inspect("admin.conf")
    #expect(outcome.stdout.contains("    pair        the key is not that of the certificate\n"))
    #expect(outcome.stdout.contains("    file        \(tree.directory.path)/gone.crt\n") == false)
    #expect(outcome.stdout.contains("    file        ./gone.crt\n"))
    #expect(
      outcome.stdout.contains(
        "    problem     its certificate-authority cannot be used: cannot open ./gone.crt: No such file or directory\n"
      ))
    #expect(outcome.stdout.contains("    subject     O = system:masters, CN = kubernetes-admin\n"))
  }
}
