package import OpenSSLX509
internal import Yams

/// The documents of a configuration file in YAML, of which JSON is a part.
///
/// A field that stands twice is no error to Kubernetes' own reader: the later one counts. libyaml's wrapper refuses it, so
/// the earlier ones are given another name before they are read again.
package enum ConfigurationDocuments {
  /// More than any real configuration has, and few enough that nothing grows beyond measure.
  fileprivate enum Limit {
    static let aliases = 32
    static let depth = 32
    static let values = 50_000
    static let overridden = 64
  }

  /// What a field is named that a later one overrides; no field of Kubernetes has such letters in it.
  fileprivate static let overriddenPrefix = "⟨overridden⟩"

  /// Reads all documents but the empty ones.
  ///
  /// - Throws: ``ConfigurationProblem`` with what is wrong first.
  package static func read(_ text: SecretBytes) throws(ConfigurationProblem) -> [ConfigurationValue] {
    guard var text = String(validating: text.copy, as: UTF8.self) else {
      throw ConfigurationProblem(line: 1, text: "it is not UTF-8 text")
    }
    // A byte order mark means nothing in UTF-8.
    if text.hasPrefix("\u{feff}") { text.removeFirst() }
    guard aliasCount(text) <= Limit.aliases else {
      throw ConfigurationProblem(
        line: 1, text: "it has more than \(Limit.aliases) YAML aliases; write the values out")
    }
    for _ in 0...Limit.overridden {
      do {
        return try documents(text)
      } catch let problem as ConfigurationProblem {
        throw problem
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        text = try renaming(names.first ?? "", at: context.mark, in: text)
      } catch {
        throw problem(error)
      }
    }
    throw ConfigurationProblem(line: 1, text: "more than \(Limit.overridden) of its fields stand twice")
  }

  private static func documents(_ text: String) throws -> [ConfigurationValue] {
    let parser = try Parser(yaml: text, encoding: .utf8)
    var budget = Limit.values
    var values: [ConfigurationValue] = []
    while let node = try parser.nextRoot() {
      let value = try ConfigurationValue(node, depth: 0, budget: &budget)
      if case .null = value.content { continue }
      values.append(value)
    }
    return values
  }

  /// How often something in the text may stand for an anchor: few aliases of aliases already are millions of values.
  private static func aliasCount(_ text: String) -> Int {
    guard text.contains("&") else { return 0 }
    let marks = text.utf8.indices.filter { text.utf8[$0] == UInt8(ascii: "*") }
    return marks.count { mark in
      let next = text.utf8.index(after: mark)
      guard next != text.utf8.endIndex else { return false }
      return !" \t\r\n.*".utf8.contains(text.utf8[next])
    }
  }

  /// The text with another name for the field `name` that stands at `mark`.
  private static func renaming(
    _ name: String, at mark: Mark, in text: String
  ) throws(ConfigurationProblem) -> String {
    let scalars = text.unicodeScalars
    var index = startOfLine(mark.line, in: scalars)
    index = scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex) ?? scalars.endIndex
    if let quote = scalars[index...].first, quote == "\"" || quote == "'" {
      index = scalars.index(after: index)
    }
    guard scalars[index...].starts(with: name.unicodeScalars) else {
      throw ConfigurationProblem(line: mark.line, text: "\(name.quoted) stands twice")
    }
    return String(scalars[..<index]) + overriddenPrefix + String(scalars[index...])
  }

  /// Where a line starts, as libyaml counts lines.
  private static func startOfLine(_ line: Int, in scalars: String.UnicodeScalarView) -> String.Index {
    let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
    var index = scalars.startIndex
    var current = 1
    while current < line, index < scalars.endIndex {
      let scalar = scalars[index]
      index = scalars.index(after: index)
      guard breaks.contains(scalar) else { continue }
      if scalar == "\r", scalars[index...].first == "\n" { index = scalars.index(after: index) }
      current += 1
    }
    return index
  }

  private static func problem(_ error: any Error) -> ConfigurationProblem {
    guard let error = error as? YamlError else {
      return ConfigurationProblem(line: 1, text: "it is not YAML")
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ConfigurationProblem(line: mark.line, text: "it is not YAML: \(problem)")
    case .reader(let problem, let offset, _, let text):
      let line = text.prefix(offset ?? 0).unicodeScalars.count { $0 == "\n" } + 1
      return ConfigurationProblem(line: line, text: "it is not YAML: \(problem)")
    default: return ConfigurationProblem(line: 1, text: "it is not YAML")
    }
  }
}

extension ConfigurationValue {
  fileprivate init(_ node: Node, depth: Int, budget: inout Int) throws(ConfigurationProblem) {
    line = node.mark?.line ?? 1
    budget -= 1
    guard budget > 0, depth < ConfigurationDocuments.Limit.depth else {
      throw ConfigurationProblem(line: line, text: "it has too many values, or they are nested too deeply")
    }
    switch node {
    case .scalar(let scalar): content = Self.content(of: scalar, tag: node.tag)
    case .sequence(let sequence):
      var elements: [ConfigurationValue] = []
      for element in sequence {
        elements.append(try ConfigurationValue(element, depth: depth + 1, budget: &budget))
      }
      content = .list(elements)
    case .mapping(let mapping):
      content = .object(try Self.members(of: mapping, depth: depth, budget: &budget))
    case .alias: throw ConfigurationProblem(line: line, text: "it has an alias of nothing")
    }
  }

  private static func content(of scalar: Node.Scalar, tag: Tag) -> Content {
    // libyaml's wrapper knows YAML 1.1's numbers to the base of 60, and Go's YAML does not: to it, 10:30 is a string.
    if scalar.string.contains(":") { return .string(scalar.string) }
    switch tag.rawValue {
    case Tag.Name.null.rawValue: return .null
    case Tag.Name.bool.rawValue: return .boolean(scalar.string)
    case Tag.Name.int.rawValue, Tag.Name.float.rawValue: return .number(scalar.string)
    default: return .string(scalar.string)
    }
  }

  private static func members(
    of mapping: Node.Mapping, depth: Int, budget: inout Int
  ) throws(ConfigurationProblem) -> [Member] {
    var members: [Member] = []
    var merged: [Member] = []
    for (key, node) in mapping {
      let line = key.mark?.line ?? 1
      guard let scalar = key.scalar else {
        throw ConfigurationProblem(line: line, text: "a field's name is no text")
      }
      let value = try ConfigurationValue(node, depth: depth + 1, budget: &budget)
      if key.tag == Tag(.merge) {
        merged += value.mergedMembers
        continue
      }
      var name = scalar.string[...]
      // One that stands three times has been renamed twice.
      while name.hasPrefix(ConfigurationDocuments.overriddenPrefix) {
        name = name.dropFirst(ConfigurationDocuments.overriddenPrefix.count)
      }
      members.append(
        Member(
          name: String(name), line: line, value: value, isOverridden: name.count < scalar.string.count))
    }
    let names = Set(members.map(\.name))
    return members + merged.filter { !names.contains($0.name) }
  }

  /// What an object gets that merges this value into itself: <https://yaml.org/type/merge.html>.
  private var mergedMembers: [Member] {
    switch content {
    case .object(let members): members
    case .list(let values): values.flatMap(\.mergedMembers)
    default: []
    }
  }
}
