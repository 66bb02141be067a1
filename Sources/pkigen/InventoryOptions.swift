import ArgumentParser
import FileStore
import Fleet
import FoundationEssentials
import KubeadmConfig
import KubernetesPKI
import StructuredText

/// The nodes of many clusters instead of one.
struct InventoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Make the trees of all nodes in this file; needs --out.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var inventory: String?

  @Option(
    help: ArgumentHelp("Directory of the trees: CLUSTER/NODE below it.", valueName: "dir"),
    completion: .directory)
  var out: String?

  @Option(
    help: ArgumentHelp("Only clusters of this name, such as 'pr*'.", valueName: "pattern"))
  var cluster: String?

  @Option(help: ArgumentHelp("Only nodes of this name, such as 'w0*'.", valueName: "pattern"))
  var node: String?

  func validate() throws {
    guard inventory != nil else {
      if let option = given([("--out", out), ("--cluster", cluster), ("--node", node)]).first {
        throw ValidationError("\(option) needs --inventory.")
      }
      return
    }
    guard let out, !out.isEmpty else {
      throw ValidationError("--inventory needs --out, the directory of the trees.")
    }
  }

  /// The options that say something of one node, or nothing of the trees of an inventory.
  struct NodeFields: SingleTreeOptions {
    let settings: ClusterSettings

    var givenOptions: [String] {
      settings.fields.filter { !Inventory.clusterFields.contains($0) }.map(\.option)
    }
  }

  /// Refuses, beside --inventory, options that describe one node.
  func refuse(_ groups: [any SingleTreeOptions]) throws {
    let others = groups.flatMap(\.givenOptions)
    guard inventory != nil, !others.isEmpty else { return }
    throw ValidationError(
      "--inventory describes the nodes: write what \(others.joined(separator: ", "))"
        + " \(others.count == 1 ? "says" : "say") there.")
  }
}

extension RootOptions: SingleTreeOptions {
  var givenOptions: [String] {
    given([("--root-ca-cert", certificate), ("--root-ca-key", key), ("--new-root", newRoot)])
  }
}

/// The walk of `init --inventory`.
struct InventoryMaking {
  let options: InventoryOptions
  /// What other options say of every cluster.
  let settings: ClusterSettings
  let config: ConfigOptions
  let making: MakingOptions
  let output: OutputOptions

  /// Checks the inventory, makes the trees, says what was done, and ends with the worst status.
  func run() throws {
    let configuration = try config.config.map { path throws(PKIErrors) in
      var configuration = try KubeadmConfiguration(reading: path)
      configuration.forgetNode()
      return configuration
    }
    let inventory = try Inventory(reading: options.inventory ?? "")
      .adding(settings, completedFrom: configuration?.settings ?? ClusterSettings())
    let warnings = settings.styleWarnings + (configuration?.warnings ?? []) + inventory.warnings
    for warning in warnings { Terminal.warn(warning) }
    if let problems = configuration?.settings.problems, !problems.isEmpty { throw PKIErrors(problems) }
    let chosen = inventory.choosing(cluster: options.cluster, node: options.node)
    try check(chosen)
    let run = try InventoryRun(
      inventory, choosing: chosen, in: options.out ?? "", jobs: making.jobCount, at: Date.now)
    let trees = making.dryRun ? run.planned : make(run)
    for tree in trees {
      for error in tree.errors { Terminal.report(error, of: tree.tree.name) }
    }
    switch output.output {
    case .json: try Terminal.output(try JSONOutput.text(document(trees, run, warnings)))
    case .text where !output.quiet: try Terminal.output(text(trees, run))
    case .text: break
    }
    if let worst = trees.flatMap(\.errors).map({ ExitStatus($0).rawValue }).max() { throw ExitCode(worst) }
  }

  private func check(_ chosen: Inventory) throws(PKIError) {
    guard chosen.clusters.isEmpty else { return }
    let (option, pattern) =
      options.node.map { ("--node", $0) } ?? options.cluster.map { ("--cluster", $0) } ?? ("--inventory", "")
    throw .invalidSetting(
      .option(option), value: pattern, problem: "not a name in the inventory", hint: nil)
  }

  private func make(_ run: InventoryRun) -> [InventoryRun.MadeTree] {
    let progress = Terminal.Progress("trees", total: run.unfinishedCount, isQuiet: output.quiet)
    let trees = run.make { progress.update($0) }
    progress.finish()
    return trees
  }

  private func text(_ trees: [InventoryRun.MadeTree], _ run: InventoryRun) -> String {
    let rows = trees.map { tree in
      TextTable.Row(
        cells: tree.tree.cells + [tree.roleNames.joined(separator: ","), tree.outcome, "\(tree.kept)"],
        colour: tree.isWhole ? nil : TextTable.red)
    }
    let table = TextTable(header: ["CLUSTER", "NODE", "ROLES", "CREATED", "KEPT"], rows: rows)
    let changed = trees.count { !$0.created.isEmpty }
    let counts =
      "\n\(trees.count.counted("tree")) in \(Set(trees.map(\.tree.cluster)).count.counted("cluster")),"
      + " \(changed) \(making.dryRun ? "would be changed" : "changed"), \(trees.count { !$0.isWhole }) failed.\n"
    let notes = run.left.map { "note: \($0.name.printable) is not in the inventory, and is left as it is\n" }
    let steps = changed > 0 && !making.dryRun ? nextSteps.map { "next: \($0.printable)\n" } : []
    return table.text(inColour: Terminal.outputUsesColour) + counts + (notes + steps).joined()
  }

  private var nextSteps: [String] {
    let directory = options.out ?? ""
    return [
      "keep a copy of \(directory.shellQuoted) where only you can read it: it has the keys of all CAs",
      "copy each tree to its node: rsync -a --chown=root:root \(Path.join(directory, "CLUSTER/NODE/").shellQuoted) root@NODE:/",
    ]
  }

  private func document(
    _ trees: [InventoryRun.MadeTree], _ run: InventoryRun, _ warnings: [String]
  ) -> Document {
    Document(
      dryRun: making.dryRun, warnings: warnings, trees: trees.map(TreeDocument.init),
      left: run.left.map(TreeIdentity.init))
  }

  /// The document of `-o json`.
  private struct Document: Encodable {
    let apiVersion = "pkigen/v1"
    let kind = "InventoryResult"
    let dryRun: Bool
    let warnings: [String]
    let trees: [TreeDocument]
    let left: [TreeIdentity]
  }

  /// One tree of the document.
  private struct TreeDocument: Encodable {
    private enum CodingKeys: String, CodingKey { case roles, created, kept, skipped, errors }

    let tree: InventoryRun.MadeTree

    init(_ tree: InventoryRun.MadeTree) { self.tree = tree }

    func encode(to encoder: any Encoder) throws {
      try TreeIdentity(tree.tree).encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(tree.roleNames, forKey: .roles)
      try container.encode(tree.created, forKey: .created)
      try container.encode(tree.kept, forKey: .kept)
      try container.encode(tree.isSkipped, forKey: .skipped)
      try container.encode(tree.errors.map(\.message), forKey: .errors)
    }
  }
}

extension InventoryRun.MadeTree {
  /// Whether the tree has everything.
  fileprivate var isWhole: Bool { errors.isEmpty && !isSkipped }

  fileprivate var roleNames: [String] { NodeRole.allCases.filter(roles.contains).map(\.rawValue) }

  /// How many files were made, or why none.
  fileprivate var outcome: String { isSkipped ? "skipped" : errors.isEmpty ? "\(created.count)" : "failed" }
}
