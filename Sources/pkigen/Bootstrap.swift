import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI

/// `pkigen bootstrap`.
struct Bootstrap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootstrap",
    abstract: "Print what kubelets need to get certificates: token, kubeconfig, roles, arguments.",
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
      "A new file that only the caller can read; - for standard output.", valueName: "file"),
    completion: .file())
  var out = "-"

  /// Prints a file of the library's, or writes it.
  func print(_ file: PKIFile) throws {
    out == "-" ? try Terminal.output(file.text) : try NewFiles.write([file.change])
  }
}
