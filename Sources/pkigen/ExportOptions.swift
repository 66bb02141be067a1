import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKIExport
import StructuredText

/// What every export takes: the tree, and where the result goes.
struct ExportOptions: ParsableArguments {
  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Cluster") var config: ConfigOptions

  @Option(
    help: ArgumentHelp("New file, only the caller can read it; - for standard output.", valueName: "file"),
    completion: .file())
  var out: String

  @Flag(help: "Export although verify finds errors.")
  var force = false

  func validate() throws {
    if out.isEmpty { throw ValidationError("--out needs a path, or -.") }
  }

  /// The tree as it is on disk, which has passed `verify`.
  ///
  /// - Throws: what `verify` finds, unless the user forces the export; in any case that an interrupted run has left the tree
  ///   unfinished.
  func source() throws -> ExportSource {
    let requested = try RequestedCluster([], config: config, in: tree)
    let audit = try requested.audit()
    let location = requested.location
    let contents = TreeContents(
      reading: location, catalog: .allFiles, externalEtcd: audit.cluster.externalEtcd?.placed(at: location),
      isPlain: true)
    if let run = contents.unfinishedRun { throw PKIErrors([.unsound(run.finding)]) }
    let errors = try audit.findings(of: location, at: Date.now).filter { $0.severity == .error }
    if !errors.isEmpty, !force { throw PKIErrors(errors.map { .unsound($0) }) }
    for finding in errors { Terminal.warn("exported although \(finding.message)") }
    return ExportSource(contents)
  }

  /// Writes the result, and other new files with it: all of them or none.
  func write(_ content: SecretBytes, besides others: [FileChange] = []) throws {
    guard out == "-" else {
      return try NewFiles.write(others + [Self.secretFile(out, content)])
    }
    try NewFiles.write(others)
    try Terminal.output(content)
  }

  /// A new file that only the caller can read.
  static func secretFile(_ path: String, _ content: SecretBytes) -> FileChange {
    FileChange(
      path: path, label: PKIFile.Kind.token.rawValue, content: content, mode: PKIFile.Kind.token.mode)
  }
}

/// The form of exported objects.
struct ObjectFormatOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the objects.", valueName: "format"))
  var output = ObjectFormat.yaml

  /// The objects as a text.
  func text(_ objects: [JSONValue]) throws -> SecretBytes { SecretBytes(try output.text(objects).utf8) }
}

extension CatalogEntry {
  /// The one entry that the NAME argument of an export stands for.
  ///
  /// - Throws: ``PKIErrors`` for a name that is none of the scope.
  static func exported(_ name: String, _ scope: Selection.Scope) throws -> CatalogEntry {
    let entries = Catalog.allFiles.entries.filter { $0.isCA == (scope == .trustAnchors) }
    guard let entry = entries.first(where: { $0.name == name || $0.id.rawValue == name }) else {
      throw PKIErrors([
        .invalidSetting(
          .option("NAME"), value: name, problem: "not one of \(entries.map(\.name).joined(separator: ", "))",
          hint: nil)
      ])
    }
    return entry
  }
}
