internal import FoundationEssentials
internal import Yams

/// What an unquoted or tagged scalar stands for, as Kubernetes' YAML reader takes it.
///
/// Kubernetes reads YAML by sigs.k8s.io/yaml, which takes go-yaml v2's types (its file resolve.go) over into JSON: neither
/// YAML 1.1's numbers to the base of 60 nor its dates are numbers.
enum YAMLScalar {
  private static let trueWords: Set<String> = [
    "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
  ]
  private static let falseWords: Set<String> = [
    "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
  ]
  private static let nullWords: Set<String> = ["", "~", "null", "Null", "NULL"]

  /// The content of a scalar.
  ///
  /// - Throws: ``ConfigurationProblem`` when the scalar is not what its tag says, or JSON does not have it.
  static func content(of scalar: Node.Scalar, line: Int) throws(ConfigurationProblem)
    -> ConfigurationValue.Content
  {
    let text = scalar.string
    let tag = scalar.tag.rawValue
    switch tag {
    case "": break
    case Tag.Name.binary.rawValue:
      guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
        throw ConfigurationProblem(line: line, text: "a !!binary value is not base64")
      }
      return .string(String(decoding: data, as: UTF8.self))
    case Tag.Name.null.rawValue, Tag.Name.bool.rawValue, Tag.Name.int.rawValue, Tag.Name.float.rawValue: break
    default: return .string(text)
    }
    let content = try resolved(text, line)
    guard tag.isEmpty || Self.tag(of: content, tag) else {
      throw ConfigurationProblem(line: line, text: "a value is not what its tag says")
    }
    return content
  }

  /// Whether a tag fits a content.
  private static func tag(of content: ConfigurationValue.Content, _ tag: String) -> Bool {
    switch content {
    case .null: tag == Tag.Name.null.rawValue
    case .boolean: tag == Tag.Name.bool.rawValue
    case .number(let text):
      tag == Tag.Name.float.rawValue
        || tag == Tag.Name.int.rawValue && isInteger(text.utf8.filter { $0 != underscore })
    default: false
    }
  }

  private static func resolved(_ text: String, _ line: Int) throws(ConfigurationProblem)
    -> ConfigurationValue.Content
  {
    if nullWords.contains(text) { return .null }
    if trueWords.contains(text) || falseWords.contains(text) { return .boolean(text) }
    let word = text.first == "+" || text.first == "-" ? String(text.dropFirst()) : text
    if [".inf", ".Inf", ".INF"].contains(word) || [".nan", ".NaN", ".NAN"].contains(text) {
      throw ConfigurationProblem(line: line, text: "\(text) is a number that JSON does not have")
    }
    return isNumber(text) ? .number(text) : .string(text)
  }

  /// Whether an unquoted word means nothing.
  static func isNull(_ word: String) -> Bool { nullWords.contains(word) }

  /// Whether a boolean's word means true.
  static func isTrue(_ word: String) -> Bool { trueWords.contains(word) }

  private static let underscore = UInt8(ascii: "_")

  private static func isNumber(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first else { return false }
    if first == UInt8(ascii: ".") { return isDecimal(bytes) }
    guard isDigit(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else { return false }
    let digits = bytes.filter { $0 != underscore }
    return isInteger(digits) || isDecimal(digits)
  }

  /// Go's strconv.ParseInt to the base that the prefix says, within 64 bits.
  private static func isInteger(_ bytes: [UInt8]) -> Bool { integer(bytes) != nil }

  /// The sign and the size of an integer as Go writes one; `nil` for anything else.
  static func integer(_ bytes: [UInt8]) -> (isNegative: Bool, magnitude: UInt64)? {
    var digits = bytes[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    var radix = 10
    if digits.first == UInt8(ascii: "0"), digits.count > 1 {
      switch digits.dropFirst().first.map({ $0 | 0x20 }) {
      case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst(2))
      case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst(2))
      case UInt8(ascii: "o"): (radix, digits) = (8, digits.dropFirst(2))
      default: (radix, digits) = (8, digits.dropFirst())
      }
    }
    guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
      let magnitude = UInt64(String(decoding: digits, as: UTF8.self), radix: radix),
      !isNegative || magnitude <= 1 << 63
    else { return nil }
    return (isNegative, magnitude)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and not too large.
  private static func isDecimal(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    func dropDigits() -> Int {
      let digits = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(digits)
      return digits
    }
    func dropSign() {
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    }
    dropSign()
    let whole = dropDigits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard dropDigits() + whole > 0 else { return false }
    } else if whole == 0 {
      return false
    }
    if rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      dropSign()
      guard dropDigits() > 0 else { return false }
    }
    return rest.isEmpty && Double(String(decoding: bytes, as: UTF8.self))?.isFinite != false
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
