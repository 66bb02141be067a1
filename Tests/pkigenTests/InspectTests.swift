import Foundation
import TestSupport
import Testing

/// Transcripts of `pkigen inspect`.
@Suite(.timeLimit(.minutes(20)))
struct InspectTests {
  private let tree: InspectedTree

  init() async throws { tree = try await InspectedTree() }

  @Test func `a certificate is reported with its chain, each in its place`() async throws {
    let chain = try tree.text("pki/etcd/server.crt") + tree.text("pki/etcd/ca.crt")
    let outcome = try await tree.inspect("-", input: chain)
    #expect(
      outcome.normalised == """
        standard input: certificate (1 of 2)
          subject       CN = kube-etcd
          issuer        CN = etcd-ca
          names         DNS:cp1, DNS:localhost, IP:10.0.0.10, IP:127.0.0.1, IP:::1
          usages        digitalSignature, serverAuth, clientAuth
          valid         TIME to TIME, 364d left
          key           ecdsa-p256, sha256 HEX
          signature     ecdsa-with-SHA256
          serial        HEX
          key id        HEX
          issuer id     HEX
          sha256        HEX

        standard input: CA certificate, self-signed (2 of 2)
          subject       CN = etcd-ca
          usages        digitalSignature, keyCertSign, cRLSign
          valid         TIME to TIME, 9y left
          key           ecdsa-p256, sha256 HEX
          signature     ecdsa-with-SHA256
          serial        HEX
          key id        HEX
          sha256        HEX

        """)
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
  }

  @Test func `a certificate's key, its file and a request of it have the same hash`() async throws {
    let request = try await tree.openssl(
      "req", "-new", "-key", "pki/apiserver.key", "-subj", "/CN=x", "-addext",
      "subjectAltName=DNS:a,IP:10.0.0.1",
      "-addext", "extendedKeyUsage=serverAuth")
    try tree.write(request, to: "x.csr")
    try tree.write(try await tree.openssl("pkey", "-in", "pki/apiserver.key", "-pubout"), to: "x.pub")
    let outcome = try await tree.inspect("pki/apiserver.crt", "pki/apiserver.key", "x.csr", "x.pub")
    let lines = outcome.stdout.split(separator: "\n")
    let keys = lines.filter { $0.hasPrefix("  key  ") }
    #expect(keys.count == 4 && Set(keys).count == 1)
    #expect(
      lines.filter { !$0.hasPrefix(" ") } == [
        "pki/apiserver.crt: certificate", "pki/apiserver.key: private key", "x.csr: certificate request",
        "x.pub: public key",
      ])
    #expect(
      lines.contains("  names         DNS:a, IP:10.0.0.1") && lines.contains("  usages        serverAuth"))
  }

  @Test func `a CSR that its key did not sign is reported`() async throws {
    let request = try await tree.openssl(
      "req", "-new", "-key", "pki/sa.key", "-subj", "/CN=x", "-outform", "PEM")
    let der = try #require(
      Data(base64Encoded: request.split(separator: "\n").dropFirst().dropLast().joined()))
    var changed = der
    // The last byte of the signature.
    changed[changed.endIndex - 1] ^= 1
    let forged =
      "-----BEGIN CERTIFICATE REQUEST-----\n\(changed.base64EncodedString())\n-----END CERTIFICATE REQUEST-----\n"
    #expect(
      try await tree.inspect("-", input: request).stdout.contains("  signature     ecdsa-with-SHA256\n"))
    #expect(
      try await tree.inspect("-", input: forged).stdout.contains(
        "  signature     ecdsa-with-SHA256, which is not of this key\n"))
  }

  @Test func `what has no use here is named and skipped, an encrypted key too`() async throws {
    let parameters = try await tree.openssl("ecparam", "-name", "prime256v1")
    let pkcs8 = try await tree.openssl(
      "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:x", "-in", "pki/sa.key")
    let traditional = try await tree.openssl("ec", "-aes256", "-passout", "pass:x", "-in", "pki/sa.key")
    let outcome = try await tree.inspect("-", input: parameters + pkcs8 + traditional)
    #expect(
      outcome.stdout == """
        standard input: EC PARAMETERS, which Kubernetes skips (1 of 3)

        standard input: private key, encrypted (2 of 3)

        standard input: private key, encrypted (3 of 3)

        """)
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
  }

  @Test func `no private key is ever printed, in whatever form it was`() async throws {
    try tree.write(
      try await tree.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "pki/sa.key"), to: "pkcs8.key")
    try tree.write(try await tree.openssl("genrsa", "-traditional", "2048"), to: "rsa.key")
    try tree.write(try tree.text("pki/sa.key") + "torn", to: "torn.key")
    let files = ["pki/sa.key", "pkcs8.key", "rsa.key", "admin.conf"]
    var secrets = try files.dropLast().flatMap { file in
      try tree.text(file).split(separator: "\n").filter { !$0.hasPrefix("-----") }
    }
    secrets += try tree.text("admin.conf").split(separator: " ").filter { $0.count > 200 }.suffix(1).map {
      $0.prefix(80)
    }
    try #require(secrets.count > 20)
    for format in ["text", "json"] {
      let outcome = try await Pkigen.run(["inspect", "-o", format] + files, directory: tree.directory.path)
      #expect(outcome.status == 0)
      for secret in secrets { #expect(!outcome.stdout.contains(secret) && !outcome.stderr.contains(secret)) }
    }
  }

  @Test func `names that act upon a terminal are shown, not obeyed`() async throws {
    let certificate = try await tree.openssl(
      "req", "-x509", "-key", "pki/sa.key", "-subj", "/CN=a\u{1b}[31mb\u{202e}c", "-utf8")
    #expect(
      try await tree.inspect("-", input: certificate).stdout.contains(
        "  subject       CN = \"a\\1B[31mb\\E2\\80\\AEc\"\n"))
  }

  @Test func `a torn file is an error after what could be read`() async throws {
    let whole = try tree.text("pki/ca.crt")
    try tree.write(whole + whole.prefix(200), to: "torn.crt")
    let outcome = try await tree.inspect("torn.crt")
    #expect(outcome.stdout.hasPrefix("torn.crt: CA certificate, self-signed (1 of 2)\n"))
    #expect(
      outcome.stdout.contains(
        "\ntorn.crt: unusable PEM block (2 of 2)\n  problem       in line "))
    #expect(
      outcome.stderr.hasPrefix(
        "error: torn.crt holds a PEM block that cannot be used: in line "))
    #expect(outcome.status == 65)
  }

  @Test(arguments: [
    ("", "holds nothing that pkigen knows"), ("hello\n", "holds nothing that pkigen knows"),
    ("a: [", "holds nothing that pkigen knows"), ("kind: Secret\n", "holds nothing that pkigen knows"),
    ("kind: [", "holds a document that cannot be used: it is not YAML: line 2: "),
    ("\0\u{1}", "holds nothing that pkigen knows"),
    ("-----BEGIN DH PARAMETERS-----\nAAEC\n-----END DH PARAMETERS-----\n", "holds nothing that pkigen knows"),
    (
      "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n",
      "holds a CERTIFICATE that cannot be used: cannot read the certificate: "
    ),
    (
      "-----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n",
      "holds a PRIVATE KEY that cannot be used: cannot read the private key: "
    ),
  ])
  func `a file of which nothing is known, or that is broken, is status 65`(content: String, error: String)
    async throws
  {
    let outcome = try await tree.inspect("-", input: content)
    #expect(outcome.stderr.hasPrefix("error: standard input \(error)"), "\(outcome.stderr)")
    #expect(outcome.status == 65)
  }

  @Test func `each file is tried, and every error told at the end`() async throws {
    try tree.write("hello", to: "hello")
    let outcome = try await tree.inspect("nowhere.crt", "hello", "/dev/null", "pki/sa.pub")
    #expect(outcome.stdout.hasPrefix("pki/sa.pub: public key\n"))
    #expect(
      outcome.stderr.split(separator: "\n").filter { $0.hasPrefix("error: ") } == [
        "error: cannot open nowhere.crt: No such file or directory",
        "error: hello holds nothing that pkigen knows",
        "error: /dev/null holds nothing that pkigen knows",
      ])
    #expect(outcome.status == 74)
    #expect(try await tree.inspect().status == 64)
    let quiet = try await tree.inspect("-q", "hello", "pki/ca.crt")
    #expect(quiet.stdout.isEmpty && quiet.stderr.hasPrefix("error: hello ") && quiet.status == 65)
  }

  @Test func `JSON is one document, with a kind for each thing`() async throws {
    let bundle = try tree.text("pki/ca.crt") + tree.text("pki/sa.key") + tree.text("pki/sa.pub")
    try tree.write(bundle + "-----BEGIN X509 CRL-----\nAAEC\n-----END X509 CRL-----\n", to: "all.pem")
    let outcome = try await tree.inspect("-o", "json", "all.pem", "admin.conf")
    let document = try outcome.document(InspectionDocument.self)
    #expect(document.files.map(\.path) == ["all.pem", "admin.conf"])
    let items = document.files.flatMap(\.items)
    #expect(items.map(\.kind) == ["certificate", "private-key", "public-key", "unknown", "kubeconfig"])
    #expect(
      items[0].subject == "CN = kubernetes-ca" && items[0].state == "valid" && items[0].isAuthority == true)
    #expect(items[1].key != nil && items[1].key == items[2].key && items[1].isEncrypted == false)
    #expect(items[3].label == "X509 CRL")
    #expect(
      items[4].users?.first?.isPair == true && items[4].clusters?.first?.server == "https://10.0.0.10:6443")
    #expect(
      items[4].users?.first?.clientCertificates.first?.subject == "O = system:masters, CN = kubernetes-admin")
  }

}
