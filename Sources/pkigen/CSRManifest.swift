import ArgumentParser
import CertificateRequests
import KubernetesPKI
import StructuredText

/// `pkigen csr manifest`.
struct CSRManifest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest",
    abstract: "Print the CertificateSigningRequest object of a CSR, for kubectl apply.",
    discussion: """
      If the signer would refuse the CSR, the command fails with the reason's code and status 1.

      SIGNERS
      \(SignerTable.text)
        DOMAIN/NAME                                  a signer of your own

      EXAMPLES
        pkigen csr create --common-name jane --org dev --out jane
        pkigen csr manifest jane.csr --name jane --expiration 24h \\
          --signer-name kubernetes.io/kube-apiserver-client | kubectl apply -f -
        pkigen csr manifest server.csr --name my-svc.my-namespace \\
          --signer-name example.com/serving \\
          --usage "digital signature" --usage "server auth"
      """)

  @Argument(
    help: ArgumentHelp("The CSR in PEM; - for standard input.", valueName: "file"), completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The object's name.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("The signer.", valueName: "domain/name"))
  var signerName: String

  @Option(
    help: ArgumentHelp(
      """
      A usage in the API's words, or server or client; repeatable, comma-separated. \
      (default: what the signer demands, or else what the CSR asks for)
      """, valueName: "usage"))
  var usage: [String] = []

  @Option(
    help: ArgumentHelp(
      "The lifetime to ask for, 10m at least. (default: the signer's)", valueName: "duration"))
  var expiration: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("yaml or json.", valueName: "format"))
  var output = ObjectFormat.yaml

  func run() throws {
    var terms = CSRTerms()
    terms.name = Setting(name, from: "--name")
    terms.signerName = Setting(signerName, from: "--signer-name")
    terms.usages = Setting.list(usage, from: "--usage")
    terms.expiration = Setting(expiration, from: "--expiration")
    let request = try terms.complete(CertificateSigningRequest.readBare(file))
    let denials = CSRExamination(request).denials
    guard denials.isEmpty else { throw PKIErrors(denials.map(DenialHint(request: request).error)) }
    try Terminal.output(try output.text([request.manifest()]))
  }
}

/// The forms of objects of the Kubernetes API.
enum ObjectFormat: String, ExpressibleByArgument, CaseIterable {
  case yaml, json

  /// The objects; several in JSON are a List, as kubectl prints them.
  func text(_ objects: [JSONValue]) throws -> String {
    switch self {
    case .yaml: try JSONValue.yaml(objects)
    case .json where objects.count == 1: try JSONOutput.text(objects[0])
    case .json:
      try JSONOutput.text(["apiVersion": "v1", "items": .array(objects), "kind": "List"] as JSONValue)
    }
  }
}

/// The signers of Kubernetes, for help pages.
enum SignerTable {
  static var text: String {
    SignerRules.kubernetes.map { rules in
      "  \(rules.signerName)\(String(repeating: " ", count: 45 - rules.signerName.count))\(rules.summary)"
    }.joined(separator: "\n")
  }
}
