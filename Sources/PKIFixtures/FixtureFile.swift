public import FoundationEssentials
internal import KubernetesPKI
public import OpenSSLX509

/// One file of a set of fixtures.
public struct FixtureFile: Sendable {
  /// What kind of file it is.
  public enum Kind: String, Sendable, Codable {
    /// Certificates in PEM.
    case certificate
    /// A private key.
    case privateKey = "private-key"
    /// A public key.
    case publicKey = "public-key"
    /// A certification request.
    case request = "certificate-request"
    /// A kubeconfig, which holds a private key too.
    case kubeconfig
    /// A text for people and for pkigen itself.
    case document

    /// The kind of a file of a tree, by the same name.
    init(_ kind: PKIFile.Kind) { self = Self(rawValue: kind.rawValue) ?? .document }

    /// 0600 for what holds a private key, else 0644.
    var mode: UInt32 {
      switch self {
      case .privateKey, .kubeconfig: 0o600
      case .certificate, .publicKey, .request, .document: 0o644
      }
    }
  }

  /// Where it goes, from the directory of the set.
  public let path: String
  /// What kind of file it is.
  public let kind: Kind
  /// Its bytes.
  public let content: SecretBytes
  /// What it is there for.
  public var purpose: String
  /// The subject of the first certificate in it, or of the request.
  public var subject: String?
  /// The end of the first certificate in it.
  public var notAfter: Date?
  /// What is wrong with it, by the name in the catalog of defects.
  public var defect: String?
  /// The question that verifiers can answer.
  public var question: Question?
  /// What the verifiers answer.
  public var verdicts: Verdicts?

  init(_ kind: Kind, at path: String, _ content: SecretBytes, purpose: String) {
    self.path = path
    self.kind = kind
    self.content = content
    self.purpose = purpose
  }

  /// The file with what its certificate says of itself.
  func describing(_ subject: DistinguishedName, until notAfter: Date?) -> FixtureFile {
    var file = self
    file.subject = subject.description
    file.notAfter = notAfter
    return file
  }
}
