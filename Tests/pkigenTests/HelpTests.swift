import ArgumentParser
import TestSupport
import Testing

@testable import pkigen

/// The help pages.
struct HelpTests {
  /// Every command with its words, the root first.
  static let commands = below(Pkigen.self, [])

  private static func below(_ command: any ParsableCommand.Type, _ words: [String]) -> [[String]] {
    [words]
      + command.configuration.subcommands.flatMap { below($0, words + [$0._commandName]) }
  }

  @Test func `there are commands`() {
    #expect(Self.commands.contains(["init"]) && Self.commands.contains(["phase", "kubeconfig"]))
  }

  @Test(arguments: commands)
  func `every page has an example, which begins as it is typed`(words: [String]) async throws {
    let outcome = try await Pkigen.run(words + ["--help"])
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    expectPlain(outcome.stdout)
    let lines = outcome.stdout.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "EXAMPLES"), "\(outcome.stdout)")
    let examples = lines[start...].prefix { !$0.hasPrefix("USAGE") }.map { $0.drop { $0 == " " } }
    let typed = (["pkigen"] + words).joined(separator: " ")
    #expect(examples.contains { $0.contains(typed) }, "\(examples)")
    #expect(outcome.stdout.contains("USAGE: \(typed) "))
  }

  /// The pages are wrapped at 80 columns, which tears what is laid out in columns or typed as it stands.
  @Test(arguments: commands)
  func `no line with an indent is too long for a page`(words: [String]) async throws {
    let help = try await Pkigen.run(words + ["--help"], environment: ["COLUMNS": "1000"]).stdout
    let discussion = help.split(separator: "\n").prefix { !$0.hasPrefix("USAGE") }
    for line in discussion where line.hasPrefix(" ") { #expect(line.count < 80, "\(line)") }
  }

  @Test(arguments: commands)
  func `no page has more than 100 lines, and a command's own options come first`(words: [String]) async throws
  {
    let lines = try await Pkigen.run(words + ["--help"], environment: ["COLUMNS": "80"]).stdout
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 100)
    let titles = lines.filter { !$0.hasPrefix(" ") && $0.hasSuffix(":") && $0.uppercased() == $0 }
    #expect(titles.isEmpty || ["ARGUMENTS:", "OPTIONS:"].contains(titles[0]), "\(titles)")
    #expect(titles.firstIndex(of: "OPTIONS:").map { $0 <= 1 } ?? true, "\(titles)")
  }

  /// An example that does not parse is worse than none.
  @Test(arguments: commands)
  func `every example parses`(words: [String]) async throws {
    let help = try await Pkigen.run(words + ["--help"], environment: ["COLUMNS": "1000"]).stdout
    let text = help.replacing("\\\n", with: " ")
    for line in text.split(separator: "\n").map({ $0.drop { $0 == " " } }) where line.hasPrefix("pkigen ") {
      let arguments = Self.words(of: line.prefix { !"|>#".contains($0) }).dropFirst()
      #expect(throws: Never.self, "\(line)") { try Pkigen.parseAsRoot(Array(arguments)) }
    }
  }

  /// The words of a command, as a shell takes them: quotes hold together.
  private static func words(of line: Substring) -> [String] {
    var (words, quote): ([String], Character?) = ([""], nil)
    for character in line {
      switch character {
      case "\"", "'": quote = quote == nil ? character : nil
      case " " where quote == nil: words.append("")
      default: words[words.count - 1].append(character)
      }
    }
    return words.filter { !$0.isEmpty }
  }

  @Test func `the root's page tables the exit statuses, and phase's pages the names`() async throws {
    let root = try await Pkigen.run("--help").stdout
    for status in [
      "0  done", "64  the command line is wrong", "65  existing files", "73  ", "74  ", "75  ", "77  ",
      "78  ",
    ] {
      #expect(root.contains(" \(status)"), "\(status)")
    }
    let certificates = try await Pkigen.run("phase", "cert", "--help").stdout
    for name in ["ca ", "apiserver-etcd-client ", "sa "] { #expect(certificates.contains("\n  \(name)")) }
    let kubeconfigs = try await Pkigen.run("phase", "kubeconfig", "--help").stdout
    for name in ["admin ", "controller-manager "] { #expect(kubeconfigs.contains("\n  \(name)")) }
  }

  @Test func `help is a result and goes to stdout, and so does the version`() async throws {
    for arguments in [
      [], ["help"], ["-h"], ["help", "init"], ["help", "certs", "renew"], ["init", "-h"], ["phase"],
    ] {
      let outcome = try await Pkigen.run(arguments)
      #expect(
        outcome.status == 0 && outcome.stderr.isEmpty && outcome.stdout.contains("USAGE: pkigen"),
        "\(arguments)")
    }
    #expect(try await Pkigen.run("--version") == Outcome(status: 0, stdout: Version.current + "\n"))
  }

  @Test func `kubeadm's spellings are understood`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "phase", "certs", "all", "-d", directory.path, "--node-name", "cp1",
      "--apiserver-advertise-address", "10.0.0.10", "--apiserver-cert-extra-sans", "a",
      "--apiserver-cert-extra-sans", "b,c",
      "--key-algorithm", "ECDSA-P256", "-o", "json")
    #expect(outcome.status == 0)
    for name in ["a", "b", "c"] { #expect(outcome.stdout.contains("\"DNS:\(name)\"")) }
  }
}
