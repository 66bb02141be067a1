import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// `pkigen ca-hash`.
struct CAHash: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ca-hash",
    abstract: "Print the hash by which a joining node knows the authority.",
    discussion: """
      It is kubeadm's discovery-token-ca-cert-hash: the SHA-256 of the authority's public key. Of several certificates in \
      the file, each has its line; any of them will do.

      EXAMPLES
        pkigen ca-hash
        kubeadm join 10.0.0.10:6443 --token "$(cat token)" \\
          --discovery-token-ca-cert-hash "$(pkigen ca-hash)"
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(
    name: .customLong("ca-cert"),
    help: ArgumentHelp("The authority's certificate. (default: ca.crt of the tree)", valueName: "file"))
  var certificate: String?

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let path = certificate ?? tree.location.authorityCertificate
    let hashes = try TrustedAuthority(path, at: .now).hashes()
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(["hashes": hashes]))
    case .text where !output.quiet: try Terminal.output(hashes.map { $0 + "\n" }.joined())
    case .text: break
    }
  }
}
