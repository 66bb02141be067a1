package import OpenSSLX509

/// What a certificate may be used for, in the words of the certificates.k8s.io API: its `spec.usages`.
///
/// See <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/certificate-signing-request-v1/>.
package enum CertificateUsage: String, CaseIterable, Sendable {
  /// The same as ``digitalSignature``.
  case signing
  /// Signatures, as in TLS.
  case digitalSignature = "digital signature"
  /// Also called non-repudiation.
  case contentCommitment = "content commitment"
  /// Transport of keys, as in TLS with RSA key exchange.
  case keyEncipherment = "key encipherment"
  /// Agreement on keys.
  case keyAgreement = "key agreement"
  /// Direct encryption of data.
  case dataEncipherment = "data encipherment"
  /// Signatures on certificates.
  case certSign = "cert sign"
  /// Signatures on revocation lists.
  case crlSign = "crl sign"
  /// With key agreement: only to encipher.
  case encipherOnly = "encipher only"
  /// With key agreement: only to decipher.
  case decipherOnly = "decipher only"
  /// Any purpose at all.
  case any
  /// TLS servers.
  case serverAuth = "server auth"
  /// TLS clients.
  case clientAuth = "client auth"
  /// Signatures on programs.
  case codeSigning = "code signing"
  /// Mail.
  case emailProtection = "email protection"
  /// The same as ``emailProtection``.
  case sMIME = "s/mime"
  /// IPsec end systems.
  case ipsecEndSystem = "ipsec end system"
  /// IPsec tunnels.
  case ipsecTunnel = "ipsec tunnel"
  /// IPsec users.
  case ipsecUser = "ipsec user"
  /// Time stamps.
  case timestamping
  /// Answers about revocation.
  case ocspSigning = "ocsp signing"
  /// Microsoft's server-gated cryptography.
  case microsoftSGC = "microsoft sgc"
  /// Netscape's server-gated cryptography.
  case netscapeSGC = "netscape sgc"

  /// What no signer grants: usages that would speak for the CA itself, or stand for every purpose.
  package static let refused: [CertificateUsage] = [.certSign, .crlSign, .any, .ocspSigning]

  /// The usage of this name: the API's, or `server` and `client` for the two purposes of TLS.
  package init?(name: String) {
    switch name {
    case "server": self = .serverAuth
    case "client": self = .clientAuth
    default: self.init(rawValue: name)
    }
  }

  /// The bit of the key usage extension, RFC 5280 section 4.2.1.3; none for a purpose.
  package var keyUsage: KeyUsage {
    switch self {
    case .signing, .digitalSignature: .digitalSignature
    case .contentCommitment: .contentCommitment
    case .keyEncipherment: .keyEncipherment
    case .keyAgreement: .keyAgreement
    case .dataEncipherment: .dataEncipherment
    case .certSign: .keyCertSign
    case .crlSign: .cRLSign
    case .encipherOnly: .encipherOnly
    case .decipherOnly: .decipherOnly
    case .any, .serverAuth, .clientAuth, .codeSigning, .emailProtection, .sMIME, .ipsecEndSystem,
      .ipsecTunnel,
      .ipsecUser, .timestamping, .ocspSigning, .microsoftSGC, .netscapeSGC:
      []
    }
  }

  /// The purpose of the extended key usage extension, RFC 5280 section 4.2.1.12; `nil` for a key usage.
  package var purpose: ExtendedKeyUsage.Purpose? {
    let dotted: String? =
      switch self {
      case .any: "2.5.29.37.0"
      case .serverAuth: "1.3.6.1.5.5.7.3.1"
      case .clientAuth: "1.3.6.1.5.5.7.3.2"
      case .codeSigning: "1.3.6.1.5.5.7.3.3"
      case .emailProtection, .sMIME: "1.3.6.1.5.5.7.3.4"
      case .ipsecEndSystem: "1.3.6.1.5.5.7.3.5"
      case .ipsecTunnel: "1.3.6.1.5.5.7.3.6"
      case .ipsecUser: "1.3.6.1.5.5.7.3.7"
      case .timestamping: "1.3.6.1.5.5.7.3.8"
      case .ocspSigning: "1.3.6.1.5.5.7.3.9"
      case .microsoftSGC: "1.3.6.1.4.1.311.10.3.3"
      case .netscapeSGC: "2.16.840.1.113730.4.1"
      case .signing, .digitalSignature, .contentCommitment, .keyEncipherment, .keyAgreement,
        .dataEncipherment,
        .certSign, .crlSign, .encipherOnly, .decipherOnly:
        nil
      }
    return dotted.map { ExtendedKeyUsage.Purpose(ObjectIdentifier($0)) }
  }
}

extension Sequence<CertificateUsage> {
  /// The key usage extension's value for all of them.
  package var keyUsage: KeyUsage { reduce(into: []) { $0.formUnion($1.keyUsage) } }

  /// The extended key usage extension's purposes for all of them: in the order of ``CertificateUsage``, none twice.
  package var purposes: [ExtendedKeyUsage.Purpose] {
    let wanted = Set(compactMap(\.purpose))
    var purposes: [ExtendedKeyUsage.Purpose] = []
    for purpose in CertificateUsage.allCases.compactMap(\.purpose)
    where wanted.contains(purpose) && !purposes.contains(purpose) {
      purposes.append(purpose)
    }
    return purposes
  }
}
