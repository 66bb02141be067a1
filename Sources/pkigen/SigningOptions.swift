import ArgumentParser
import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// Which authority signs.
struct AuthorityOptions: ParsableArguments {
  @OptionGroup var tree: WhereOptions

  @Option(
    name: .customLong("ca-cert"),
    help: ArgumentHelp("The authority's certificate. (default: ca.crt of the tree)", valueName: "file"))
  var certificate: String?

  @Option(
    name: .customLong("ca-key"),
    help: ArgumentHelp("The authority's private key. (default: ca.key of the tree)", valueName: "file"))
  var key: String?

  func validate() throws {
    if (certificate == nil) != (key == nil) {
      throw ValidationError("--ca-cert and --ca-key belong together.")
    }
  }

  /// The authority, read and looked at; that of the tree at `location` where no other is named.
  func authority(in location: TreeLocation, at instant: Date) throws -> SigningAuthority {
    try SigningAuthority(
      certificatePath: certificate ?? location.authorityCertificate, keyPath: key ?? location.authorityKey,
      at: instant)
  }
}

/// What is granted.
struct PolicyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A common name that is granted; may be repeated.", valueName: "pattern"))
  var allowCn: [String] = []

  @Option(help: ArgumentHelp("An organization that is granted; may be repeated.", valueName: "pattern"))
  var allowOrg: [String] = []

  @Option(
    help: ArgumentHelp(
      "A name or address that is granted; may be repeated, or a list with commas.", valueName: "pattern"))
  var allowSan: [String] = []

  @Option(
    help: ArgumentHelp(
      "The one user who may have asked; of a bare request, the one who did.", valueName: "user"))
  var requestor: String?

  /// Whether anything was said.
  var isStated: Bool { !(allowCn + allowOrg + allowSan).isEmpty || requestor != nil }

  /// The policy.
  func policy(signerName: String?) throws -> ApprovalPolicy {
    var policy = ApprovalPolicy()
    policy.commonNames = allowCn.map { NamePattern(text: $0) }
    policy.organizations = allowOrg.map { NamePattern(text: $0) }
    policy.names = try NamePattern.list(Setting.list(allowSan, from: "--allow-san"))
    policy.requestor = requestor
    policy.signerName = signerName
    return policy
  }
}
