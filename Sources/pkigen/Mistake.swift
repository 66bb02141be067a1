import ArgumentParser

/// What is wrong with a command line that ArgumentParser refuses, and what the user may have meant.
struct Mistake {
  /// One sentence.
  let message: String
  /// What to type instead.
  let hint: String

  /// The mistake in arguments of which ArgumentParser says `message`.
  init(_ message: String, in arguments: [String]) {
    let path = CommandPath(arguments)
    let page = "see '\(path.text) --help' for more information."
    if let word = path.rest.first, !word.hasPrefix("-"), !path.subcommands.isEmpty {
      self.init(unknown: word, after: path)
    } else if let option = Self.unknownOption(message) {
      self.init(message: message, hint: Self.hint(option, path) ?? page)
    } else {
      self.init(message: message, hint: page)
    }
  }

  private init(message: String, hint: String) {
    self.message = message
    self.hint = hint
  }

  /// A word that is no command.
  ///
  /// - Parameter path: the words before it.
  init(unknown word: String, after path: CommandPath) {
    message = "'\(word)' is not a command of \(path.text)"
    let kubeadm = KubeadmWords.commands.filter { $0.kubeadm.starts(with: path.words + [word]) }
    let near = path.subcommands.filter { $0.distance(to: word) <= max(1, word.count / 3) }
    let deeper = CommandPath.all.filter { $0.words.last == word }
    if !kubeadm.isEmpty {
      hint = kubeadm.map {
        "pkigen \($0.pkigen.joined(separator: " ")) is kubeadm's \($0.kubeadm.joined(separator: " "))"
      }
      .joined(separator: "; ")
    } else if let best = near.min(by: { $0.distance(to: word) < $1.distance(to: word) }) {
      hint = "did you mean '\(path.text) \(best)'?"
    } else if !deeper.isEmpty {
      hint = "did you mean \(deeper.map { "'\($0.text)'" }.joined(separator: " or "))?"
    } else {
      hint = "the commands are \(path.subcommands.joined(separator: ", ")); see '\(path.text) --help'"
    }
  }

  /// The option that a message calls unknown.
  private static func unknownOption(_ message: String) -> String? {
    let start = "Unknown option '"
    guard message.hasPrefix(start) else { return nil }
    return String(message.dropFirst(start.count).prefix { $0 != "'" && $0 != "=" })
  }

  /// What an option of kubeadm's or of another command is here.
  private static func hint(_ option: String, _ path: CommandPath) -> String? {
    if let hint = KubeadmWords.options[String(option.drop { $0 == "-" })] { return hint }
    let owners = CommandPath.all.filter { $0.words != path.words && $0.options.contains(option) }
    guard option.hasPrefix("--"), !owners.isEmpty else { return nil }
    if path.words.isEmpty {
      return "an option follows its command: \(owners[0].text) \(option)"
    }
    return
      "\(path.text) does not use it; \(option) is an option of \(owners.map(\.text).joined(separator: ", "))"
  }
}

extension String {
  /// How many characters have to be inserted, deleted or replaced to get from one text to another.
  func distance(to other: String) -> Int {
    var row = Array(0...other.count)
    for (index, character) in enumerated() {
      var previous = row[0]
      row[0] = index + 1
      for (column, otherCharacter) in other.enumerated() {
        let replaced = previous + (character == otherCharacter ? 0 : 1)
        previous = row[column + 1]
        row[column + 1] = Swift.min(replaced, previous + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}
