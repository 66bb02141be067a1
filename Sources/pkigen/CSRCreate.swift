import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// `pkigen csr create`.
struct CSRCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make a key and a request for a certificate.",
    discussion: """
      Writes OUT-key.pem, which only the caller can read, and OUT.csr. Neither may be there already.

      EXAMPLES
        A server in the cluster, by the names of its Service and its address:
          pkigen csr create --service my-svc.my-namespace --san 10.0.34.2 \\
            --out server

        The same, each name given:
          pkigen csr create --common-name my-svc.my-namespace.svc \\
            --san my-svc.my-namespace.svc.cluster.local --san 10.0.34.2 \\
            --usage server --out server

        A user in two groups:
          pkigen csr create --common-name jane --org dev --org ops --out jane
      """)

  @OptionGroup(title: "What for") var subject: RequestSubjectOptions

  @Option(
    help: ArgumentHelp("Where to: the start of both files' names, maybe with a directory.", valueName: "path")
  )
  var out: String

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if out.isEmpty || out.hasSuffix("/") || out.contains("\0") {
      throw ValidationError("--out needs the start of a file's name, such as server or certs/server.")
    }
  }

  func run() throws {
    let specification = try subject.request.specification()
    let made = try Issuer(jobs: 1).request(specification, out: out)
    try NewFiles.write(made.files)
    if specification.isServerWithoutName, !output.quiet {
      Terminal.warn("\(made.requestPath) has no --san; a server without a name is accepted by no client")
    }
    try print(made, made.summary())
  }

  /// The document of `-o json`.
  private struct Document: Encodable {
    let key: String
    let request: String
    let summary: RequestSummary
  }

  private func print(_ files: RequestFiles, _ summary: RequestSummary) throws {
    switch output.output {
    case .json:
      try Terminal.output(
        try JSONOutput.text(Document(key: files.keyPath, request: files.requestPath, summary: summary)))
    case .text where !output.quiet:
      let names = ([summary.subject] + summary.names).joined(separator: ", ")
      try Terminal.output(lines: ["create  \(files.keyPath)", "create  \(files.requestPath)  \(names)"])
    case .text: break
    }
  }
}

/// Who the certificate is for.
struct RequestSubjectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The subject's common name. (default: NAME.NAMESPACE.svc of --service)", valueName: "name"))
  var commonName: String?

  @Option(help: ArgumentHelp("A group of the subject; may be repeated.", valueName: "group"))
  var org: [String] = []

  @Option(
    help: ArgumentHelp(
      "A host name or address of the subject, or email:… or URI:…; may be repeated, or a list with commas.",
      valueName: "name-or-ip"))
  var san: [String] = []

  @Option(help: ArgumentHelp("A Service, whose names are filled in.", valueName: "name.namespace"))
  var service: String?

  @Option(
    name: .customLong("service-dns-domain"),
    help: ArgumentHelp("The domain of services. (default: cluster.local)", valueName: "domain"))
  var serviceDNSDomain: String?

  @Option(
    help: ArgumentHelp(
      "server or client; may be repeated. (default: server where there are names, else client)",
      valueName: "usage"))
  var usage: [String] = []

  @Option(
    help: ArgumentHelp(
      "ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072 or rsa-4096. (default: ecdsa-p256)", valueName: "alg"))
  var keyAlgorithm: String?

  /// What was asked for.
  var request: WorkloadRequest {
    var request = WorkloadRequest()
    request.commonName = Setting(commonName, from: "--common-name")
    request.organizations = org.map { Setting($0, from: .option("--org")) }
    request.names = Setting.list(san, from: "--san")
    request.service = Setting(service, from: "--service")
    request.dnsDomain = Setting(serviceDNSDomain, from: "--service-dns-domain")
    request.usages = Setting.list(usage, from: "--usage")
    request.keyAlgorithm = Setting(keyAlgorithm, from: "--key-algorithm")
    return request
  }
}
