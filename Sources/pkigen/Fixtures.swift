import ArgumentParser
import FoundationEssentials
import KubernetesPKI
import PKIFixtures

/// `pkigen fixtures`.
struct Fixtures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixtures",
    abstract: "Make certificates for tests: reproducible, and broken on purpose.",
    discussion: """
      A YAML file, the specification, lists the clusters, CAs, certificates,
      CSRs, kubeconfigs and defects to make; without one, pkigen makes a good
      cluster and every defect. manifest.json in the directory says what each
      file is, and what openssl, Go, GnuTLS, Python and pkigen verify say about it.

      With a seed (in the specification or --seed) and a time (there or in
      SOURCE_DATE_EPOCH), every run makes the same bytes. The keys of a seed are
      public.

      In a directory that already has fixtures, pkigen makes those of the manifest
      again if they differ; it never touches other files.

      EXAMPLES
        One good cluster, and every defect, in ./fixtures:
          pkigen fixtures --out fixtures

        The same bytes on every machine with the same OpenSSL:
          SOURCE_DATE_EPOCH=1767225600 pkigen fixtures --seed mine --out fixtures

        Do the files in the repository still match their specification, and does
        none expire within 30 days? The status is 1 if not:
          pkigen fixtures --spec fixtures.yaml --check fixtures

        The defects:
          pkigen fixtures --list
      """)

  @Option(
    help: ArgumentHelp("Make the fixtures in this directory.", valueName: "dir"), completion: .directory)
  var out: String?

  @Option(
    help: ArgumentHelp("Check the fixtures in this directory.", valueName: "dir"), completion: .directory)
  var check: String?

  @Flag(help: "List the defects, and what each verifier says about them.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "The specification. (default: one good cluster, every defect)", valueName: "file"), completion: .file())
  var spec: String?

  @Option(
    help: ArgumentHelp("Seed for the keys, any text. It overrides the specification's.", valueName: "text"))
  var seed: String?

  @Option(
    help: ArgumentHelp(
      "With --check: report certificates that expire within this time. (default: 30d)",
      valueName: "duration"))
  var within: String?

  @OptionGroup(title: "How") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard [out != nil, check != nil, list].count(where: { $0 }) == 1 else {
      throw ValidationError("Give exactly one of --out, --check and --list.")
    }
    for case (let option, let value?) in [("--out", out), ("--check", check), ("--spec", spec)]
    where value.isEmpty || value.contains("\0") {
      throw ValidationError("\(option) needs a path.")
    }
    if within != nil, check == nil { throw ValidationError("--within needs --check.") }
    if seed?.isEmpty == true { throw ValidationError("--seed needs a text.") }
  }

  func run() throws {
    if list { return try FixturesOutput(options: output).printDefects() }
    if let check { return try run(check: check) }
    let specification =
      try readSpecification()
      ?? FixtureSpecification(
        FixtureSpecification.builtIn, path: "the built-in specification")
    let set = try FixtureSet(
      specification, seed: seed ?? specification.seed, at: specification.time ?? instant(),
      jobs: making.jobCount)
    let directory = FixtureDirectory(Setting(out ?? "", from: .option("--out")))
    let changes = try making.dryRun ? directory.changes(for: set) : directory.write(set)
    try FixturesOutput(options: output).print(changes, of: set, in: out ?? "", isDryRun: making.dryRun)
  }

  private func run(check path: String) throws {
    let margin = try Lifetime(Setting(within ?? "30d", from: .option("--within")))
    let findings = try FixtureDirectory(Setting(path, from: .option("--check"))).findings(
      specification: readSpecification(), seed: seed, at: Date.now, margin: margin, jobs: making.jobCount)
    try FixturesOutput(options: output).print(findings, of: path)
    if !findings.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  private func readSpecification() throws -> FixtureSpecification? {
    try spec.map { try FixtureSpecification(reading: $0) }
  }

  /// The instant from which lifetimes count: <https://reproducible-builds.org/specs/source-date-epoch/>.
  private func instant() throws -> Date {
    guard let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"] else { return Date.now }
    guard let seconds = Int(text),
      FixtureSpecification.canStart(at: Date(timeIntervalSince1970: Double(seconds)))
    else {
      throw PKIError.invalidSetting(
        .environment("SOURCE_DATE_EPOCH"), value: text,
        problem: "not a number of seconds since 1970, later than its first day", hint: nil)
    }
    return Date(timeIntervalSince1970: Double(seconds))
  }
}
