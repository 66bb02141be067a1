import ArgumentParser
import KubernetesPKI

/// `pkigen csr`.
struct CSR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "csr",
    abstract: "Make, show and sign requests for certificates.",
    discussion: """
      EXAMPLES
        pkigen csr create --service my-svc.my-namespace --out server
        pkigen csr show server.csr
      """,
    subcommands: [CSRCreate.self, CSRManifest.self, CSRShow.self, CSRSign.self])
}
