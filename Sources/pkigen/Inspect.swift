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
      Reads PEM files with any number of blocks, DER, PKCS#7, PKCS#12,
      kubeconfigs, and CertificateSigningRequests, Secrets and ConfigMaps in
      YAML or JSON; of a directory, every certificate below it, as a table. A key
      is shown as the SHA-256 of its public half: a certificate and a key with
      the same one belong together. Private keys and tokens are never printed.

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

        Every certificate of a machine's Kubernetes:
          pkigen inspect /etc/kubernetes

        The certificates in a cluster's Secrets:
          kubectl get secrets -A -o yaml | pkigen inspect -

        The requests of a cluster:
          kubectl get csr -o yaml | pkigen inspect -
      """)

  @Argument(
    help: ArgumentHelp("Files, directories, or - for standard input.", valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp("Its first line is the password of PKCS#12 files.", valueName: "file"),
    completion: .file())
  var passwordFile: String?

  @OptionGroup(title: "Output") var output: OutputOptions

  /// The document of `-o json`.
  private struct Document: Encodable {
    let files: [FileDescription]
  }

  func run() throws {
    let instant = Date.now
    let password = try passwordFile.map { try Password.read($0, for: "--password-file") }
    var descriptions: [FileDescription] = []
    var texts: [String] = []
    var errors: [PKIError] = []
    for file in files {
      if DirectoryDescription.isDirectory(file) {
        let directory = DirectoryDescription(reading: file, at: instant, password: password)
        descriptions += directory.files
        texts.append(InspectionTable(directory.files, inColour: Terminal.outputUsesColour).text)
        errors += directory.errors + directory.files.flatMap(\.findings).map { .unsound($0) }
        continue
      }
      do throws(PKIError) {
        let description = try FileDescription(reading: file, at: instant, password: password)
        descriptions.append(description)
        texts.append(InspectionText(description).text)
        errors += description.findings.map { .unsound($0) }
      } catch {
        errors.append(error)
      }
    }
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(Document(files: descriptions)))
    case .text where !output.quiet:
      try Terminal.output(texts.filter { !$0.isEmpty }.joined(separator: "\n"))
    case .text: break
    }
    let unfinished = files.compactMap { UnfinishedRun.replacing($0) }
    for run in unfinished { Terminal.report(.unsound(run.finding)) }
    if !errors.isEmpty { throw PKIErrors(errors) }
    if !unfinished.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
