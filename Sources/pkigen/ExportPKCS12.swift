import ArgumentParser
import KubernetesPKI
import PKIExport

/// `pkigen export pkcs12`.
struct ExportPKCS12: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkcs12",
    abstract: "Write a certificate, its key and its CAs as a PKCS#12 file.",
    discussion: """
      For browsers, Java and other programs that read .p12 and .pfx files. NAME is \
      that of a certificate or a kubeconfig, as in 'pkigen renew --help'. The file \
      is encrypted with AES-256 and a password: the first line of a file, or asked \
      for at the terminal.

      EXAMPLES
        pkigen export pkcs12 admin.conf --out admin.p12
        pkigen export pkcs12 apiserver-etcd-client --alias etcd \\
          --password-file password --out client.p12
      """)

  @Argument(help: ArgumentHelp("Certificate or kubeconfig.", valueName: "name"))
  var entry: String

  @Option(
    help: ArgumentHelp("Name of the key in the file. (default: that of the certificate)", valueName: "name"))
  var alias: String?

  @OptionGroup var password: NewPasswordOptions
  @OptionGroup var export: ExportOptions

  func run() throws {
    let entry = try CatalogEntry.exported(entry, .leaves)
    let source = try export.source()
    try export.write(
      source.keyStore(of: entry, alias: alias ?? entry.id.rawValue, password: password.password()))
  }
}

/// `pkigen export java-truststore`.
struct ExportJavaTrustStore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "java-truststore",
    abstract: "Write the certificates of a CA as a trust store for Java.",
    discussion: """
      The trust store is a PKCS#12 file, which Java reads since version 9. It holds \
      no key. The password, the first line of a file or asked for at the terminal, \
      protects it from changes.

      EXAMPLES
        pkigen export java-truststore ca --password-file password \\
          --out truststore.p12
        java -Djavax.net.ssl.trustStore=truststore.p12 …
      """)

  @Argument(help: ArgumentHelp("CA: ca, front-proxy-ca or etcd-ca.", valueName: "name"))
  var entry: String

  @Option(help: ArgumentHelp("Alias of the certificate. (default: the name of the CA)", valueName: "name"))
  var alias: String?

  @OptionGroup var password: NewPasswordOptions
  @OptionGroup var export: ExportOptions

  func run() throws {
    let ca = try CatalogEntry.exported(entry, .trustAnchors)
    let source = try export.source()
    try export.write(
      source.javaTrustStore(of: ca, alias: alias ?? ca.name, password: password.password()))
  }
}
