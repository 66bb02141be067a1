import ArgumentParser
import KubernetesPKI
import PKIExport

/// `pkigen export cluster-api`.
struct ExportClusterAPI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster-api",
    abstract: "Write the CAs and the service-account key as Cluster API's Secrets.",
    discussion: """
      Apply them before the Cluster's first control-plane machine: Cluster API makes \
      what it does not find. The Secrets are CLUSTER-ca, -etcd, -proxy and -sa; \
      with an external etcd also CLUSTER-apiserver-etcd-client, and -etcd has \
      no key.

      EXAMPLES
        pkigen export cluster-api --cluster prod --namespace clusters \\
          -d out --out - | kubectl apply -f -
      """)

  @Option(help: ArgumentHelp("Name of the Cluster.", valueName: "name"))
  var cluster: String

  @Option(help: ArgumentHelp("Namespace of the Cluster.", valueName: "namespace"))
  var namespace = "default"

  @OptionGroup var form: ObjectFormatOptions
  @OptionGroup var export: ExportOptions

  func run() throws {
    let cluster = try ObjectName.label(Setting(cluster, from: .option("--cluster")))
    let namespace = try ObjectName.label(Setting(namespace, from: .option("--namespace")))
    let secrets = try export.source().clusterAPISecrets(of: cluster, namespace: namespace)
    try export.write(form.text(secrets.map(\.object)))
  }
}
