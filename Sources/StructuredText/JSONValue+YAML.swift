internal import FoundationEssentials
package import Yams

extension JSONValue {
  /// The value in YAML as kubectl writes it: members sorted by name, lists at their owner's indent, nothing folded.
  ///
  /// - Throws: ``Problem`` when libyaml refuses to write it.
  package func yaml() throws(Problem) -> String {
    do {
      return try serialize(node: node, width: -1, allowUnicode: true)
    } catch {
      throw Problem("libyaml cannot write it")
    }
  }

  /// Several documents in YAML, with `---` between them.
  ///
  /// - Throws: ``Problem`` when libyaml refuses to write one.
  package static func yaml(_ documents: [JSONValue]) throws(Problem) -> String {
    var texts: [String] = []
    for document in documents { texts.append(try document.yaml()) }
    return texts.joined(separator: "---\n")
  }

  private var node: Node {
    switch self {
    case .null: Node("null", Self.tag(.null))
    case .bool(let value): Node(value ? "true" : "false", Self.tag(.bool))
    case .integer(let value): Node("\(value)", Self.tag(.int))
    case .number(let value): Node("\(value)", Self.tag(.float))
    case .string(let text): Self.node(text)
    case .array(let elements):
      Node(elements.map(\.node), Self.tag(.seq), elements.isEmpty ? .flow : .block)
    case .object(let members):
      Node(
        members.sorted { $0.key < $1.key }.map { (Self.node($0.key), $0.value.node) }, Self.tag(.map),
        members.isEmpty ? .flow : .block)
    }
  }

  /// A tag that needs no resolver: Yams' own compiles regular expressions first, which takes longer than all the rest.
  private static func tag(_ name: Tag.Name) -> Tag {
    Tag(name, .basic, Constructor([:], [:], [:]))
  }

  /// Words that some reader of YAML takes for a boolean or for nothing.
  private static let words: Set<String> = ["y", "yes", "n", "no", "on", "off", "true", "false", "null"]

  /// A text is written plain only where no reader, of YAML 1.1 or 1.2, can take it for anything else.
  ///
  /// Numbers, dates and their many spellings do not start with a letter, a slash or the two dashes of an option.
  private static func node(_ text: String) -> Node {
    if text.utf8.contains(UInt8(ascii: "\n")), !text.utf8.contains(where: "\r\t".utf8.contains) {
      return .scalar(.init(text, Self.tag(.str), .literal))
    }
    let start = text.hasPrefix("--") ? text.utf8.dropFirst(2).first : text.utf8.first
    let startsPlain = start.map { $0 == UInt8(ascii: "/") || isLetter($0) || $0 >= 0x80 } ?? false
    let isPlain = startsPlain && !words.contains(text.asciiLowercased)
    return .scalar(.init(text, Self.tag(.str), isPlain ? .any : .doubleQuoted))
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

extension JSONValue {
  /// Why a text is no value, as a sentence's second half.
  package struct Problem: Error {
    package let text: String
    package init(_ text: String) { self.text = text }
  }

  /// All documents of a text in JSON or YAML; empty ones are left out.
  ///
  /// - Throws: ``Problem`` with what is wrong and where.
  package static func documents(in text: String) throws(Problem) -> [JSONValue] {
    if text.utf8.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
      // libyaml does not know all that JSON can escape; of what is no JSON, it says what is wrong and where.
      if let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) { return [value] }
    }
    let (nodes, problem) = nodes(in: text)
    if let problem { throw problem }
    var values: [JSONValue] = []
    for node in nodes {
      let value = try JSONValue(node)
      if value != .null { values.append(value) }
    }
    return values
  }

  /// The documents of a text in YAML, before one that cannot be read, and what is wrong with that one.
  package static func nodes(in text: String) -> (nodes: [Node], problem: Problem?) {
    var nodes: [Node] = []
    do {
      var documents = try compose_all(yaml: text)
      while let node = documents.next() { nodes.append(node) }
      // An error ends the sequence as its end does.
      if let error = documents.error { throw error }
      return (nodes, nil)
    } catch let error as YamlError {
      return (nodes, Problem("it is not YAML: \(error.problem)"))
    } catch {
      return (nodes, Problem("it is not YAML"))
    }
  }

  /// The value of a document.
  ///
  /// - Throws: ``Problem`` when it has none in JSON, or its aliases make it too large.
  package init(_ document: Node) throws(Problem) {
    var budget = Self.valueLimit
    try self.init(document, &budget)
  }

  /// More values than a file of the largest size that is read has, unless it multiplies them with aliases.
  private static let valueLimit = 1 << 21

  private init(_ node: Node, _ budget: inout Int) throws(Problem) {
    budget -= 1
    guard budget > 0 else { throw Problem("its YAML aliases stand for too much") }
    switch node {
    case .scalar(let scalar): self = Self.value(of: scalar, node)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try JSONValue(element, &budget)) }
      self = .array(elements)
    case .mapping(let mapping):
      var members: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard let name = key.string else { throw Problem("a name in it is no text") }
        members[name] = try JSONValue(value, &budget)
      }
      self = .object(members)
    case .alias: throw Problem("it has an alias of nothing")
    }
  }

  /// What is quoted is a text, whatever it looks like.
  private static func value(of scalar: Node.Scalar, _ node: Node) -> JSONValue {
    guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
    switch node.tag.rawValue {
    case Tag.Name.null.rawValue: return .null
    case Tag.Name.bool.rawValue: return node.bool.map { .bool($0) } ?? .string(scalar.string)
    case Tag.Name.int.rawValue: return node.int.map { .integer($0) } ?? .string(scalar.string)
    case Tag.Name.float.rawValue: return node.float.map { .number($0) } ?? .string(scalar.string)
    default: return .string(scalar.string)
    }
  }
}
