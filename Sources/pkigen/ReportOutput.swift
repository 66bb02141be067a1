import FoundationEssentials
import KubernetesPKI

/// Prints what a run did.
struct ReportOutput {
  let isDryRun: Bool
  let options: OutputOptions
  let cluster: RequestedCluster

  /// The document of `-o json`.
  private struct Document: Encodable {
    let dryRun: Bool
    let files: [Report.File]
    let warnings: [String]
    let notes: [String]
    let nextSteps: [String]
  }

  /// Prints the report, and what the user must do next.
  func print(_ report: Report, nextSteps: [String]) throws {
    if !options.quiet { for warning in report.warnings { Terminal.warn(warning) } }
    switch options.output {
    case .json:
      try Terminal.output(
        try JSONOutput.text(
          Document(
            dryRun: isDryRun, files: report.files, warnings: cluster.warnings + report.warnings,
            notes: cluster.notes, nextSteps: nextSteps)))
    case .text:
      if !options.quiet { try Terminal.output(text(report, nextSteps)) }
    }
  }

  private func text(_ report: Report, _ nextSteps: [String]) -> String {
    let width = report.files.map(\.path.count).max() ?? 0
    var lines = report.files.map { file in
      let padding = String(repeating: " ", count: width - file.path.count)
      let details = details(file)
      return "\(file.action == .create ? "create" : "keep  ")  \(file.path)"
        + (details.isEmpty ? "" : "\(padding)  \(details)")
    }
    let created = report.files.count { $0.action == .create }
    let kept = report.files.count - created
    lines.append("")
    if isDryRun {
      lines.append("Dry run: \(created) files would be created, \(kept) kept; nothing was written.")
    } else {
      lines.append("\(created) files created, \(kept) kept.")
    }
    for note in cluster.notes { lines.append("note: \(note)") }
    for step in nextSteps { lines.append("next: \(step)") }
    return lines.map { $0 + "\n" }.joined()
  }

  private func details(_ file: Report.File) -> String {
    guard let certificate = file.certificate else { return "" }
    let end = "until \(certificate.notAfter.prefix(10))"
    guard let server = file.server else { return "\(certificate.subject), \(end)" }
    return "\(certificate.subject), \(end), \(server)"
  }
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
