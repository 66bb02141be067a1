import ArgumentParser
import FileStore
import Fleet
import FoundationEssentials
import KubernetesPKI

/// Many trees instead of one.
struct TreesOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Instead of one tree, all PKI directories below this.", valueName: "dir"),
    completion: .directory)
  var trees: String?

  @Flag(help: "With --trees: list everything, not one line per tree.")
  var all = false

  @Flag(help: "With --trees: print totals only.")
  var summary = false

  func validate() throws {
    if trees?.isEmpty == true { throw ValidationError("--trees needs the path of a directory.") }
    if trees == nil, let option = [all ? "--all" : nil, summary ? "--summary" : nil].compactMap(\.self).first
    {
      throw ValidationError("\(option) needs --trees.")
    }
    if all, summary { throw ValidationError("--all and --summary exclude each other.") }
  }

  /// Refuses, beside --trees, options that are for one tree.
  func refuse(_ groups: [any SingleTreeOptions]) throws {
    let others = groups.flatMap(\.givenOptions)
    guard trees != nil, !others.isEmpty else { return }
    throw ValidationError(
      "--trees is for many nodes, and \(others.joined(separator: ", "))"
        + " \(others.count == 1 ? "is" : "are") for one: use one of the two.")
  }

  /// Refuses --all and --summary for a result that is no text.
  func refuseLists(for format: String) throws {
    guard format != "text",
      let option = [all ? "--all" : nil, summary ? "--summary" : nil].compactMap(\.self).first
    else { return }
    throw ValidationError("\(option) has no effect on -o \(format), which has everything.")
  }
}

/// Many trees that are only read.
struct TreesReadingOptions: ParsableArguments {
  @OptionGroup var list: TreesOptions

  @Option(help: ArgumentHelp("With --trees: trees read at once. (default: number of cores)", valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs needs a number of at least 1.") }
    if jobs != nil, list.trees == nil { throw ValidationError("--jobs needs --trees.") }
  }

  /// How many trees are read at once.
  var jobCount: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// Options that say something of one tree, one node or one cluster.
protocol SingleTreeOptions {
  /// Those that were given, with their dashes.
  var givenOptions: [String] { get }
}

/// Those of these options that have a value.
func given(_ options: [(name: String, value: String?)]) -> [String] {
  options.filter { $0.value != nil }.map(\.name)
}

extension WhereOptions: SingleTreeOptions {
  var givenOptions: [String] {
    given([
      ("--kubernetes-dir", kubernetesDirectory), ("--cert-dir", certDir), ("--kubeconfig-dir", kubeconfigDir),
      ("--rootfs", rootfs),
    ])
  }
}

extension RoleOptions: SingleTreeOptions {
  var givenOptions: [String] { role == nil ? [] : ["--role"] }
}

extension ConfigOptions: SingleTreeOptions {
  var givenOptions: [String] { config == nil ? [] : ["--config"] }
}

extension PeerOptions: SingleTreeOptions {
  var givenOptions: [String] { peer.isEmpty ? [] : ["--peer"] }
}

extension SANChangeOptions: SingleTreeOptions {
  var givenOptions: [String] {
    (dropSAN.isEmpty ? [] : ["--drop-san"]) + (replacesSANs ? ["--replace-sans"] : [])
  }
}

/// The options that describe one cluster or node.
struct DescribingOptions: SingleTreeOptions {
  let groups: [any ClusterOptions]

  var givenOptions: [String] { ClusterSettings(joining: groups.map(\.settings)).fields.map(\.option) }
}
