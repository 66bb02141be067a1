import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import PKIInspection

/// `pkigen inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show certificates, CSRs, keys and kubeconfigs.",
    discussion: """
      Reads PEM files with any number of blocks, kubeconfigs, and
      CertificateSigningRequest objects in YAML or JSON. A key is shown as the
      SHA-256 of its public half: a certificate and a key with the same one
      belong together. Private keys and tokens are never printed.

      The status is 0 also for an expired certificate: use check-expiration and
      verify to check. It is 65 when a file holds nothing known, or something
      damaged.

      EXAMPLES
        pkigen inspect /etc/kubernetes/pki/apiserver.crt

        Does this key belong to this certificate?
          pkigen inspect server.crt server.key

        What a server presents:
          openssl s_client -connect 10.0.0.10:6443 -showcerts < /dev/null \\
            | pkigen inspect -

        The requests of a cluster:
          kubectl get csr -o yaml | pkigen inspect -
      """)

  @Argument(help: ArgumentHelp("Files, or - for standard input.", valueName: "file"), completion: .file())
  var files: [String]

  @OptionGroup(title: "Output") var output: OutputOptions

  /// The document of `-o json`.
  private struct Document: Encodable {
    let files: [FileDescription]
  }

  func run() throws {
    let instant = Date.now
    var descriptions: [FileDescription] = []
    var errors: [PKIError] = []
    for file in files {
      do throws(PKIError) {
        let description = try FileDescription(reading: file, at: instant)
        descriptions.append(description)
        errors += description.findings.map { .unsound($0) }
      } catch {
        errors.append(error)
      }
    }
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(Document(files: descriptions)))
    case .text where !output.quiet:
      let texts = descriptions.map { InspectionText($0).text }.filter { !$0.isEmpty }
      try Terminal.output(texts.joined(separator: "\n"))
    case .text: break
    }
    let unfinished = files.compactMap { UnfinishedRun.replacing($0) }
    for run in unfinished { Terminal.report(.unsound(run.finding)) }
    if !errors.isEmpty { throw PKIErrors(errors) }
    if !unfinished.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
