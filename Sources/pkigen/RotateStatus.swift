import ArgumentParser
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// `pkigen rotate status`.
struct RotateStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which CA and key signs, what is trusted, and what is next.",
    discussion: """
      Reads files only. With --peer, it compares the stages of several nodes, workers too, and says which of them \
      is behind, and what has to be copied there first.

      The status is 1 when files match no stage, when a certificate, kubeconfig or node is behind, or when there is no CA.

      EXAMPLES
        pkigen rotate status
        pkigen rotate status -d cp1 --peer cp2 --peer cp3 -o json
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup var peers: PeerOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  /// The document of `-o json`.
  private struct Document: Encodable {
    let trees: [RotationStatus]
  }

  func run() throws {
    let location = tree.location
    let trees =
      [TreeContents(reading: location, catalog: .allFiles)] + (try location.peers(peers.locations))
    let statuses = try RotationStatus.all(of: trees, catalog: .allFiles, at: Date.now)
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(Document(trees: statuses)))
    case .text where !output.quiet:
      try Terminal.output(RotationTable(statuses: statuses, locations: trees.map(\.location)).text)
    case .text: break
    }
    let isBehind =
      statuses.flatMap(\.rotations).contains {
        !$0.laggards.isEmpty || $0.problem != nil || $0.behind != nil
      } || statuses.contains(where: \.rotations.isEmpty)
    if isBehind { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}

/// The text of `pkigen rotate status`.
private struct RotationTable {
  let statuses: [RotationStatus]
  let locations: [TreeLocation]

  var text: String {
    zip(statuses, locations).map { status, location in
      guard !status.rotations.isEmpty else { return "\(status.certificateDirectory): there is no CA\n" }
      let lines = ["\(status.certificateDirectory):"] + status.rotations.flatMap { self.lines($0, location) }
      return lines.map { $0.printable + "\n" }.joined()
    }.joined(separator: "\n")
  }

  private func lines(_ entry: RotationStatus.Entry, _ location: TreeLocation) -> [String] {
    var lines = ["  \(entry.name.padded(to: 16))\(entry.stage.name)\(next(entry, location))"]
    for trusted in entry.trusted {
      let end = trusted.notAfter.map { ", until \($0.prefix(10))" } ?? ""
      lines.append("    \(trusted.role.padded(to: 10))\(trusted.name)\(end)")
    }
    if let finding = entry.finding {
      lines += [
        "    problem   \(finding.message)", "    fix       \(RemedyText(remedy: finding.remedy).text)",
      ]
    }
    if let lead = entry.behind, !lead.copy.isEmpty,
      let leader = locations.first(where: { $0.certificateDirectory == lead.certificateDirectory })
    {
      lines.append("    copy      \(leader.tar(lead.copy, to: "NODE"))")
    }
    for path in entry.laggards { lines.append("    behind    \(path)") }
    for path in entry.unseen {
      lines.append("    unseen    the certificate of \(path): it is outside of the tree")
    }
    return lines
  }

  private func next(_ entry: RotationStatus.Entry, _ location: TreeLocation) -> String {
    func command(_ verb: String) -> String {
      "pkigen rotate \(verb) \(entry.name)\(location.commandOptions)"
    }
    if let lead = entry.behind, !lead.copy.isEmpty {
      let relation = lead.next == RotationVerb.back.rawValue ? "ahead of" : "behind"
      return ", \(relation) \(lead.certificateDirectory), next: copy its files, then \(command(lead.next))"
    }
    if let repair = entry.repair { return ", next: \(command(repair))" }
    if let lead = entry.behind {
      let relation = lead.next == RotationVerb.back.rawValue ? "has another successor than" : "behind"
      return ", \(relation) \(lead.certificateDirectory), next: \(command(lead.next))"
    }
    // Without the key of the successor there is nothing to switch to.
    if entry.stage == .prepared, entry.finding != nil { return "" }
    guard let verb = [RotationStage.prepared: "switch", .switched: "retire"][entry.stage] else { return "" }
    let isWaiting = statuses.flatMap(\.rotations).contains { $0.name == entry.name && $0.behind != nil }
    return isWaiting
      ? ", next: wait for the nodes that are behind"
      : ", next: \(command(verb))"
  }
}
