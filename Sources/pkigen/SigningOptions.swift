import ArgumentParser
import CertificateRequests
import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// Which CA signs.
struct CAOptions: ParsableArguments {
  @OptionGroup var tree: WhereOptions

  @Option(
    name: .customLong("ca-cert"),
    help: ArgumentHelp("CA certificate. (default: ca.crt of the PKI directory)", valueName: "file"),
    completion: .file())
  var certificate: String?

  @Option(
    name: .customLong("ca-key"),
    help: ArgumentHelp("CA key. (default: ca.key of the PKI directory)", valueName: "file"),
    completion: .file())
  var key: String?

  func validate() throws {
    if (certificate == nil) != (key == nil) {
      throw ValidationError("Give --ca-cert and --ca-key together.")
    }
  }

  /// The CA, read and checked; that of the tree at `location` where no other is named.
  func ca(in location: TreeLocation, at instant: Date) throws -> CertificateAuthority {
    guard let certificate, let key else {
      return try CertificateAuthority(of: location, signs: true, at: instant)
    }
    return try CertificateAuthority(certificatePath: certificate, keyPath: key, at: instant)
  }
}

/// What is granted.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Common name to grant (repeatable, comma-separated).", valueName: "pattern"))
  var allowCn: [String] = []

  @Option(
    help: ArgumentHelp("Organization to grant (repeatable, comma-separated).", valueName: "pattern"))
  var allowOrg: [String] = []

  @Option(
    help: ArgumentHelp(
      "SAN to grant (repeatable, comma-separated).", valueName: "pattern"))
  var allowSan: [String] = []

  @Option(
    help: ArgumentHelp(
      "The user who must have sent the CSR; for CSRs in PEM, the user who sent it.", valueName: "user"))
  var requestor: String?

  @Option(
    name: .customLong("apiserver-cert"),
    help: ArgumentHelp(
      "The API server's certificate. No pattern with * and no network grants its names to a node. (default: apiserver.crt of the tree, where it is there)",
      valueName: "file"), completion: .file())
  var apiserverCertificate: String?

  /// Whether any option is given.
  var isStated: Bool { !(allowCn + allowOrg + allowSan).isEmpty || requestor != nil }

  /// The policy for these requests.
  ///
  /// The API server's certificate is read only where a node asks for a serving certificate.
  func policy(
    for requests: [CertificateSigningRequest], signerName: String?, in location: TreeLocation
  ) throws -> ApprovalPolicy {
    var policy = ApprovalPolicy()
    policy.commonNames = Setting.list(allowCn, from: "--allow-cn").map { NamePattern(text: $0.text) }
    policy.organizations = Setting.list(allowOrg, from: "--allow-org").map { NamePattern(text: $0.text) }
    policy.names = try NamePattern.list(Setting.list(allowSan, from: "--allow-san"))
    policy.requestor = requestor
    policy.signerName = signerName
    if requests.contains(where: { $0.signerName == SignerRules.kubeletServing }) {
      policy.apiServerNames = try apiServerNames(in: location)
    }
    return policy
  }

  private func apiServerNames(in location: TreeLocation) throws -> [GeneralName] {
    var reader = TreeReader(location)
    let path = apiserverCertificate ?? Path.join(location.certificateDirectory, "apiserver.crt")
    let content = reader.readCertificates(path)
    if content.isAbsent, apiserverCertificate == nil { return [] }
    if let finding = content.finding { throw PKIErrors([.unsound(finding)]) }
    guard let certificate = content.value?.first else {
      throw PKIErrors([
        .invalidSetting(.option("--apiserver-cert"), value: path, problem: "no such file", hint: nil)
      ])
    }
    return try certificate.subjectAlternativeName().names
  }
}
