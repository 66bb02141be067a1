import FoundationEssentials
import TestSupport
import Testing

/// How often a CSR is verified: it takes time, and longer for a large key.
struct CSRVerificationTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(arguments: [
    (["csr", "show"], 1), (["csr", "show", "--signer-name", "kubernetes.io/kube-apiserver-client"], 1),
    (["csr", "sign", "-d", "."], 1),
    (["csr", "sign", "-d", ".", "--signer-name", "kubernetes.io/kube-apiserver-client"], 1),
    (["csr", "manifest", "--name", "x", "--signer-name", "kubernetes.io/kube-apiserver-client"], 1),
    (["inspect"], 0),
  ])
  func `a CSR is verified and its key is checked once`(arguments: [String], checks: Int) async throws {
    let library = directory.path("verifications.so")
    let source = Judges.repository + "/Tests/judges/verifications.c"
    let compiled = try await run("/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", library, source])
    try #require(compiled.status == 0, "\(compiled)")
    let made = [
      ["csr", "create", "--common-name", "jane", "--out", "jane"],
      [
        "init", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "-d", ".", "--key-algorithm",
        "ecdsa-p256",
      ],
    ]
    for arguments in made {
      try #require(try await Pkigen.run(arguments, directory: directory.path).status == 0)
    }
    let outcome = try await Pkigen.run(
      arguments + ["jane.csr"], environment: ["LD_PRELOAD": library], directory: directory.path)
    let lines = outcome.stderr.split(separator: "\n")
    #expect(lines.count { $0 == "verified" } == 1, "\(outcome)")
    #expect(lines.count { $0 == "checked" } == checks, "\(outcome)")
  }
}
