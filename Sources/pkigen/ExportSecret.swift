import ArgumentParser
import KubernetesPKI
import PKIExport

/// `pkigen export secret`.
struct ExportSecret: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secret",
    abstract: "Write a certificate and its key as a Secret of type kubernetes.io/tls.",
    discussion: """
      NAME is that of a certificate or a kubeconfig, as in 'pkigen renew --help'. \
      The values are tls.crt, tls.key and ca.crt, the CAs to trust.

      EXAMPLES
        pkigen export secret apiserver-etcd-client --name etcd-client \\
          --namespace monitoring --out - | kubectl apply -f -

        Encrypted, for git:
          pkigen export secret admin.conf --namespace ops --out - \\
            | kubeseal --cert sealing.crt -o yaml > admin.yaml
      """)

  @Argument(help: ArgumentHelp("Certificate or kubeconfig.", valueName: "name"))
  var entry: String

  @Option(help: ArgumentHelp("Name of the Secret. (default: that of the certificate)", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Namespace of the Secret.", valueName: "namespace"))
  var namespace = "default"

  @OptionGroup var form: ObjectFormatOptions
  @OptionGroup var export: ExportOptions

  func run() throws {
    let entry = try CatalogEntry.exported(entry, .leaves)
    let name = try ObjectName.subdomain(Setting(name ?? entry.id.rawValue, from: .option("--name")))
    let namespace = try ObjectName.label(Setting(namespace, from: .option("--namespace")))
    let secret = try export.source().tlsSecret(of: entry, name: name, namespace: namespace)
    try export.write(form.text([secret.object]))
  }
}
