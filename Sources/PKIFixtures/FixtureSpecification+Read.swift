internal import FileStore
internal import FoundationEssentials
public import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

extension FixtureSpecification {
  /// Reads the specification in the file at `path`.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong, each with its line.
  public init(reading path: String) throws(PKIErrors) {
    let text: SecretBytes
    do throws(PKIError) {
      text = try files(FileSystem.read(path))
    } catch {
      throw PKIErrors([error])
    }
    try self.init(String(decoding: text.copy, as: UTF8.self), path: path)
  }

  /// Reads the specification in `text`; `path` is what errors call it.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong, each with its line.
  public init(_ text: String, path: String) throws(PKIErrors) {
    self.text = text
    let documents: [ConfigurationValue]
    do throws(ConfigurationProblem) {
      documents = try ConfigurationDocuments.read(SecretBytes(text.utf8))
    } catch {
      throw PKIErrors([.invalidConfiguration(path: path, line: error.line, problem: error.text, hint: nil)])
    }
    guard documents.count == 1, let document = documents.first else {
      throw PKIErrors([
        .invalidConfiguration(
          path: path, line: documents.dropFirst().first?.line ?? 1,
          problem: "a specification is one YAML document, and this is \(documents.count)", hint: nil)
      ])
    }
    let reader = SpecificationReader(path: path)
    take(reader.fields(document, "", Self.fieldNames), reader)
    if !reader.errors.isEmpty { throw PKIErrors(reader.errors) }
  }

  private static let fieldNames = [
    "seed", "time", "clusters", "authorities", "leaves", "requests", "users", "defects",
  ]

  private mutating func take(_ fields: SpecificationReader.Fields, _ reader: SpecificationReader) {
    seed = fields.text("seed")?.text
    time = fields.text("time").flatMap { reader.instant($0) }
    clusters = reader.entries(fields, "clusters", SpecificationReader.clusterFields).compactMap(
      reader.cluster)
    for entry in reader.entries(fields, "authorities", SpecificationReader.caFields) {
      guard let identity = reader.identity(entry, lifetime: .days(3650)) else { continue }
      cas.append(
        CA(
          identity: identity, pathLength: reader.pathLength(entry),
          signer: reader.ca(entry.fields.text("signed-by"), in: self)))
    }
    for entry in reader.entries(fields, "leaves", SpecificationReader.leafFields) {
      guard let identity = reader.identity(entry),
        let name = reader.required("authority", entry),
        let ca = reader.ca(name, in: self)
      else { continue }
      leaves.append(Leaf(identity: identity, ca: ca))
    }
    requests = reader.entries(fields, "requests", SpecificationReader.requestFields).compactMap {
      reader.identity($0)
    }
    for entry in reader.entries(fields, "users", SpecificationReader.userFields) {
      guard let identity = reader.identity(entry, purposes: [.clientAuth]),
        let cluster = reader.cluster(entry.fields.text("cluster"), of: entry, in: self)
      else { continue }
      users.append(User(identity: identity, cluster: cluster))
    }
    faults = reader.faults(fields, in: self)
  }
}
