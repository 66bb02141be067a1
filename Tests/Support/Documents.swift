import FoundationEssentials

extension Outcome {
  /// What the program printed as JSON.
  package func document<Document: Decodable>(_ kind: Document.Type = Document.self) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(stdout.utf8))
  }
}

/// What `init`, `phase`, `renew` and `csr install` print with `-o json`.
package struct RunDocument: Decodable, Sendable {
  /// A file that was made, kept or replaced.
  package struct File: Decodable, Sendable {
    /// The certificate in it.
    package struct Certificate: Decodable, Sendable {
      package let notAfter: String
      package let sha256: String?
    }

    package let action: String
    package let path: String
    package let kind: String
    package let certificate: Certificate?
    package let previousNotAfter: String?
    package let addedNames: [String]?
    package let droppedNames: [String]?
  }

  /// What could not be done.
  package struct Refusal: Decodable, Sendable {
    package let code: String
    package let message: String
  }

  package let dryRun: Bool
  package let files: [File]
  package let notes: [String]
  package let warnings: [String]
  package let refusals: [Refusal]
  package let backup: String?
  package let nextSteps: [String]
}

/// What `verify` prints with `-o json`.
package struct AuditDocument: Decodable, Sendable {
  /// One thing that was found.
  package struct Finding: Decodable, Sendable {
    package let code: String
    package let severity: String
    package let files: [String]
    package let message: String
    package let breaks: String?
    package let remedy: String?
  }

  package let certificateDirectory: String
  package let kubeconfigDirectory: String
  package let errors: Int
  package let warnings: Int
  package let infos: Int
  package let findings: [Finding]
}

/// What `check-expiration` prints with `-o json`: kubeadm's document, with more in it.
package struct ExpirationDocument: Decodable, Sendable {
  /// A certificate, of a file or of a kubeconfig.
  package struct Certificate: Decodable, Sendable {
    package let name: String
    package let expirationDate: String?
    package let residualTime: Int
    package let externallyManaged: Bool
    package let caName: String?
    package let missing: Bool
    package let path: String
    package let state: String
    package let reason: String?
    package let notBefore: String?
    package let subject: String?
    package let issuer: String?
    package let serialNumber: String?
    package let sha256: String?
  }

  package let apiVersion: String
  package let kind: String
  package let certificates: [Certificate]
  package let certificateAuthorities: [Certificate]
}

/// What `inspect` prints with `-o json`.
package struct InspectionDocument: Decodable, Sendable {
  /// What is said of a key.
  package struct Key: Decodable, Equatable, Sendable {
    package let algorithm: String
    package let sha256: String
  }

  /// A user of a kubeconfig.
  package struct User: Decodable, Sendable {
    package let isPair: Bool?
    package let clientCertificates: [Item]
  }

  /// A cluster of a kubeconfig.
  package struct Cluster: Decodable, Sendable {
    package let server: String?
  }

  /// A thing in a file: a certificate, a key, a kubeconfig.
  package struct Item: Decodable, Sendable {
    package let kind: String?
    package let subject: String?
    package let issuer: String?
    package let serialNumber: String?
    package let signatureAlgorithm: String?
    package let notAfter: String?
    package let sha256: String?
    package let subjectKeyIdentifier: String?
    package let state: String?
    package let isAuthority: Bool?
    package let isEncrypted: Bool?
    package let label: String?
    package let key: Key?
    package let users: [User]?
    package let clusters: [Cluster]?
  }

  /// A file that was looked at.
  package struct File: Decodable, Sendable {
    package let path: String
    package let items: [Item]
  }

  package let files: [File]
}
