import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// `pkigen ca-hash`.
struct CAHash: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ca-hash",
    abstract: "Print the hash of the CA for kubeadm join.",
    discussion: """
      It is kubeadm's discovery-token-ca-cert-hash: the SHA-256 of the CA's public key. A file with several certificates \
      gives a line for each; kubeadm join takes all of them, or one.

      EXAMPLES
        pkigen ca-hash
        kubeadm join 10.0.0.10:6443 --token "$(cat token)" \\
          --discovery-token-ca-cert-hash "$(pkigen ca-hash)"
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(
    name: .customLong("ca-cert"),
    help: ArgumentHelp("The CA certificate. (default: ca.crt of the PKI directory)", valueName: "file"),
    completion: .file())
  var certificate: String?

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let ca =
      try certificate.map { try CertificateAuthority(certificatePath: $0, keyPath: nil, at: .now) }
      ?? CertificateAuthority(of: tree.location, signs: false, at: .now)
    let hashes = try ca.hashes()
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(["hashes": hashes]))
    case .text where !output.quiet: try Terminal.output(hashes.map { $0 + "\n" }.joined())
    case .text: break
    }
  }
}
