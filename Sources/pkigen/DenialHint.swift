import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// What to do about a denial, in the options of this program.
struct DenialHint {
  let request: CertificateSigningRequest

  /// The denial as an error with its hint.
  func error(_ denial: Denial) -> PKIError {
    .denied(
      origin: request.origin, code: denial.code.rawValue, message: denial.message,
      hint: text(for: denial.code))
  }

  private func text(for code: DenialCode) -> String? {
    switch code {
    case .commonNameNotAllowed: "--allow-cn PATTERN grants common names"
    case .organizationNotAllowed: "--allow-org PATTERN grants organizations"
    case .nameNotAllowed: "--allow-san PATTERN grants names and addresses"
    case .subjectAttributeNotAllowed:
      "pkigen csr sign --drop-subject-attributes leaves C, ST, L and OU out of the certificate; \(Self.again)"
    case .weakSignature, .weakKey, .unsupportedKey, .attributeNotAllowed, .extensionNotAllowed,
      .duplicateExtension, .caRequested:
      Self.again
    case .unknownSubject: signer
    case .caMismatch:
      "name the other CA with --ca-cert and --ca-key; or allow the subject with --allow-any-subject"
    case .usageMissing: usage
    case .usageNotAllowed, .nameKindNotAllowed, .nameRequired: request.isForCatalog ? Self.catalog : nil
    default: nil
    }
  }

  private static let again = "make a new CSR, for example with pkigen csr create"
  private static let catalog = again + "; or allow what it asks for with --allow-any-subject"

  private var usage: String {
    if request.isObject { return "make a new object with these usages: pkigen csr manifest --usage USAGE" }
    return request.isForCatalog ? Self.catalog : "give the usages of a CSR in PEM with --usage USAGE"
  }

  /// The options with which a workload's request is signed.
  private var signer: String {
    let content = request.content
    let isServer = !content.names.isEmpty || request.knownUsages.contains(.serverAuth)
    let name = isServer ? "DOMAIN/NAME" : "kubernetes.io/kube-apiserver-client"
    let sans = content.names.map { String($0.description.drop { $0 != ":" }.dropFirst()) }
    let options =
      ["--signer-name \(name)"] + [content.commonName].map { "--allow-cn \($0.shellQuoted)" }
      + content.organizations.map { "--allow-org \($0.shellQuoted)" }
      + (sans.isEmpty ? [] : ["--allow-san \(sans.joined(separator: ",").shellQuoted)"])
    return "for a workload or a user, name a signer and what it grants: \(options.joined(separator: " ")); "
      + "for a control plane, allow the subject with --allow-any-subject"
  }
}
