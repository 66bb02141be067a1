import Foundation
import TestSupport
import Testing

/// `pkigen inspect` of other forms than PEM, made by OpenSSL, and of directories.
struct InspectFormatTests {
  private let tree: InspectedTree

  init() async throws {
    tree = try await InspectedTree()
    try tree.write("word\n", to: "password")
  }

  /// The heading and the hashes of what is shown, which do not depend on the form.
  private func shown(_ arguments: String...) async throws -> [String] {
    let outcome = try await Pkigen.run(["inspect"] + arguments, directory: tree.directory.path)
    #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
    return outcome.stdout.split(separator: "\n").filter {
      $0.hasPrefix("  sha256") || $0.hasPrefix("  key  ")
    }
    .map(String.init)
  }

  @Test(arguments: [
    (["x509", "-in", "pki/apiserver.crt"], "pki/apiserver.crt"),
    (["pkey", "-in", "pki/apiserver.key"], "pki/apiserver.key"),
    (["ec", "-in", "pki/apiserver.key"], "pki/apiserver.key"),
    (["pkey", "-in", "pki/apiserver.key", "-pubout"], "pki/apiserver.key"),
    (["req", "-new", "-subj", "/CN=x", "-key", "pki/apiserver.key"], "pki/apiserver.key"),
    (["crl2pkcs7", "-nocrl", "-certfile", "pki/apiserver.crt"], "pki/apiserver.crt"),
  ])
  func `DER is shown as PEM is`(arguments: [String], pem: String) async throws {
    let outcome = try await run(
      Judges.openssl, arguments + ["-outform", "DER", "-out", "file.der"], directory: tree.directory.path)
    try #require(outcome.status == 0, "\(outcome)")
    let expected = try await shown(pem)
    #expect(try await shown("file.der") == expected && !expected.isEmpty)
  }

  @Test func `PKCS#7 in PEM shows each certificate`() async throws {
    _ = try await tree.openssl(
      "crl2pkcs7", "-nocrl", "-certfile", "pki/apiserver.crt", "-certfile", "pki/ca.crt", "-out", "a.p7b")
    let expected = try await shown("pki/apiserver.crt", "pki/ca.crt")
    #expect(try await Set(shown("a.p7b")) == Set(expected))
  }

  private func makeKeyStore(_ options: String...) async throws {
    let outcome = try await run(
      Judges.openssl,
      [
        "pkcs12", "-export", "-in", "pki/apiserver.crt", "-inkey", "pki/apiserver.key", "-certfile",
        "pki/ca.crt", "-passout", "file:password", "-out", "a.p12",
      ] + options, directory: tree.directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test func `PKCS#12 shows the key and the certificates, never the password`() async throws {
    try await makeKeyStore()
    let expected = try await shown("pki/apiserver.key", "pki/apiserver.crt", "pki/ca.crt")
    #expect(try await shown("a.p12", "--password-file", "password") == expected)
    try tree.write("other\n", to: "wrong")
    for arguments in [["a.p12"], ["a.p12", "--password-file", "wrong"]] {
      let outcome = try await Pkigen.run(["inspect"] + arguments, directory: tree.directory.path)
      #expect(outcome.status == 65 && !(outcome.stdout + outcome.stderr).contains("word\n"), "\(outcome)")
      #expect(outcome.stderr.contains("a.p12 holds a PKCS#12 file that cannot be used"))
    }
  }

  @Test func `what pkigen exports is shown`() async throws {
    for arguments in [["pkcs12", "admin"], ["java-truststore", "ca"]] {
      let outcome = try await Pkigen.run(
        ["export"] + arguments + ["-d", ".", "--password-file", "password", "--out", "\(arguments[0]).p12"],
        directory: tree.directory.path)
      try #require(outcome.status == 0, "\(outcome)")
    }
    #expect(try await shown("pkcs12.p12", "--password-file", "password").count == 5)
    let expected = try await shown("pki/ca.crt")
    #expect(try await shown("java-truststore.p12", "--password-file", "password") == expected)
  }

  @Test func `Secrets and ConfigMaps show what their values hold, each with its place`() async throws {
    let secret = try await Pkigen.run(
      "export", "secret", "apiserver", "-d", ".", "--namespace", "web", "--out", "-",
      directory: tree.directory.path
    ).stdout
    let certificate = try tree.text("pki/ca.crt").split(separator: "\n").map { "    \($0)\n" }.joined()
    let map =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: root}\ndata:\n  a: text\n  ca.crt: |\n" + certificate
    let outcome = try await tree.inspect("-", input: secret + "---\n" + map)
    #expect(outcome.status == 0)
    #expect(
      outcome.stdout.split(separator: "\n").filter { !$0.hasPrefix(" ") } == [
        "standard input: Secret web/apiserver, ca.crt: CA certificate, self-signed (1 of 4)",
        "standard input: Secret web/apiserver, tls.crt: certificate (2 of 4)",
        "standard input: Secret web/apiserver, tls.key: private key (3 of 4)",
        "standard input: ConfigMap root, ca.crt: CA certificate, self-signed (4 of 4)",
      ])
    let json = try await tree.inspect("-", "-o", "json", input: secret).stdout
    #expect(json.contains("\"source\" : \"Secret web/apiserver, tls.crt\""))
    #expect(!json.contains("PRIVATE KEY"))
  }

  @Test func `a value that is not base64 is an error with its name`() async throws {
    let outcome = try await tree.inspect(
      "-", input: "kind: Secret\nmetadata: {name: a}\ndata: {tls.crt: '%'}\n")
    #expect(outcome.status == 65 && outcome.stderr.contains("its data.tls.crt is not base64"))
  }

  /// A certificate's text in JSON.
  private struct Document: Decodable {
    /// A file.
    struct File: Decodable {
      /// A thing in it.
      struct Item: Decodable { let pem: String? }

      let path: String
      let items: [Item]
    }

    let files: [File]
  }

  @Test func `JSON has the certificate itself`() async throws {
    let document: Document = try await tree.inspect("pki/apiserver.crt", "-o", "json").document()
    #expect(try document.files[0].items[0].pem == tree.text("pki/apiserver.crt"))
  }

  @Test func `a directory shows every certificate below it, one a line`() async throws {
    let outcome = try await tree.inspect(".")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("FILE ") && lines.count == 1 + 10 + 2 * 4)
    #expect(lines.contains { $0.hasPrefix("./pki/etcd/ca.crt ") && $0.contains("CN = etcd-ca") })
    #expect(lines.contains { $0.hasPrefix("./admin.conf ") && $0.contains("kubernetes-admin") })
    #expect(!outcome.stdout.contains(".key"))
    let document: Document = try await tree.inspect("pki", "-o", "json").document()
    #expect(document.files.map(\.path) == document.files.map(\.path).sorted() && document.files.count == 10)
  }

  @Test func `a damaged file in a directory is an error, and the rest is shown`() async throws {
    try tree.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "pki/x.crt")
    let outcome = try await tree.inspect("pki")
    #expect(outcome.status == 65 && outcome.stderr.contains("pki/x.crt holds a CERTIFICATE"))
    #expect(outcome.stdout.contains("pki/apiserver.crt"))
  }

  @Test(arguments: ["web.crt", "server.der", "bag.P12", "empty.pem"])
  func `a file of a directory that is called a certificate and holds none is an error`(_ name: String)
    async throws
  {
    let directory = try TemporaryDirectory()
    try Data((name == "empty.pem" ? "" : "garbage").utf8).write(to: URL(filePath: directory.path(name)))
    try Data("notes".utf8).write(to: URL(filePath: directory.path("notes.txt")))
    for command in [["inspect"], ["check-expiration", "--file"]] {
      let outcome = try await Pkigen.run(command + [directory.path])
      #expect(outcome.status == 65 && outcome.stderr.contains("\(name) holds nothing that pkigen knows"))
      #expect(!outcome.stderr.contains("notes.txt"))
    }
  }

  @Test(arguments: ["0", "0\u{82}\u{1}", "0\n1\n", "\u{0}"])
  func `what only begins as DER is nothing that pkigen knows`(text: String) async throws {
    try tree.write(text, to: "x")
    let outcome = try await tree.inspect("x")
    #expect(outcome.status == 65 && outcome.stderr.contains("x holds nothing that pkigen knows"))
  }
}
