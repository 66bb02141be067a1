import KubernetesPKI
import PKIFixtures

/// Prints what `pkigen fixtures` made, found or knows.
struct FixturesOutput {
  let options: OutputOptions

  /// The document of a run that makes fixtures.
  private struct Made: Encodable {
    let dryRun: Bool
    let directory: String
    let seeded: Bool
    let files: [FixtureDirectory.Change]
  }

  /// The document of a check.
  private struct Checked: Encodable {
    let directory: String
    let findings: [FindingDocument]
  }

  /// A row of the catalog of defects.
  private struct Row: Encodable {
    let name: String
    let summary: String
    let path: String
    let verdicts: Verdicts
  }

  func print(
    _ changes: [FixtureDirectory.Change], of set: FixtureSet, in directory: String, isDryRun: Bool
  ) throws {
    if set.isSeeded {
      Terminal.warn(
        "the keys are derived from a seed: anyone who knows the seed has the keys; use them in tests only")
    }
    switch options.output {
    case .json:
      try Terminal.output(
        JSONOutput.text(
          Made(dryRun: isDryRun, directory: directory, seeded: set.isSeeded, files: changes)))
    case .text:
      if !options.quiet {
        try Terminal.output(lines: summary(changes, of: set, in: directory, isDryRun: isDryRun))
      }
    }
  }

  private func summary(
    _ changes: [FixtureDirectory.Change], of set: FixtureSet, in directory: String, isDryRun: Bool
  ) -> [String] {
    let words: [(FixtureDirectory.Action, String)] = [
      (.create, "created"), (.replace, "replaced"), (.remove, "removed"), (.keep, "kept"),
    ]
    let counts = words.map { action, word in (changes.count { $0.action == action }, word) }
    let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return isDryRun
      ? changes.map { "\($0.action.rawValue.padded(to: 7))  \(directory)/\($0.path)" } + [
        "", "Dry run, nothing was written; files: \(parts).",
      ]
      : ["Files in \(directory): \(parts). \(directory)/manifest.json describes each of them."]
  }

  func print(_ findings: [Finding], of directory: String) throws {
    switch options.output {
    case .json:
      try Terminal.output(
        JSONOutput.text(Checked(directory: directory, findings: findings.map(FindingDocument.init))))
    case .text:
      let lines = findings.map { "\($0.code.rawValue): \($0.message)" }
      let end = findings.isEmpty ? "\(directory) matches its specification." : ""
      let hints = Set(findings.map { RemedyText(remedy: $0.remedy).text }).sorted().map { "hint: \($0)" }
      if !options.quiet || !findings.isEmpty {
        try Terminal.output(lines: (lines + hints + [end]).filter { !$0.isEmpty })
      }
    }
  }

  func printDefects() throws {
    switch options.output {
    case .json:
      let rows = Defect.all.map {
        Row(name: $0.name, summary: $0.summary, path: $0.path, verdicts: $0.verdicts)
      }
      try Terminal.output(JSONOutput.text(rows))
    case .text: try Terminal.output(Defect.all.map(text).joined(separator: "\n"))
    }
  }

  private func text(_ defect: Defect) -> String {
    let verdicts = defect.verdicts
    let verifiers = [
      ("openssl", verdicts.openssl), ("go", verdicts.go), ("gnutls", verdicts.gnutls),
      ("python", verdicts.python), ("pkigen", verdicts.verify),
    ]
    let lines = verifiers.compactMap { name, verdict in
      verdict.map { "  \(name.padded(to: 9))\($0.accepted ? "accepts it" : $0.reason ?? "refuses it")" }
    }
    return (["\(defect.name)  (\(defect.path))", "  \(defect.summary)"] + lines).map { $0 + "\n" }.joined()
  }
}
