import FoundationEssentials
import KubernetesPKI
import StructuredText

/// Prints what an audit found.
struct AuditOutput {
  let findings: [Finding]
  let location: TreeLocation
  /// The least severity that makes the tree a bad one.
  let failing: Finding.Severity

  /// Whether the tree is a bad one.
  var isFailure: Bool { findings.contains { $0.severity >= failing } }

  /// The document of `-o json`.
  struct Document: Encodable {
    let certificateDirectory: String
    let kubeconfigDirectory: String
    let errors: Int
    let warnings: Int
    let infos: Int
    let findings: [FindingDocument]
  }

  /// Prints the findings; when asked to be quiet, errors and warnings only.
  func print(_ options: OutputOptions) throws {
    switch options.output {
    case .json: try Terminal.output(try JSONOutput.text(document))
    case .text: try Terminal.output(text(isQuiet: options.quiet))
    }
  }

  /// The findings as a document.
  var document: Document {
    Document(
      certificateDirectory: location.certificateDirectory,
      kubeconfigDirectory: location.kubeconfigDirectory,
      errors: count(.error), warnings: count(.warning), infos: count(.info),
      findings: findings.map(FindingDocument.init))
  }

  /// The findings and how many there are; when quiet, errors and warnings only.
  func text(isQuiet: Bool) -> String {
    let shown = isQuiet ? findings.filter { $0.severity > .info } : findings
    return shown.map { text($0) + "\n" }.joined() + (isQuiet ? "" : "\(counts).\n")
  }

  /// How many findings have a severity.
  func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }

  private var counts: String {
    [(count(.error), "error"), (count(.warning), "warning"), (count(.info), "info")]
      .map { "\($0) \($1)\($0 == 1 || $1 == "info" ? "" : "s")" }.joined(separator: ", ")
  }

  /// A finding in a few lines: what and where, the sentence, and unless it is for information only, what it breaks and what
  /// to do.
  private func text(_ finding: Finding) -> String {
    let head = [finding.code.rawValue] + finding.files
    var lines = [head.joined(separator: "  "), "  \(finding.message)"]
    if finding.severity > .info {
      if let explanation = finding.code.explanation { lines.append("  breaks: \(explanation.breaks)") }
      lines.append("  fix: \(RemedyText(remedy: finding.remedy).text)")
    } else if finding.code == .outsideTree {
      lines.append("  \(RemedyText(remedy: finding.remedy).text)")
    }
    return label(finding.severity) + "  " + lines.map { $0.printable + "\n" }.joined()
  }

  private func label(_ severity: Finding.Severity) -> String {
    guard Terminal.outputUsesColour else { return severity.rawValue }
    let colour =
      switch severity {
      case .error: TextTable.red
      case .warning: TextTable.yellow
      case .info: 36
      }
    return "\u{1b}[1;\(colour)m\(severity.rawValue)\u{1b}[0m"
  }
}
