import ArgumentParser
import KubernetesPKI
import StructuredText

/// `pkigen rotate status`.
struct RotateStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which CA and key signs, what is trusted, and what is next.",
    discussion: """
      Reads files only. The status is 1 when files match no stage, when a certificate or kubeconfig lags behind, or when there is no CA.

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
    let trees = [TreeContents(reading: tree.location, catalog: .allFiles)] + (try peers.trees())
    let statuses = try trees.map { try RotationStatus(of: $0, catalog: .allFiles) }
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(Document(trees: statuses)))
    case .text where !output.quiet:
      try Terminal.output(statuses.map(text).joined(separator: "\n"))
    case .text: break
    }
    let isBehind =
      statuses.flatMap(\.rotations).contains { !$0.laggards.isEmpty || $0.problem != nil }
      || statuses.contains(where: \.rotations.isEmpty)
    if isBehind { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  private func text(_ status: RotationStatus) -> String {
    guard !status.rotations.isEmpty else { return "\(status.certificateDirectory): there is no CA\n" }
    var lines = ["\(status.certificateDirectory):"]
    for entry in status.rotations {
      lines.append("  \(entry.name.padded(to: 16))\(entry.stage.name)\(next(entry))")
      for trusted in entry.trusted {
        let end = trusted.notAfter.map { ", until \($0.prefix(10))" } ?? ""
        lines.append("    \(trusted.role.padded(to: 10))\(trusted.name)\(end)")
      }
      if let problem = entry.problem { lines.append("    problem   \(problem)") }
      for path in entry.laggards { lines.append("    behind    \(path)") }
    }
    return lines.map { $0.printable + "\n" }.joined()
  }

  private func next(_ entry: RotationStatus.Entry) -> String {
    switch entry.stage {
    case .prepared: ", next: pkigen rotate switch \(entry.name)\(tree.location.commandOptions)"
    case .switched: ", next: pkigen rotate retire \(entry.name)\(tree.location.commandOptions)"
    case .absent, .idle, .keyless, .irregular: ""
    }
  }
}

/// `pkigen rotate manifests`.
struct RotateManifests: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifests",
    abstract: "Print what has to be changed in the cluster, for kubectl.",
    discussion: """
      For ca: a patch of the ConfigMap cluster-info, from which joining nodes learn the CA. For the others there \
      is nothing to change.

      EXAMPLES
        pkigen rotate manifests ca > patch.yaml
        kubectl -n kube-public patch configmap cluster-info \\
          --patch-file patch.yaml
      """)

  @Argument(help: ArgumentHelp("ca, etcd-ca, front-proxy-ca, sa, or all.", valueName: "name"))
  var names: [String]

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("yaml or json.", valueName: "format"))
  var output = ObjectFormat.yaml

  func run() throws {
    let selection = try Selection(arguments: names, .trustAnchors, in: .allFiles)
    guard selection.entries.contains(.ca) else {
      return try Terminal.output("# Nothing has to be changed in the cluster.\n")
    }
    let contents = TreeContents(reading: tree.location, catalog: .allFiles)
    try Terminal.output(output.text([try ClusterInfoPatch(of: contents).object]))
  }
}
