import FoundationEssentials
import TestSupport
import Testing

/// Subjects and SANs of other tools' CSRs: what `pkigen csr` and `pkigen inspect` show of them and make of them.
struct CSRSubjectTests {
  private let directory: TemporaryDirectory
  private let client = ["--signer-name", "kubernetes.io/kube-apiserver-client"]

  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.makeTree()
  }

  /// A CSR of openssl's, in `x.csr`.
  private func makeRequest(_ subject: String, _ options: String...) async throws {
    let made = try await run(
      Judges.openssl,
      ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-utf8"]
        + ["-keyout", "x.key", "-out", "x.csr", "-subj", subject] + options, directory: directory.path)
    try #require(made.status == 0, "\(made)")
  }

  private func pkigen(_ arguments: [String]) async throws -> Outcome {
    try await Pkigen.run(arguments, directory: directory.path)
  }

  private func sign(_ options: [String]) async throws -> Outcome {
    try await pkigen(["csr", "sign", "x.csr", "-d", "."] + options)
  }

  @Test func `C, ST, L and OU are dropped on demand, and a line says so`() async throws {
    try await makeRequest(
      "/C=DE/ST=Berlin/L=Mitte, \"B\"/O=dev/OU=x/CN=jane", "-addext", "extendedKeyUsage=clientAuth")
    let options = client + ["--allow-cn", "jane", "--allow-org", "dev", "--usage", "client"]
    let denied = try await sign(options)
    #expect(denied.status == 1 && denied.stdout.isEmpty)
    #expect(denied.stderr.components(separatedBy: ": subject-attribute-not-allowed: ").count == 5)
    #expect(
      denied.stderr.hasSuffix(
        "hint: pkigen csr sign --drop-subject-attributes leaves C, ST, L and OU out of "
          + "the certificate; make a new CSR, for example with pkigen csr create\n"), "\(denied)")
    let granted = try await sign(options + ["--drop-subject-attributes", "--out", "signed"])
    #expect(granted.status == 0, "\(granted)")
    #expect(granted.stderr.hasPrefix("granted: x.csr: O = dev, CN = jane, "))
    #expect(
      granted.stderr.hasSuffix(
        "\ndropped: x.csr: C = DE, ST = Berlin, L = \"Mitte, \\\"B\\\"\", OU = x\n"), "\(granted)")
    let subject = try await run(
      Judges.openssl, ["x509", "-noout", "-subject", "-in", "signed/x.crt"], directory: directory.path)
    #expect(subject.stdout == "subject=O = dev, CN = jane\n")
  }

  @Test func `the catalog's subjects are found without what is dropped`() async throws {
    try await makeRequest("/C=DE/CN=system:kube-scheduler")
    #expect(try await sign([]).status == 1)
    let granted = try await sign(["--drop-subject-attributes"])
    #expect(
      granted.status == 0 && granted.stderr.hasPrefix("granted: x.csr: scheduler.conf: CN = system:kube-s"))
  }

  @Test(arguments: ["/emailAddress=a@b.c/CN=jane", "/UID=1/C=DE/CN=jane", "/serialNumber=1/CN=jane"])
  func `no other attribute is dropped`(subject: String) async throws {
    try await makeRequest(subject)
    let outcome = try await sign(
      client + ["--allow-cn", "jane", "--usage", "client", "--drop-subject-attributes"])
    #expect(outcome.status == 1 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr.components(separatedBy: ": subject-attribute-not-allowed: ").count == 2, "\(outcome)")
  }

  @Test func `what is dropped is not granted`() async throws {
    try await makeRequest("/C=DE/O=system:masters/CN=jane")
    let outcome = try await sign(
      client + ["--allow-cn", "jane", "--allow-org", "*", "--usage", "client", "--drop-subject-attributes"])
    #expect(outcome.status == 1 && outcome.stderr.contains(": privileged-organization: "), "\(outcome)")
  }

  @Test func `a value that looks like an attribute or a name is in quotes`() async throws {
    // Of a section of its own, openssl splits no value.
    let names =
      "[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectAltName=@names\n[names]\nemail=a@b.c, DNS:kubernetes\n"
    try Data(names.utf8).write(to: URL(filePath: directory.path("x.cnf")))
    try await makeRequest(
      "/CN=jane, O = system:masters", "-config", "x.cnf", "-reqexts", "ext")
    for command in [["inspect"], ["csr", "show"]] {
      let outcome = try await pkigen(command + ["x.csr"])
      #expect(outcome.stdout.contains("CN = \"jane, O = system:masters\"\n"), "\(outcome)")
      #expect(outcome.stdout.contains("\"email:a@b.c, DNS:kubernetes\"\n"), "\(outcome)")
    }
    for item in [try await inspected("x.csr"), try await shown("x.csr")] {
      #expect(item.commonName == "jane, O = system:masters" && item.organizations.isEmpty)
      #expect(item.names == ["email:a@b.c, DNS:kubernetes"] && !item.isAuthority)
    }
  }

  @Test func `JSON has each attribute of a subject apart`() async throws {
    try await makeRequest("/O=a, CN = x/OU=b+C=DE/CN=jane", "-multivalue-rdn")
    let request = try await run(
      Judges.openssl,
      ["x509", "-req", "-in", "x.csr", "-signkey", "x.key", "-out", "x.crt"], directory: directory.path)
    try #require(request.status == 0, "\(request)")
    let certificate = try await inspected("x.crt")
    for item in [certificate, try await inspected("x.csr"), try await shown("x.csr")] {
      #expect(item.commonName == "jane" && item.organizations == ["a, CN = x"])
      #expect(
        Set(item.subjectAttributes.map { "\($0.type)=\($0.value ?? "")" }) == [
          "O=a, CN = x", "OU=b", "C=DE", "CN=jane",
        ])
    }
    #expect(certificate.issuerAttributes?.map(\.value) == certificate.subjectAttributes.map(\.value))
  }

  /// What the JSON of a certificate or a CSR says of its subject.
  struct Subject: Decodable {
    struct Attribute: Decodable {
      let type: String
      let value: String?
    }
    let commonName: String
    let organizations, names: [String]
    let subjectAttributes: [Attribute]
    let issuerAttributes: [Attribute]?
    let isAuthority: Bool
  }

  private func inspected(_ name: String) async throws -> Subject {
    struct Document: Decodable {
      struct File: Decodable { let items: [Subject] }
      let files: [File]
    }
    let document = try await pkigen(["inspect", "-o", "json", name]).document(Document.self)
    return try #require(document.files.first?.items.first)
  }

  private func shown(_ name: String) async throws -> Subject {
    struct Document: Decodable { let requests: [Subject] }
    return try #require(
      try await pkigen(["csr", "show", "-o", "json", name]).document(Document.self).requests.first)
  }

  @Test func `a CSR for a CA is shown as one, and names keep their case`() async throws {
    try await makeRequest(
      "/CN=x", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
      "subjectAltName=DNS:WEB.Example.com,otherName:1.2.3.4;UTF8:hidden")
    let shown = try await pkigen(["csr", "show", "x.csr"])
    #expect(shown.stdout.contains("  X509v3 Basic Constraints: CA:TRUE\n"), "\(shown)")
    #expect(shown.stdout.contains("  DNS:WEB.Example.com\n") && shown.stdout.contains("  other:"), "\(shown)")
    #expect(shown.stdout.contains("authority-requested: the request is for a CA"))
    let inspected = try await pkigen(["inspect", "x.csr"])
    #expect(inspected.stdout.contains("  constraints   CA:TRUE\n"), "\(inspected)")
    try await makeRequest("/CN=x", "-addext", "subjectAltName=DNS:W_EB.Example.com")
    let refused = try await pkigen(["csr", "show", "x.csr"])
    #expect(refused.stdout.contains("the name \"DNS:W_EB.Example.com\" is not"), "\(refused)")
  }

  /// The way from `csr create --service` to a certificate, by the hint alone.
  @Test func `the hint of a workload's CSR is the command that signs it`() async throws {
    let made = try await pkigen(
      ["csr", "create", "--service", "web.shop", "--org", "a b,c", "--san", "10.0.34.2", "--out", "x"])
    try #require(made.status == 0, "\(made)")
    let denied = try await sign([])
    #expect(denied.status == 1 && denied.stderr.contains(": unknown-subject: "))
    let options = try #require(
      denied.stderr.firstMatch(of: #/what it grants: (.*?); for a control/#)?.output.1)
    #expect(
      options
        == "--signer-name DOMAIN/NAME --allow-cn web.shop.svc --allow-org c --allow-org 'a b' "
        + "--allow-san web.shop.svc,web.shop,web.shop.svc.cluster.local,10.0.34.2")
    let path = try Pkigen.path
    let script =
      "\(path) csr sign x.csr -d . " + options.replacing("DOMAIN/NAME", with: "example.com/serving")
    let granted = try await run("bash", ["-c", script], directory: directory.path)
    #expect(granted.status == 0 && granted.stdout.hasPrefix("-----BEGIN CERTIFICATE-----"), "\(granted)")
  }

  @Test func `a missing usage has a hint`() async throws {
    try await makeRequest("/CN=jane")
    let bare = try await sign(["--signer-name", "example.com/x", "--allow-cn", "jane"])
    #expect(bare.stderr.contains("--usage"), "\(bare)")
    let any = try await sign(["--allow-any-subject"])
    #expect(
      any.status == 1 && any.stderr.contains("usage-missing: ") && any.stderr.contains("\nhint: "), "\(any)")
  }

  @Test func `lists with commas are the same as repeated options`() async throws {
    let made = try await pkigen(
      ["csr", "create", "--common-name", "jane", "--org", "dev,ops", "--org", "qa", "--out", "x"])
    #expect(made.stdout.contains("O = qa, O = dev, O = ops, CN = jane"), "\(made)")
    let outcome = try await sign(
      client + ["--allow-cn", "tom,jane", "--allow-org", "dev,q*", "--allow-org", "ops"])
    #expect(outcome.status == 0, "\(outcome)")
    let groups = try await pkigen(["bootstrap", "rbac", "--group", "a,b"])
    #expect(groups.stdout.contains("  name: a\n") && groups.stdout.contains("  name: b\n"), "\(groups)")
  }
}
