import ArgumentParser
import KubernetesPKI
import PKIExport

/// `pkigen export cert-manager`.
struct ExportCertManager: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cert-manager",
    abstract: "Write a CA as a Secret and a ClusterIssuer for cert-manager.",
    discussion: """
      Whoever may create a Certificate for this issuer gets any certificate of the \
      CA: with ca, one of system:masters, with front-proxy-ca, one that speaks for \
      every user, with etcd-ca, one that reads and writes all data. They own the \
      cluster; --insecure says that this is intended.

      EXAMPLES
        pkigen export cert-manager etcd-ca --insecure --name etcd \\
          --out - | kubectl apply -f -
      """)

  @Argument(help: ArgumentHelp("CA: ca, front-proxy-ca or etcd-ca.", valueName: "name"))
  var entry: String

  @Option(
    help: ArgumentHelp(
      "Name of the ClusterIssuer and the Secret. (default: that of the CA)", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp("cert-manager's --cluster-resource-namespace.", valueName: "namespace"))
  var namespace = "cert-manager"

  @Flag(help: "Allow everyone who may create Certificates to own the cluster.")
  var insecure = false

  @OptionGroup var form: ObjectFormatOptions
  @OptionGroup var export: ExportOptions

  func run() throws {
    let ca = try CatalogEntry.exported(entry, .trustAnchors)
    guard insecure else {
      throw PKIErrors([
        .invalidSetting(
          .option("NAME"), value: ca.name,
          problem: "a CA of the cluster: everyone who may create Certificates would own the cluster",
          hint: "give cert-manager a CA of its own; --insecure exports this one")
      ])
    }
    let name = try ObjectName.subdomain(Setting(name ?? ca.name, from: .option("--name")))
    let namespace = try ObjectName.label(Setting(namespace, from: .option("--namespace")))
    let objects = try export.source().clusterIssuer(of: ca, name: name, namespace: namespace)
    try export.write(form.text(objects))
  }
}
