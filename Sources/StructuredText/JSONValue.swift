internal import FoundationEssentials

/// A value as JSON has them: what an object of the Kubernetes API consists of, fields that pkigen knows and others alike.
package enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Members by name.
  case object([String: JSONValue])

  /// The text, where it is one.
  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The elements, where it is a list.
  package var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members, where it is an object.
  package var object: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The member of this name, where it is an object and has it; setting one makes an object of anything else.
  package subscript(name: String) -> JSONValue? {
    get { object?[name] }
    set {
      var members = object ?? [:]
      members[name] = newValue
      self = .object(members)
    }
  }
}

extension JSONValue {
  /// The objects of a list as kubectl prints it; of anything else, itself.
  package var listedObjects: [JSONValue] {
    self["kind"]?.string?.hasSuffix("List") == true ? self["items"]?.array ?? [] : [self]
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  package init(stringLiteral value: String) { self = .string(value) }

  /// A number.
  package init(integerLiteral value: Int) { self = .integer(value) }

  /// `true` or `false`.
  package init(booleanLiteral value: Bool) { self = .bool(value) }

  /// A list.
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// An object.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension JSONValue {
  /// The value that JSON makes of another.
  ///
  /// - Throws: ``Problem`` when JSON cannot write it.
  package init(encoding value: some Encodable) throws(Problem) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    } catch {
      throw Problem("JSON cannot write it")
    }
  }
}

extension JSONValue: Codable {
  /// Reads any JSON.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      // A decoder shows the kind of a JSON value only by refusing the other kinds.
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Writes the value as what it is.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
