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
      self.init(message: message, hint: KubeadmWords.hint(for: arguments) ?? page)
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
    let words = path.words + path.rest
    let kubeadm = KubeadmWords.commands.filter { $0.kubeadm.starts(with: path.words + [word]) }
    if let other = KubeadmWords.hint(for: words) {
      hint = other
    } else if !kubeadm.isEmpty {
      hint = kubeadm.map {
        "pkigen \($0.pkigen.joined(separator: " ")) is kubeadm's \($0.kubeadm.joined(separator: " "))"
      }
      .joined(separator: "; ")
    } else if path.subcommands.isEmpty {
      hint = "\(path.text) has no commands; did you mean 'pkigen help \(path.words.joined(separator: " "))'?"
    } else if let near = Self.nearest(to: word, after: path) {
      hint = "did you mean \(near)?"
    } else {
      hint = "the commands are \(path.subcommands.joined(separator: ", ")); see '\(path.text) --help'"
    }
  }

  /// The commands with a name like a word: those after a path first, else those of this name anywhere, else those of a name
  /// like it anywhere.
  private static func nearest(to word: String, after path: CommandPath) -> String? {
    func isNear(_ name: String) -> Bool { name.distance(to: word) <= max(1, word.count / 3) }
    if let best = path.subcommands.filter(isNear).min(by: { $0.distance(to: word) < $1.distance(to: word) }) {
      return "'\(path.text) \(best)'"
    }
    let named = CommandPath.all.filter { $0.words.last == word }
    let deeper = named.isEmpty ? CommandPath.all.filter { $0.words.last.map(isNear) == true } : named
    return deeper.isEmpty ? nil : deeper.map { "'\($0.text)'" }.joined(separator: " or ")
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
  /// How many characters have to be inserted, deleted, replaced, or swapped with the next, to get from one text to another.
  func distance(to other: String) -> Int {
    let (characters, others) = (Array(self), Array(other))
    var before: [Int] = []
    var row = Array(0...others.count)
    for (index, character) in characters.enumerated() {
      var next = [index + 1]
      for (column, otherCharacter) in others.enumerated() {
        let replaced = row[column] + (character == otherCharacter ? 0 : 1)
        var best = Swift.min(replaced, row[column + 1] + 1, next[column] + 1)
        if index > 0, column > 0, character == others[column - 1], characters[index - 1] == otherCharacter {
          best = Swift.min(best, before[column - 1] + 1)
        }
        next.append(best)
      }
      (before, row) = (row, next)
    }
    return row[others.count]
  }
}
