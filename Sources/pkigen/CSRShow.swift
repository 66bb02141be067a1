import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// `pkigen csr show`.
struct CSRShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Describe CSRs, as kubectl describe csr does, without a cluster.",
    discussion: """
      Reads CSRs in PEM, and CertificateSigningRequest objects in YAML or JSON, also as a list.

      EXAMPLES
        pkigen csr show server.csr
        kubectl get csr -o yaml | pkigen csr show -
        pkigen csr show w1.csr --signer-name kubernetes.io/kubelet-serving -o json
      """)

  @Argument(help: ArgumentHelp("The files; - for standard input.", valueName: "file"), completion: .file())
  var files: [String]

  @Option(help: ArgumentHelp("The signer, for CSRs in PEM.", valueName: "domain/name"))
  var signerName: String?

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    if let signerName, let problem = SignerRules.problem(ofSignerName: signerName) {
      throw PKIError.invalidSetting(.option("--signer-name"), value: signerName, problem: problem, hint: nil)
    }
    var summaries: [CSRSummary] = []
    for file in files {
      for var request in try CertificateSigningRequest.read(file) {
        request.signerName = request.signerName ?? signerName
        summaries.append(try CSRSummary(request))
      }
    }
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(["requests": summaries]))
    case .text where !output.quiet:
      try Terminal.output(summaries.map(\.text).joined(separator: "\n\n"))
    case .text: break
    }
  }
}

extension CSRSummary {
  /// The description for people.
  fileprivate var text: String {
    let duration = expirationSeconds.map { "\($0) s" }
    let asked = requestor.map {
      requestorGroups.isEmpty ? [$0].list : "\([$0].list), groups \(requestorGroups.list)"
    }
    let rows: [(String, [String])] = [
      ("Name", [name ?? origin]),
      ("Requesting User", [asked].compactMap(\.self)),
      ("Signer", [signerName].compactMap(\.self)),
      ("Requested Duration", [duration].compactMap(\.self)),
      ("Status", [state]),
      ("Subject", [subject]),
      ("Alternative Names", names.map { [$0].list }),
      ("Key", ["\(key.algorithm), SHA-256 \(key.sha256)"]),
      ("Signature", ["\(signatureAlgorithm), \(signatureValid ? "valid" : "NOT VALID")"]),
      ("Usages", usages),
      (
        "Extensions",
        extensions.map { isAuthority && $0.hasSuffix("Basic Constraints") ? "\($0): CA:TRUE" : $0 }
      ),
      ("Kind", [kind.rawValue]),
      ("Review", notes),
      ("Denial reasons", refusals.map { "\($0.code): \($0.message)" }),
    ]
    return rows.map { title, values in
      let label = "\(title):"
      let indent = String(repeating: " ", count: 21)
      let values = values.isEmpty ? ["<none>"] : values.map(\.printable)
      return label + indent.dropFirst(label.count) + values.joined(separator: "\n\(indent)") + "\n"
    }.joined()
  }
}
