internal import FoundationEssentials
internal import KubernetesPKI
internal import OpenSSLX509

/// A way in which files of a cluster can be wrong: in this one only, and right in all others.
public struct Defect: Sendable {
  /// Its name in the catalog, and that of its directory.
  public let name: String
  /// What is wrong.
  public let summary: String
  /// The file with the fault, from the cluster's directory.
  public let path: String
  /// The question for verifiers, where the fault is one of certificates.
  let question: DefectQuestion?
  /// Makes the files that differ from the cluster's.
  let make: @Sendable (DefectScene) throws(OpenSSLError) -> [FixtureFile]

  /// What the verifiers say.
  public var verdicts: Verdicts { VerdictTable.rows[name] ?? Verdicts() }

  /// Whether a specification can say when the certificate ends.
  var hasInstant: Bool { name == "expires-at" }

  /// Whether the fault is in the end of the validity, so that no warning of expiry is due.
  var isAboutTheEnd: Bool { ["expired", "expires-at"].contains(name) }

  /// The catalog.
  public static let all: [Defect] =
    ofValidity + ofCAs + ofNames + ofUsages + ofConstraints + ofEncoding + ofSignatures + ofFiles
    + ofTrees + ofKubeconfigs
}

/// The question to a verifier about a certificate with a defect.
struct DefectQuestion: Sendable {
  /// What the server is called by its client.
  enum Host: Sendable {
    /// The address of the API server.
    case address
    case name(String)
    /// No verifier is asked.
    case unasked
  }

  let certificate: CatalogEntry.ID
  let ca: CatalogEntry.ID
  var host = Host.address
}

extension Defect {
  /// A defect of the API server's serving certificate, which everything but the fault is kept of.
  static func serving(
    _ name: String, _ summary: String, host: DefectQuestion.Host = .address,
    _ change:
      @escaping @Sendable (inout CertificateDraft, DefectScene) throws(OpenSSLError) -> Void
  ) -> Defect {
    servingFile(name, summary, host: host) { (draft, scene) throws(OpenSSLError) in
      try change(&draft, scene)
      return try PEMBlock(label: "CERTIFICATE", der: SecretBytes(draft.signed())).pem()
    }
  }

  /// The same, where the fault is in how the certificate becomes a file.
  static func servingFile(
    _ name: String, _ summary: String, host: DefectQuestion.Host = .address,
    _ encode:
      @escaping @Sendable (inout CertificateDraft, DefectScene) throws(OpenSSLError) -> SecretBytes
  ) -> Defect {
    Defect(
      name: name, summary: summary, path: "pki/apiserver.crt",
      question: DefectQuestion(certificate: .apiserver, ca: .ca, host: host)
    ) { (scene) throws(OpenSSLError) in
      var draft = try scene.draft(of: .apiserver, signedBy: .ca)
      let content = try encode(&draft, scene)
      return [scene.file(.certificate, "pki/apiserver.crt", content, draft.body)]
    }
  }

  /// A defect of etcd's CA; verifiers check etcd's certificates.
  static func ca(
    _ name: String, _ summary: String,
    _ change: @escaping @Sendable (inout TBSCertificate) throws(OpenSSLError) -> Void
  ) -> Defect {
    Defect(
      name: name, summary: summary, path: "pki/etcd/ca.crt",
      question: DefectQuestion(certificate: .etcdServer, ca: .etcdCA)
    ) { (scene) throws(OpenSSLError) in
      var draft = try scene.draft(of: .etcdCA, signedBy: .etcdCA)
      try change(&draft.body)
      let content = try PEMBlock(label: "CERTIFICATE", der: SecretBytes(draft.signed())).pem()
      return [scene.file(.certificate, "pki/etcd/ca.crt", content, draft.body)]
    }
  }

  /// A defect of the chain in etcd's serving certificate.
  static func chain(
    _ name: String, _ summary: String,
    _ make:
      @escaping @Sendable (DefectScene) throws(OpenSSLError) -> (TBSCertificate, [SecretBytes])
  ) -> Defect {
    Defect(
      name: name, summary: summary, path: "pki/etcd/server.crt",
      question: DefectQuestion(certificate: .etcdServer, ca: .etcdCA)
    ) { (scene) throws(OpenSSLError) in
      let (body, parts) = try make(scene)
      return [
        scene.file(.certificate, "pki/etcd/server.crt", SecretBytes(parts.flatMap(\.copy)), body)
      ]
    }
  }
}
