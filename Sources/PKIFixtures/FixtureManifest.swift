internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// `manifest.json`: what a set of fixtures consists of, for test suites that go through it.
public struct FixtureManifest: Codable, Sendable, Equatable {
  /// One file.
  public struct File: Codable, Sendable, Equatable {
    /// Where it is, from the manifest's directory.
    public let path: String
    /// What kind of file it is.
    public let kind: FixtureFile.Kind
    /// What it is there for; of a defect's files, what is wrong.
    public let purpose: String
    /// Its mode, in octal.
    public let mode: String
    /// The SHA-256 of its bytes in hexadecimal.
    public let sha256: String
    /// The subject of the first certificate in it, or of the request.
    public let subject: String?
    /// The end of the first certificate in it, RFC 3339.
    public let notAfter: String?
    /// The name of what is wrong with it.
    public let defect: String?
    /// The question that verifiers can answer.
    public let question: Question?
    /// What verifiers answer.
    public let verdicts: Verdicts?
  }

  /// A defect, and where its files belong.
  public struct Fault: Codable, Sendable, Equatable {
    /// Its name.
    public let name: String
    /// What is wrong.
    public let summary: String
    /// The faulty file.
    public let path: String
    /// The directory of the cluster whose files it replaces.
    public let cluster: String
    /// The directory of the files, to be laid over a copy of the cluster's.
    public let directory: String
    /// What verifiers say.
    public let verdicts: Verdicts
  }

  /// The version of the format.
  public var version = 1
  /// The seed that everything was made of; none where the keys are fresh.
  public let seed: String?
  /// The instant from which lifetimes count, RFC 3339.
  public let time: String
  /// The defects.
  public let defects: [Fault]
  /// The files, sorted by path; the manifest itself is not among them.
  public let files: [File]

  /// Its name in the directory of the set.
  static let fileName = "manifest.json"

  init(_ files: [FixtureFile], faults: [Fault], seed: String?, at instant: Date) throws(OpenSSLError) {
    self.seed = seed
    time = instant.rfc3339
    defects = faults
    self.files = try files.sorted { $0.path < $1.path }.map { (file) throws(OpenSSLError) in
      File(
        path: file.path, kind: file.kind, purpose: file.purpose,
        mode: "0" + String(file.kind.mode, radix: 8),
        sha256: try Digest.sha256(file.content.copy).hexadecimal,
        subject: file.subject, notAfter: file.notAfter?.rfc3339, defect: file.defect,
        question: file.question, verdicts: file.verdicts)
    }
  }

  func encoded() -> SecretBytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Texts and numbers alone always have a form in JSON.
    return SecretBytes(((try? encoder.encode(self)) ?? Data()) + Data("\n".utf8))
  }

  /// The manifest in `text`, or `nil` when it is none.
  init?(_ text: SecretBytes) {
    guard let manifest = try? JSONDecoder().decode(FixtureManifest.self, from: Data(text.copy)),
      manifest.version == 1
    else { return nil }
    self = manifest
  }
}
