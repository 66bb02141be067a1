import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// Prints what a run did.
struct ReportOutput {
  let isDryRun: Bool
  let options: OutputOptions
  /// What was asked for; nothing where a backup is put back.
  var cluster: RequestedCluster?

  private func notes(_ report: Report) -> [String] {
    (cluster?.notes ?? []) + report.notes + report.outside.map(\.note)
  }

  /// The document of `-o json`.
  struct Document: Encodable {
    let dryRun: Bool
    let files: [Report.File]
    let warnings: [String]
    let notes: [String]
    let refusals: [FindingDocument]
    let backup: String?
    let nextSteps: [String]
  }

  /// Prints the report, and what the user must do next.
  func print(_ report: Report, backup: String? = nil, nextSteps: [String]) throws {
    for warning in report.warnings { Terminal.warn(warning) }
    for refusal in report.refusals { Terminal.report(.unsound(refusal)) }
    switch options.output {
    case .json: try Terminal.output(try JSONOutput.text(document(report, backup, nextSteps)))
    case .text:
      if !options.quiet { try Terminal.output(lines: lines(report, backup, nextSteps)) }
    }
  }

  /// The report as a document.
  func document(_ report: Report, _ backup: String?, _ nextSteps: [String]) -> Document {
    Document(
      dryRun: isDryRun, files: report.files, warnings: (cluster?.warnings ?? []) + report.warnings,
      notes: notes(report), refusals: report.refusals.map(FindingDocument.init),
      backup: backup, nextSteps: nextSteps)
  }

  /// The report in lines.
  func lines(_ report: Report, _ backup: String?, _ nextSteps: [String]) -> [String] {
    let actionWidth = report.files.map(\.action.rawValue.count).max() ?? 0
    let pathWidth = report.files.map(\.path.count).max() ?? 0
    var lines: [String] = []
    for file in report.files {
      let details = details(file)
      let path = details.isEmpty ? file.path : file.path.padded(to: pathWidth) + "  " + details
      lines.append("\(file.action.rawValue.padded(to: actionWidth))  \(path)")
      for name in file.addedNames ?? [] { lines.append("\("".padded(to: actionWidth))    + \(name)") }
      for name in file.droppedNames ?? [] { lines.append("\("".padded(to: actionWidth))    - \(name)") }
    }
    if !report.files.isEmpty { lines.append("") }
    lines.append(summary(report))
    if let backup { lines.append("A backup of the replaced files is in \(backup)") }
    for note in notes(report) { lines.append("note: \(note)") }
    for step in nextSteps { lines.append("next: \(step)") }
    return lines
  }

  /// How many files met with what.
  private func summary(_ report: Report) -> String {
    if report.files.isEmpty { return "Nothing \(isDryRun ? "would be" : "was") changed." }
    func count(_ action: Report.File.Action) -> Int { report.files.count { $0.action == action } }
    let counts = [
      (count(.create), "created"), (count(.replace), "replaced"), (count(.remove), "removed"),
      (count(.keep), "kept"),
      (count(.wait), "waiting"),
    ]
    let parts = counts.filter { $0.0 > 0 || $0.1 == "kept" }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return isDryRun ? "Dry run, nothing was written; files: \(parts)." : "Files: \(parts)."
  }

  private func details(_ file: Report.File) -> String {
    if let request = file.request { return ([request.subject] + request.names).joined(separator: ", ") }
    guard let certificate = file.certificate else { return "" }
    var parts = [certificate.subject, "until \(certificate.notAfter.prefix(10))"]
    if let previous = file.previousNotAfter { parts[1] += " (was \(previous.prefix(10)))" }
    if let server = file.server { parts.append(server) }
    let others = (file.otherCertificates ?? []).map { "; \($0.subject), until \($0.notAfter.prefix(10))" }
    return parts.joined(separator: ", ") + others.joined()
  }
}

extension String {
  /// The text with spaces after it, up to a number of characters.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// JSON as pkigen prints it: keys sorted, so that the same result is the same text.
enum JSONOutput {
  /// The document, indented, with a newline at its end.
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
