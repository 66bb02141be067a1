import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// `pkigen bootstrap`.
struct Bootstrap: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What kubelets need to get certificates by themselves: token, kubeconfig, roles, arguments.",
    discussion: """
      EXAMPLES
        pkigen bootstrap token --out token
        pkigen bootstrap token --token-file token -o secret | kubectl apply -f -
        pkigen bootstrap rbac | kubectl apply -f -
        pkigen bootstrap kubeconfig --token-file token \\
          --server https://k8s.example.com:6443
        pkigen bootstrap flags kubelet
      """,
    subcommands: [
      BootstrapTokenCommand.self, BootstrapKubeconfig.self, BootstrapRBAC.self, BootstrapFlags.self,
    ])
}

/// Where a secret goes.
struct SecretOutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A new file, which only the caller can read. (default: standard output)", valueName: "file"))
  var out: String?

  /// Prints a text that holds a secret, or writes it to the file.
  func print(_ kind: PKIFile.Kind, _ text: String) throws {
    guard let out else { return try Terminal.output(text) }
    try NewFiles.write([PKIFile(kind, at: out, text: text)])
  }

  /// The path for a file of the library's; what it is called matters only where there is one.
  var path: String { out ?? "standard output" }

  /// Prints a file of the library's, or writes it.
  func print(_ file: PKIFile) throws {
    out == nil ? try Terminal.output(file.text) : try NewFiles.write([file])
  }
}
