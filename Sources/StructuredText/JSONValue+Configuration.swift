extension JSONValue {
  /// The value of a configuration file in JSON, as sigs.k8s.io/yaml makes it: of fields that stand twice, the last.
  package init(_ value: ConfigurationValue) {
    switch value.content {
    case .null: self = .null
    case .string(let text): self = .string(text)
    case .boolean(let word): self = .bool(YAMLScalar.isTrue(word))
    case .number(let text): self = Self.number(text)
    case .list(let values): self = .array(values.map(JSONValue.init))
    case .object(let members):
      self = .object(
        Dictionary(
          members.filter { !$0.isOverridden }.map { ($0.name, JSONValue($0.value)) }, uniquingKeysWith: { $1 }
        ))
    }
  }

  private static func number(_ text: String) -> JSONValue {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
    if let (isNegative, magnitude) = YAMLScalar.integer(digits) {
      if magnitude <= Int.max { return .integer(isNegative ? -Int(magnitude) : Int(magnitude)) }
      return .number(isNegative ? -Double(magnitude) : Double(magnitude))
    }
    return Double(String(decoding: digits, as: UTF8.self)).map { .number($0) } ?? .string(text)
  }
}
