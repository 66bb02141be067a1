import ArgumentParser
import KubernetesPKI

/// `pkigen csr`.
struct CSR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "csr",
    abstract: "Make, show, approve and sign CSRs, and install signed certificates.",
    discussion: """
      EXAMPLES
        With the CA's key on another machine:
          pkigen csr create all --node-name cp1 --advertise-ip 10.0.0.10
          pkigen csr sign *.csr --ca-cert ca.crt --ca-key ca.key --out signed
          pkigen csr install signed/*.crt

        For a workload:
          pkigen csr create --service my-svc.my-namespace --out server
          pkigen csr show server.csr
      """,
    subcommands: [
      CSRCreate.self, CSRManifest.self, CSRShow.self, CSRApprove.self, CSRSign.self, CSRInstall.self,
    ])
}
