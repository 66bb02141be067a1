import ArgumentParser

/// A command, as the words on a command line name it.
struct CommandPath {
  /// The words, without `pkigen`.
  let words: [String]
  let command: any ParsableCommand.Type
  /// The arguments after the words.
  let rest: [String]

  /// The command that arguments name.
  init(_ arguments: [String]) {
    var (words, rest): ([String], ArraySlice<String>) = ([], arguments[...])
    var command: any ParsableCommand.Type = Pkigen.self
    while let word = rest.first, let next = command.subcommand(word) {
      words.append(word)
      rest = rest.dropFirst()
      command = next
    }
    self.words = words
    self.command = command
    self.rest = Array(rest)
  }

  private init(_ words: [String], _ command: any ParsableCommand.Type) {
    self.words = words
    self.command = command
    rest = []
  }

  /// Every command but the root.
  static let all = CommandPath([], Pkigen.self).below

  private var below: [CommandPath] {
    command.configuration.subcommands.flatMap { next in
      let path = CommandPath(words + [next._commandName], next)
      return [path] + path.below
    }
  }

  /// The command as it is typed.
  var text: String { (["pkigen"] + words).joined(separator: " ") }

  /// The names of the commands below.
  var subcommands: [String] { command.configuration.subcommands.map { $0._commandName } }

  /// The long options, with their dashes.
  var options: Set<String> {
    let page = Pkigen.helpMessage(for: command, columns: 1_000)
    let lines = page.split(separator: "\n").filter { $0.hasPrefix("  -") }
    return Set(
      lines.flatMap { $0.split { " ,".contains($0) }.prefix { $0.hasPrefix("-") } }
        .filter { $0.hasPrefix("--") }.map(String.init))
  }
}

extension ParsableCommand {
  /// The command below with this name or alias.
  fileprivate static func subcommand(_ word: String) -> (any ParsableCommand.Type)? {
    configuration.subcommands.first { $0._commandName == word || $0.configuration.aliases.contains(word) }
  }
}
