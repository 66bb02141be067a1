import CertificateRequests
import Kubeconfigs
import KubernetesPKI
import OpenSSLX509
import PKIInspection
import StructuredText

/// What a file holds, for people: a heading for each thing, and its fields below.
struct InspectionText {
  /// The lines, each with a newline.
  let text: String

  /// The text of a file's description; empty where it holds nothing.
  init(_ file: FileDescription) {
    let name = file.path == "-" ? "standard input" : file.path
    text = file.items.enumerated().map { index, item in
      let number = file.items.count == 1 ? "" : " (\(index + 1) of \(file.items.count))"
      let (title, fields) = Self.description(of: item)
      return Self.lines("\(name): \(title)\(number)", fields)
    }.joined(separator: "\n")
  }

  private typealias Field = (name: String, value: String?)

  /// A field without a value is left out; one whose value is empty is a heading of its own.
  private static func lines(_ heading: String, _ fields: [Field]) -> String {
    let lines = fields.compactMap { name, value -> String? in
      guard let value else { return nil }
      let padding = value.isEmpty ? "" : String(repeating: " ", count: max(14 - name.count, 1))
      return "  \(name)\(padding)\(value)"
    }
    return ([heading] + lines).map { $0.printable + "\n" }.joined()
  }

  private static func description(of item: FileDescription.Item) -> (title: String, fields: [Field]) {
    switch item {
    case .certificate(let certificate): (title(certificate), fields(certificate))
    case .request(let request): ("certificate request", fields(request))
    case .privateKey(let key): ("private key", [("key", text(key))])
    case .encryptedPrivateKey: ("private key, encrypted", [])
    case .publicKey(let key): ("public key", [("key", text(key))])
    case .kubeconfig(let kubeconfig): ("kubeconfig", fields(kubeconfig))
    case .signingRequest(let request): ("CertificateSigningRequest", fields(request))
    case .unknownBlock(let label): ("\(label), which Kubernetes skips", [])
    case .unusable(let label, let problem): ("unusable \(label)", [("problem", problem)])
    case .part(let source, let item):
      ("\(source): \(description(of: item).title)", description(of: item).fields)
    }
  }

  private static func title(_ certificate: CertificateDescription) -> String {
    (certificate.isAuthority ? "CA certificate" : "certificate")
      + (certificate.isSelfSigned ? ", self-signed" : "")
  }

  private static func fields(_ certificate: CertificateDescription) -> [Field] {
    let summary = certificate.summary
    return [
      ("subject", summary.subject),
      ("issuer", certificate.isSelfSigned ? nil : summary.issuer),
      ("names", list(summary.names)),
      ("usages", list(summary.usages)),
      ("path length", certificate.pathLength.map(String.init)),
      ("valid", validity(certificate)),
      ("key", text(certificate.key)),
      ("signature", certificate.signatureAlgorithm),
      ("serial", certificate.serialNumber),
      ("key id", certificate.subjectKeyIdentifier),
      ("issuer id", certificate.authorityKeyIdentifier),
      ("sha256", summary.sha256Fingerprint),
    ]
  }

  private static func fields(_ request: CSRDescription) -> [Field] {
    [
      ("subject", request.subject), ("names", list(request.names)), ("usages", list(request.usages)),
      ("constraints", request.isAuthority ? "CA:TRUE" : nil),
      ("key", text(request.key)),
      (
        "signature",
        request.signatureAlgorithm + (request.isSignedByItsKey ? "" : ", which is not of this key")
      ),
    ]
  }

  private static func fields(_ object: CSRObjectDescription) -> [Field] {
    [
      ("name", object.name), ("signer", object.signerName), ("usages", list(object.usages)),
      ("lifetime", object.expirationSeconds.map { ResidualTime(seconds: $0).description }),
      ("asked by", object.username.map { ([$0] + object.groups).list }),
      ("state", object.state), ("request", ""),
    ] + fields(object.request).map(indented)
      + object.certificates.flatMap { [("certificate", "")] + fields($0).map(indented) }
  }

  private static func indented(_ field: Field) -> Field { ("  \(field.name)", field.value) }

  private static func validity(_ certificate: CertificateDescription) -> String {
    let rest =
      switch certificate.state {
      case .expired: "expired"
      case .notYetValid: "not yet valid"
      default: "\(certificate.residualTime) left"
      }
    return "\(certificate.summary.notBefore) to \(certificate.summary.notAfter), \(rest)"
  }

  private static func text(_ key: KeyDescription) -> String { "\(key.algorithm), sha256 \(key.sha256)" }

  private static func list(_ elements: [String]) -> String? {
    elements.isEmpty ? nil : elements.list
  }
}

// Kubeconfigs.
extension InspectionText {
  private static func fields(_ kubeconfig: KubeconfigDescription) -> [Field] {
    kubeconfig.contexts.map { context in
      (
        "context",
        "\(context.name): \(context.user) at \(context.cluster)\(context.isCurrent ? ", current" : "")"
      )
    } + kubeconfig.clusters.flatMap(fields) + kubeconfig.users.flatMap(fields)
  }

  private static func fields(_ cluster: KubeconfigDescription.Cluster) -> [Field] {
    [("cluster", cluster.name), ("  server", cluster.server), ("  file", cluster.certificateAuthorityFile)]
      + cluster.certificateAuthorities.flatMap { ca in
        [("  trusts", ca.summary.subject)] + identity(ca)
      } + cluster.problems.map { ("  problem", $0) }
  }

  private static func fields(_ user: KubeconfigDescription.User) -> [Field] {
    [("user", user.name), ("  file", user.clientCertificateFile)]
      + user.clientCertificates.flatMap { certificate in
        [("  subject", certificate.summary.subject), ("  issuer", certificate.summary.issuer)]
          + identity(certificate)
      }
      + [
        ("  key file", user.clientKeyFile),
        ("  key", user.clientKey.map(text)),
        ("  pair", user.isPair == false ? "the key is not that of the certificate" : nil),
        ("  also", list(user.otherCredentials)),
      ] + user.problems.map { ("  problem", $0) }
  }

  private static func identity(_ certificate: CertificateDescription) -> [Field] {
    [("  valid", validity(certificate)), ("  sha256", certificate.summary.sha256Fingerprint)]
  }
}
