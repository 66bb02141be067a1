import ArgumentParser

/// `pkigen export`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write certificates and CAs in the formats of other programs.",
    discussion: """
      Results have private keys: --out names a new file that only the caller can \
      read, or - for standard output, to pass them on. A PKI in which \
      'pkigen verify' finds errors is not exported, unless --force is given.

      EXAMPLES
        pkigen export secret apiserver --namespace kube-system --out -
        pkigen export cluster-api --cluster prod --namespace clusters \\
          --out - | kubectl apply -f -
        pkigen export tar --out - | age -r age1… > pki.tar.age
      """,
    subcommands: [
      ExportSecret.self, ExportClusterAPI.self, ExportKubeadmCerts.self, ExportTar.self,
      ExportCertManager.self, ExportPKCS12.self, ExportJavaTrustStore.self, ExportK0s.self,
    ])
}
