package import OpenSSLX509
internal import Yams

/// The documents of a file in YAML, of which JSON is a part, as Kubernetes' own programs read them.
///
/// A field that stands twice is no error to sigs.k8s.io/yaml: the later one counts. libyaml's wrapper refuses it, so the
/// earlier one is given another name of the same length before the text is read again.
package enum ConfigurationDocuments {
  /// More than any real configuration has, and few enough that nothing grows beyond measure.
  fileprivate enum Limit {
    static let aliases = 32
    static let depth = 32
    static let values = 200_000
    static let overridden = 64
  }

  /// Reads all documents but the empty ones.
  ///
  /// - Throws: ``ConfigurationProblem`` with what is wrong first.
  package static func read(_ text: SecretBytes) throws(ConfigurationProblem) -> [ConfigurationValue] {
    var reading = try Reading(decoded(text).string)
    return try reading.documents(atMost: .max).filter { if case .null = $0.content { false } else { true } }
  }

  /// Reads the first document, which is all that sigs.k8s.io/yaml reads of a text; `nil` where there is none.
  ///
  /// - Throws: ``ConfigurationProblem`` with what is wrong first, in the first document.
  package static func first(_ text: SecretBytes) throws(ConfigurationProblem) -> ConfigurationValue? {
    try first(of: decoded(text))
  }

  /// Reads the first document of a decoded text.
  ///
  /// - Throws: ``ConfigurationProblem`` with what is wrong first, in the first document.
  package static func first(of text: EncodedText) throws(ConfigurationProblem) -> ConfigurationValue? {
    var reading = try Reading(text.string)
    return try reading.documents(atMost: 1).first
  }

  private static func decoded(_ text: SecretBytes) throws(ConfigurationProblem) -> EncodedText {
    guard let decoded = EncodedText(text) else {
      throw ConfigurationProblem(line: 1, text: "it is not UTF-8 text")
    }
    return decoded
  }

  /// Where something stands in the text; lines and columns count from one.
  fileprivate struct Position: Hashable {
    let line: Int
    let column: Int
  }

  /// The state of reading one text.
  fileprivate struct Reading {
    private var text: String
    /// The fields that later ones override, and how they are called.
    private var overridden: [Position: String] = [:]
    private var budget = Limit.values
  }
}

extension ConfigurationDocuments.Reading {
  typealias Limit = ConfigurationDocuments.Limit

  init(_ text: String) throws(ConfigurationProblem) {
    self.text = Self.withVisibleMarks(text)
    guard !Self.isOfAnotherVersion(text) else {
      throw ConfigurationProblem(line: 1, text: "it is not YAML: it declares another version than 1.1")
    }
    guard Self.aliasCount(text) <= Limit.aliases else {
      throw ConfigurationProblem(
        line: 1, text: "it has more than \(Limit.aliases) YAML aliases; write the values out")
    }
  }

  mutating func documents(atMost count: Int) throws(ConfigurationProblem) -> [ConfigurationValue] {
    for _ in 0...Limit.overridden {
      do {
        return try parsed(atMost: count)
      } catch let problem as ConfigurationProblem {
        throw problem
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        try rename(names.first ?? "", at: context.mark)
      } catch {
        throw Self.problem(error)
      }
    }
    throw ConfigurationProblem(line: 1, text: "more than \(Limit.overridden) of its fields stand twice")
  }

  private mutating func parsed(atMost count: Int) throws -> [ConfigurationValue] {
    // The basic resolver looks at no scalar, which saves time; what they stand for is Kubernetes' matter.
    let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
    budget = Limit.values
    var values: [ConfigurationValue] = []
    while values.count < count, let node = try parser.nextRoot() {
      values.append(try value(node, depth: 0))
    }
    return values
  }

  /// A text in which a byte order mark within a line is another character: Yams drops one with which a value begins, and
  /// go-yaml keeps it.
  private static func withVisibleMarks(_ text: String) -> String {
    guard text.utf8.contains(0xef), text.unicodeScalars.contains("\u{feff}") else { return text }
    var previous: Unicode.Scalar = "\n"
    var marked = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      marked.append(scalar == "\u{feff}" && previous != "\n" ? "\u{fffd}" : scalar)
      previous = scalar
    }
    return String(marked)
  }

  /// Whether the text begins with a directive that names another version of YAML than go-yaml v2 takes.
  private static func isOfAnotherVersion(_ text: String) -> Bool {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return false }
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ")
      if line.hasPrefix("%YAML"), words.count > 1 { return words[1] != "1.1" }
      guard words.isEmpty || line.hasPrefix("%") || words[0].hasPrefix("#") else { return false }
    }
    return false
  }

  /// How often something in the text may stand for an anchor: few aliases of aliases already are millions of values.
  private static func aliasCount(_ text: String) -> Int {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return 0 }
    var isMark = false
    return text.utf8.reduce(into: 0) { count, byte in
      if isMark, !" \t\r\n.*".utf8.contains(byte) { count += 1 }
      isMark = byte == UInt8(ascii: "*")
    }
  }

  /// Gives the field `name` that stands at `mark` another name, which no field of Kubernetes has.
  private mutating func rename(_ name: String, at mark: Mark) throws(ConfigurationProblem) {
    var scalars = text.unicodeScalars
    var index = startOfLine(mark.line)
    index = scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex) ?? scalars.endIndex
    if index < scalars.endIndex, scalars[index] == "\"" || scalars[index] == "'" {
      index = scalars.index(after: index)
    }
    let position = ConfigurationDocuments.Position(line: mark.line, column: mark.column)
    guard !name.isEmpty, scalars[index...].starts(with: name.unicodeScalars), overridden[position] == nil,
      let other = Unicode.Scalar(0xe000 + UInt32(overridden.count))
    else {
      throw ConfigurationProblem(line: mark.line, text: "\(name.quoted) stands twice")
    }
    scalars.replaceSubrange(index...index, with: CollectionOfOne(other))
    text = String(scalars)
    overridden[position] = name
  }

  /// Where a line starts, as libyaml counts lines.
  private func startOfLine(_ line: Int) -> String.Index {
    let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
    let scalars = text.unicodeScalars
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

extension ConfigurationDocuments.Reading {
  private mutating func value(_ node: Node, depth: Int) throws(ConfigurationProblem) -> ConfigurationValue {
    let (line, column) = (node.mark?.line ?? 1, node.mark?.column ?? 1)
    budget -= 1
    guard budget > 0, depth < Limit.depth else {
      throw ConfigurationProblem(line: line, text: "it has too many values, or they are nested too deeply")
    }
    let content: ConfigurationValue.Content
    switch node {
    case .scalar(let scalar): content = try YAMLScalar.content(of: scalar, line: line)
    case .sequence(let sequence):
      var elements: [ConfigurationValue] = []
      for element in sequence { elements.append(try value(element, depth: depth + 1)) }
      content = .list(elements)
    case .mapping(let mapping): content = .object(try members(of: mapping, depth: depth))
    case .alias: throw ConfigurationProblem(line: line, text: "it has an alias of nothing")
    }
    return ConfigurationValue(line: line, column: column, content: content)
  }

  /// The fields of a mapping. Each overrides what stands before it, and so does a merge key with what it merges
  /// (<https://yaml.org/type/merge.html>), which is go-yaml v2's order and not the specification's.
  private mutating func members(
    of mapping: Node.Mapping, depth: Int
  ) throws(ConfigurationProblem) -> [ConfigurationValue.Member] {
    var members: [ConfigurationValue.Member] = []
    var merged: Set<Int> = []
    var latest: [String: Int] = [:]
    func append(_ member: ConfigurationValue.Member) {
      if !member.isOverridden {
        if let index = latest[member.name] { members[index].isOverridden = true }
        latest[member.name] = members.count
      }
      members.append(member)
    }
    for (key, node) in mapping {
      let line = key.mark?.line ?? 1
      guard let scalar = key.scalar else {
        throw ConfigurationProblem(line: line, text: "a field's name is no text")
      }
      let value = try value(node, depth: depth + 1)
      if scalar.isMergeKey {
        for member in try value.merged() {
          merged.insert(members.count)
          append(member)
        }
        continue
      }
      let position = ConfigurationDocuments.Position(line: line, column: key.mark?.column ?? 1)
      let earlier = overridden[position]
      if earlier == nil, scalar.isNull {
        throw ConfigurationProblem(line: line, text: "a field has no name")
      }
      append(
        .init(
          name: earlier ?? scalar.string, line: line, column: position.column, value: value,
          isOverridden: earlier != nil))
    }
    // Overriding what is merged is what merging is for; it leaves no trace.
    return members.enumerated().filter { !$1.isOverridden || !merged.contains($0) }.map(\.element)
  }
}

extension ConfigurationValue {
  /// The fields that an object gets which merges this value into itself; the first of several values counts.
  fileprivate func merged() throws(ConfigurationProblem) -> [Member] {
    switch content {
    case .object(let members): return members.filter { !$0.isOverridden }
    case .list(let values):
      var merged: [Member] = []
      for value in values.reversed() {
        guard case .object = value.content else { break }
        merged += try value.merged()
      }
      if values.allSatisfy({ if case .object = $0.content { true } else { false } }) { return merged }
    default: break
    }
    throw ConfigurationProblem(line: line, text: "a merge key needs an object, or a list of objects")
  }
}

extension Node.Scalar {
  /// Whether the scalar is YAML's key for merging: an unquoted `<<`.
  fileprivate var isMergeKey: Bool { string == "<<" && isUntagged || tag.rawValue == Tag.Name.merge.rawValue }

  /// Whether a key is nothing, as an unquoted `~` is.
  fileprivate var isNull: Bool {
    YAMLScalar.isNull(string) && isUntagged || tag.rawValue == Tag.Name.null.rawValue
  }

  /// Whether a key says itself what it is. The parser has taken those that do for strings when it compared them.
  private var isUntagged: Bool { style == .plain && ["", Tag.Name.str.rawValue].contains(tag.rawValue) }
}
