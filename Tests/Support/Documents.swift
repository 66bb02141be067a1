import FoundationEssentials

extension Outcome {
  /// What the program printed as JSON.
  public func document<Document: Decodable>(_ kind: Document.Type = Document.self) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(stdout.utf8))
  }
}

/// What `init`, `phase`, `renew` and `csr install` print with `-o json`.
public struct RunDocument: Decodable, Sendable {
  /// A file that was made, kept or replaced.
  public struct File: Decodable, Sendable {
    /// The certificate in it.
    public struct Certificate: Decodable, Sendable {
      public let notAfter: String
      public let sha256: String?
    }

    public let action: String
    public let path: String
    public let kind: String
    public let certificate: Certificate?
    public let previousNotAfter: String?
    public let addedNames: [String]?
    public let droppedNames: [String]?
  }

  /// What could not be done.
  public struct Refusal: Decodable, Sendable {
    public let code: String
    public let message: String
  }

  public let dryRun: Bool
  public let files: [File]
  public let notes: [String]
  public let warnings: [String]
  public let refusals: [Refusal]
  public let backup: String?
  public let nextSteps: [String]
}

/// What `verify` prints with `-o json`.
public struct AuditDocument: Decodable, Sendable {
  /// One thing that was found.
  public struct Finding: Decodable, Sendable {
    public let code: String
    public let severity: String
    public let files: [String]
    public let message: String
    public let breaks: String?
    public let remedy: String?
  }

  public let certificateDirectory: String
  public let kubeconfigDirectory: String
  public let errors: Int
  public let warnings: Int
  public let infos: Int
  public let findings: [Finding]
}

/// What `check-expiration` prints with `-o json`: kubeadm's document, with more in it.
public struct ExpirationDocument: Decodable, Sendable {
  /// A certificate, of a file or of a kubeconfig.
  public struct Certificate: Decodable, Sendable {
    public let name: String
    public let expirationDate: String?
    public let residualTime: Int
    public let externallyManaged: Bool
    public let caName: String?
    public let missing: Bool
    public let path: String
    public let state: String
    public let reason: String?
    public let notBefore: String?
    public let subject: String?
    public let issuer: String?
    public let serialNumber: String?
    public let sha256: String?
  }

  public let apiVersion: String
  public let kind: String
  public let certificates: [Certificate]
  public let certificateAuthorities: [Certificate]
}

/// What `inspect` prints with `-o json`.
public struct InspectionDocument: Decodable, Sendable {
  /// What is said of a key.
  public struct Key: Decodable, Equatable, Sendable {
    public let algorithm: String
    public let sha256: String
  }

  /// A user of a kubeconfig.
  public struct User: Decodable, Sendable {
    public let isPair: Bool?
    public let clientCertificates: [Item]
  }

  /// A cluster of a kubeconfig.
  public struct Cluster: Decodable, Sendable {
    public let server: String?
  }

  /// A thing in a file: a certificate, a key, a kubeconfig.
  public struct Item: Decodable, Sendable {
    public let kind: String?
    public let subject: String?
    public let issuer: String?
    public let serialNumber: String?
    public let signatureAlgorithm: String?
    public let notAfter: String?
    public let sha256: String?
    public let subjectKeyIdentifier: String?
    public let state: String?
    public let isAuthority: Bool?
    public let isEncrypted: Bool?
    public let label: String?
    public let key: Key?
    public let users: [User]?
    public let clusters: [Cluster]?
  }

  /// A file that was looked at.
  public struct File: Decodable, Sendable {
    public let path: String
    public let items: [Item]
  }

  public let files: [File]
}
