/// Small damage to a kubeconfig, from a seed: what an editor, a script or a careless hand does to lines and values.
struct KubeconfigMutation {
  private var state: UInt64

  /// The edit of a seed.
  static func edit(_ seed: UInt64) -> KubeconfigEdit {
    KubeconfigEdit("seed \(seed)") { text in
      var mutation = KubeconfigMutation(state: seed)
      var lines = text.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      for _ in 0...mutation.next(2) { mutation.change(&lines) }
      return lines.joined(separator: "\n")
    }
  }

  /// A number below a bound, by the generator of Steele, Lea and Flood (2014).
  private mutating func next(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(bound, 1)))
  }

  private mutating func pick(_ texts: [String]) -> String { texts[next(texts.count)] }

  private mutating func change(_ lines: inout [String]) {
    let index = next(lines.count)
    let line = lines[index]
    switch next(10) {
    case 0: lines.remove(at: index)
    case 1: lines.insert(line, at: next(lines.count))
    case 2: lines.swapAt(index, next(lines.count))
    case 3: lines[index] = pick(["  ", " ", "\t", "- "]) + line
    case 4: lines[index] = String(line.dropFirst(1 + next(3)))
    case 5: lines[index] = line + pick([" # a", "  ", "\t", ":", "#a", " b", "\r", " &a", " ,"])
    case 6: lines.insert(pick(Self.fields), at: index)
    case 7, 8: lines[index] = value(of: line)
    default: lines[index] = character(of: line)
    }
    if lines.isEmpty { lines = [""] }
  }

  /// The line with another value, or the same one written otherwise.
  private mutating func value(of line: String) -> String {
    guard let colon = line.firstIndex(of: ":") else { return line }
    let (name, value) = (line[...colon], line[line.index(after: colon)...].drop { $0 == " " })
    let indentation = String(repeating: " ", count: line.prefix { $0 == " " || $0 == "-" }.count + 2)
    return switch next(8) {
    case 0: "\(name) '\(value)'"
    case 1: "\(name) \"\(value)\""
    case 2: "\(name) |\n\(indentation)\(value)"
    case 3: "\(name) >-\n\(indentation)\(value)"
    case 4: "\(name)\n\(indentation)\(value)"
    case 5: "\(name) &a \(value)"
    case 6: "\(name) !!str \(value)"
    default: "\(name) \(pick(Self.values))"
    }
  }

  /// The line with a character too many or too few, outside of base64.
  private mutating func character(of line: String) -> String {
    let end = line.contains("-data: ") ? line.prefix { $0 != ":" }.count + 1 : line.count
    var characters = Array(line)
    let index = next(end)
    if next(2) == 0, characters.indices.contains(index) {
      characters.remove(at: index)
    } else {
      characters.insert(contentsOf: pick(Self.characters), at: index)
    }
    return String(characters)
  }

  private static let values = [
    "", "null", "~", "yes", "1", "0x1F", "1.5", "''", "[]", "{}", "a", "'!'", "2026-11-21", "*a",
    "[a, {b: c}]",
    "{name: a}", "!!int 1", "'a b'", "\"\\u00e9\"", "@a", "%a", "|", "- a", "? a", "https://127.0.0.1",
  ]

  private static let characters = [
    " ", "\t", ":", ": ", "-", "- ", "{", "}", "[", "]", ",", "&", "*", "#", " #", "?", "|", ">", "'", "\"",
    "%", "@",
    "!", "~", "\u{feff}", "\u{1}", "\u{85}", "\u{2028}", "é", "\\", "<<", "=",
  ]

  private static let fields = [
    "", "# a", "---", "...", "x: y", "  x: y", "    token: a", "    x-a: &a b", "    <<: {token: a}",
    "<<: {kind: Secret}",
    "users: []", "kind: Config", "    tls-server-name: kubernetes", "    insecure-skip-tls-verify: false",
    "- {}",
    "- name: a", "    client-key: ''", "    extensions: [{name: a}, {name: a}]", "%YAML 1.1", "  name: a",
    "    as: a", "    namespace: a", "    proxy-url: ''", "x: [", "x: '", "current-context: here",
    "apiVersion: v1",
  ]
}
