import FoundationEssentials
import TestSupport
import Testing

/// CAs with new dates and the same key: OpenSSL, GnuTLS, Go and Python's cryptography accept what they signed before.
@Suite(.timeLimit(.minutes(20)))
struct ExtensionTests {
  private static let cas = ["ca", "etcd-ca", "front-proxy-ca"]

  private func renew(_ directory: TemporaryDirectory, _ arguments: [String], at moment: Date) async throws
    -> Outcome
  {
    try await run("env", clock(moment) + [Pkigen.path, "renew", "-d", directory.path] + arguments)
  }

  @Test(arguments: Maker.allCases.filter { $0 != .company })
  func `what CAs have signed is accepted with their new certificates, and all of it after ten years`(
    maker: Maker
  ) async throws {
    let directory = try await maker.make()
    let soon = Maker.instant.adding(days: 300)
    let old = try text(of: directory.path("pki/ca.crt"))
    let first = try await renew(directory, Self.cas + ["--reuse-key", "-q"], at: soon)
    try #require(first == Outcome(status: 0))
    try await expectAcceptance(maker, directory, at: soon)
    // The old certificate leads to what is issued from now on, too.
    try #require(try await renew(directory, ["apiserver", "-q"], at: soon) == Outcome(status: 0))
    try old.write(toFile: directory.path("old.pem"), atomically: true, encoding: .utf8)
    let both = try await openssl(directory.path("pki/apiserver.crt"), directory.path("old.pem"), clock(soon))
    #expect(both.status == 0, "\(both)")
    let late = Maker.instant.adding(days: 4000)
    let second = try await renew(directory, Self.cas + ["all", "--reuse-key", "-q"], at: late)
    try #require(second == Outcome(status: 0))
    try await expectAcceptance(maker, directory, at: late)
  }

  private func expectAcceptance(_ maker: Maker, _ directory: TemporaryDirectory, at moment: Date) async throws
  {
    let verifiers = Verifiers(maker: maker, tree: try Tree(copyOf: directory, at: moment))
    try await verifiers.expectOpenSSL(at: moment, says: nil)
    try await verifiers.expectGnuTLS(at: moment)
    try await verifiers.expectGoAndPython()
  }

  @Test func `a CA below a root is renewed by the root`() async throws {
    let outcome = try await renew(
      Maker.company.make(), Self.cas + ["--reuse-key", "-q"], at: Maker.instant.adding(days: 10))
    #expect(outcome.status == 1 && outcome.stderr.contains("hint: have the root CA sign "), "\(outcome)")
  }

  private func openssl(_ leaf: String, _ anchor: String, _ clock: [String] = []) async throws -> Outcome {
    try await run(
      "env", clock + [Judges.openssl, "verify", "-purpose", "sslserver", "-CAfile", anchor, leaf])
  }

  /// As CAs of openssl and easy-rsa are: names in T61String and the like, identifiers of another kind or none.
  @Test(arguments: ["keyid:always", "keyid:always,issuer:always", "issuer:always", ""])
  func `CAs that openssl made are extended, with what they signed`(identifier: String) async throws {
    let directory = try TemporaryDirectory()
    let script = """
      set -e; mkdir -p pki; cd pki
      openssl ecparam -name prime256v1 -genkey -noout -out ca.key
      openssl ecparam -name prime256v1 -genkey -noout -out apiserver.key
      printf '[ca]\\nbasicConstraints=critical,CA:TRUE,pathlen:0\\n%s\\n' "$1" > ca.cnf
      printf '[leaf]\\nextendedKeyUsage=serverAuth\\nsubjectAltName=DNS:cp1,IP:10.0.0.10\\n%s\\n' "$2" > leaf.cnf
      openssl req -new -key ca.key -subj '/O=Pr\\xc3\\xbcfung/CN=kubernetes' -out ca.csr
      openssl x509 -req -in ca.csr -signkey ca.key -days 30 -set_serial 0 -extfile ca.cnf -extensions ca -out ca.crt
      openssl req -new -key apiserver.key -subj /CN=kube-apiserver -out a.csr
      openssl x509 -req -in a.csr -CA ca.crt -CAkey ca.key -set_serial 7 -days 30 -extfile leaf.cnf -extensions leaf \\
        -out apiserver.crt
      chmod 600 *.key
      """
    let own = identifier.isEmpty ? "subjectKeyIdentifier=none" : "subjectKeyIdentifier=00:11:22"
    let made = try await run(
      "bash", ["-c", script, "bash", own, identifier.isEmpty ? "" : "authorityKeyIdentifier=\(identifier)"],
      directory: directory.path)
    try #require(made.status == 0, "\(made.stderr)")
    let (ca, leaf) = (directory.path("pki/ca.crt"), directory.path("pki/apiserver.crt"))
    let (oldText, oldLeaf) = (try await describe(ca), try text(of: leaf))
    let outcome = try await Pkigen.run("renew", "ca", "--reuse-key", "-q", "-d", directory.path)
    try #require(outcome.status == 0, "\(outcome)")
    #expect(try await openssl(leaf, ca).status == 0)
    #expect(try await describe(ca) == oldText)
    // Without an identifier of the key, openssl names the CA by its serial number.
    let isBound = identifier.contains("issuer") || identifier.isEmpty
    #expect(try (text(of: leaf) != oldLeaf) == isBound, "\(outcome)")
    #expect(outcome.stderr.contains("apiserver: renewed too, ") == isBound)
  }

  /// What openssl prints of a CA's name, key and extensions.
  private func describe(_ path: String) async throws -> String {
    let outcome = try await run(
      Judges.openssl,
      [
        "x509", "-in", path, "-noout", "-subject", "-nameopt", "RFC2253,show_type,dump_all", "-pubkey",
        "-ext",
        "basicConstraints,subjectKeyIdentifier,keyUsage",
      ])
    return outcome.stdout
  }
}
