internal import FileStore
internal import OpenSSLX509

/// What a run does, or would do, file by file: for people and for programs.
package struct Report: Sendable {
  /// One file of the tree.
  package struct File: Sendable, Encodable {
    /// What happens to a file.
    package enum Action: String, Sendable, Encodable {
      /// It is made.
      case create
      /// It was there and stays.
      case keep
      /// It takes the place of what was there.
      case replace
      /// It goes away.
      case remove
      /// It waits for a certificate from an external CA.
      case wait
    }

    /// What happens to it.
    package let action: Action
    /// Where it is.
    package let path: String
    /// What it is: `certificate`, `private-key`, `public-key`, `kubeconfig`.
    package let kind: String
    /// What the certificate in it says, where there is one.
    package let certificate: CertificateSummary?
    /// What the other certificates of a CA's file say.
    package var otherCertificates: [CertificateSummary]?
    /// The name of a kubeconfig's user entry.
    package let user: String?
    /// The API server's URL in a kubeconfig.
    package let server: String?
    /// The end of the certificate that is replaced, RFC 3339.
    package let previousNotAfter: String?
    /// The names that the certificate did not have before.
    package let addedNames: [String]?
    /// The names that the certificate no longer has.
    package let droppedNames: [String]?
    /// What a request asks for.
    package var request: Request?
  }

  /// What a request asks for.
  package struct Request: Sendable, Encodable {
    /// The subject's name.
    package let subject: String
    /// The subject alternative names.
    package let names: [String]
  }

  /// The files, in the order of the plan.
  package let files: [File]
  /// What the user should know although it stopped nothing.
  package var warnings: [String]
  /// What else the user may want to know.
  package var notes: [String] = []
  /// What could not be done, and why.
  package let refusals: [Finding]
  /// What was left alone, as it is not part of the tree.
  package let outside: [Finding]

  /// The report of a plan; where its files were made already, they are described as they are.
  ///
  /// - Parameter notes: what the user should know of how the writing went.
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a certificate cannot be described.
  package init(_ plan: Plan, issued: [PKIFile] = [], notes: [String] = []) throws(PKIError) {
    let made = Dictionary(issued.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    var files: [File] = []
    for step in plan.steps {
      do throws(OpenSSLError) {
        files += try Describer(plan: plan, made: made).files(step)
      } catch {
        throw .cryptography(subject: step.name, reason: error.description)
      }
    }
    self.files = files
    warnings = plan.warnings + notes
    refusals = plan.refusals
    outside = plan.tree.outsideFindings
  }

  /// The report of a backup that was put back.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a certificate cannot be described.
  package init(_ backup: RestorePlan, notes: [String]) throws(PKIError) {
    do throws(OpenSSLError) {
      files = try backup.files.map { (file) throws(OpenSSLError) in
        File(
          action: file.isRemoved ? .remove : file.replaces ? .replace : .create, path: file.path,
          kind: file.kind.rawValue,
          certificate: try file.certificate.map { (certificate) throws(OpenSSLError) in
            try CertificateSummary(certificate)
          }, user: nil, server: nil, previousNotAfter: nil,
          addedNames: backup.changes[file.path]?.added.map(\.description),
          droppedNames: backup.changes[file.path]?.dropped.map(\.description))
      }
    } catch {
      throw .cryptography(subject: "the backup", reason: error.description)
    }
    warnings = backup.warnings + notes
    refusals = backup.refusals
    outside = backup.outside
  }
}
