import OpenSSLX509
@testable import StructuredText
import Testing

/// YAML as sigs.k8s.io/yaml reads it for Kubernetes' programs.
struct ConfigurationDocumentsTests {
  private func first(_ text: String) throws -> ConfigurationValue {
    try #require(try ConfigurationDocuments.first(SecretBytes(text.utf8)))
  }

  private func problem(_ text: String) -> String? {
    do throws(ConfigurationProblem) {
      _ = try ConfigurationDocuments.first(SecretBytes(text.utf8))
      return nil
    } catch {
      return "\(error.line): \(error.text)"
    }
  }

  @Test(arguments: [
    "1", "0777", "0x1F", "0o7", "0b1", "-0b1", "+1", "-1", "1_000", "1e3", "1.5", ".5", "1.", "089", ".5e1",
    "18446744073709551615", "99999999999999999999", "-9223372036854775808", "!!float 1", "!!int 7",
  ])
  func `these are numbers`(text: String) throws {
    #expect(try first("k: \(text)")["k"]?.kind == "a number")
  }

  @Test(arguments: [
    "12:30:45", "2026-11-21", "1.2.3", "+", "-a", "1e999", "0x", "0xg", "0b2", "1e", "_1", "...", "'1'",
    "\"true\"", "!!str 1", "!!str", "!x 1", "Y es", "nUll", "0x1FFFFFFFFFFFFFFFF", "<<", "=", "!!binary MQ==",
  ])
  func `these are strings`(text: String) throws {
    #expect(try first("k: \(text)")["k"]?.kind == "a string")
  }

  @Test func `words are booleans or nothing`() throws {
    for word in ["y", "Yes", "TRUE", "on", "n", "No", "false", "OFF"] {
      #expect(try first("k: \(word)")["k"]?.kind == "a boolean")
    }
    for word in ["", "~", "null", "Null", "NULL"] {
      #expect(try first("k: \(word)")["k"]?.kind == "nothing")
    }
  }

  @Test func `values become JSON's`() throws {
    let value = try first(
      "a: 0x10\nb: yes\nc: n\nd: 1_0\ne: 1.5\nf: ~\ng: [x]\nh: -5\ni: 18446744073709551615\na: 2")
    #expect(
      JSONValue(value) == [
        "a": 2, "b": true, "c": false, "d": 10, "e": .number(1.5), "f": .null, "g": ["x"], "h": -5,
        "i": .number(18_446_744_073_709_551_616),
      ])
  }

  @Test func `the last field of a name counts, and none moves another's place`() throws {
    let value = try first("{a: 1, b: 2, a: 3, \"a\": 4}\n")
    #expect(value.members.map(\.name) == ["a", "b", "a", "a"])
    #expect(value.members.map(\.isOverridden) == [true, false, true, false])
    #expect(value.members.map(\.column) == [2, 8, 14, 20])
    #expect(value.members.map(\.value.column) == [5, 11, 17, 25])
    guard case .number("4") = value["a"]?.content else { Issue.record("\(value)"); return }
  }

  @Test(arguments: [
    ("x: &x {a: 1}\ny: {<<: *x, b: 2}", "a", "1"),
    ("x: &x {a: 1}\ny: {<<: *x, a: 2}", "a", "2"),
    // go-yaml v2 goes by the order.
    ("x: &x {a: 1}\ny: {a: 2, <<: *x}", "a", "1"),
    ("x: &x {a: 1}\nz: &z {a: 3}\ny: {<<: [*x, *z]}", "a", "1"),
    ("y: {'<<': 5}", "<<", "5"),
  ])
  func `merge keys give an object the fields of others`(text: String, field: String, expected: String) throws
  {
    guard case .number(expected) = try first(text)["y"]?[field]?.content else {
      Issue.record("\(text)")
      return
    }
  }

  @Test func `what is overridden in a merged object leaves no trace`() throws {
    let value = try first("x: &x {a: 1, b: 1}\ny: {<<: *x, a: 2}")
    #expect(value["y"]?.members.map(\.name) == ["b", "a"])
    #expect(value["y"]?.members.contains { $0.isOverridden } == false)
  }

  @Test func `the first document is read, whatever follows it`() throws {
    #expect(try first("a: 1\n---\nb: [").member("a") != nil)
    #expect(try first("a: 1\n---\n").member("a") != nil)
    #expect(try first("a: 1\n...\nx").member("a") != nil)
    #expect(try first("---\n---\na: 1").kind == "nothing")
    #expect(try ConfigurationDocuments.first(SecretBytes("# a".utf8)) == nil)
    #expect(try ConfigurationDocuments.read(SecretBytes("a: 1\n---\n---\nb: 2\n".utf8)).count == 2)
  }

  @Test(arguments: [
    ("a: [", "2: it is not YAML: did not find expected node content"),
    ("~: a", "1: a field has no name"), ("? [a]\n: b", "1: a field's name is no text"),
    ("a: .inf", "1: .inf is a number that JSON does not have"),
    ("a: !!int b", "1: a value is not what its tag says"),
    ("a: !!null b", "1: a value is not what its tag says"),
    ("a: !!binary '!'", "1: a !!binary value is not base64"),
    ("\n<<: a", "2: a merge key needs an object, or a list of objects"),
    ("<<: [{a: b}, c]", "1: a merge key needs an object, or a list of objects"),
    ("%YAML 1.2\n---\na: b", "1: it is not YAML: it declares another version than 1.1"),
    ("'': a\n'': b", #"1: "" stands twice"#), (#""\x61": a"# + "\na: b", #"1: "a" stands twice"#),
  ])
  func `what Kubernetes does not read is an error`(text: String, expected: String) {
    #expect(problem(text) == expected)
  }

  @Test func `nothing grows without end`() {
    #expect(problem(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)) != nil)
    #expect(problem("a: &a b\nc: [\(Array(repeating: "*a", count: 33).joined(separator: ","))]") != nil)
    #expect(problem((0..<70).map { _ in "a: b\n" }.joined()) == "1: more than 64 of its fields stand twice")
    let doubled = (1...15).reduce("x0: &x0 [a]\n") {
      $0 + "x\($1): &x\($1) [*x\($1 - 1), *x\($1 - 1)]\n"
    }
    #expect(problem(doubled) == nil)
    let multiplied = (1...3).reduce("x0: &x0 [a]\n") {
      $0 + "x\($1): &x\($1) [\(Array(repeating: "*x\($1 - 1)", count: 10).joined(separator: ","))]\n"
    }
    #expect(problem(multiplied) == nil)
  }

  @Test func `a value changes at a path, and nowhere else`() throws {
    let value = try first("a: [{b: c}, {b: c}]\nd: e")
    let changed = try #require(value.setting([.field("a"), .element(1), .field("b")], to: "x"))
    #expect(JSONValue(changed) == ["a": [["b": "c"], ["b": "x"]], "d": "e"])
    let same = try first("\na: [{b: c}, {'b': c}]\n\nd:  e")
    #expect(!changed.saysTheSame(as: value) && value.saysTheSame(as: same))
    #expect(value.setting([.field("a"), .element(2)], to: "x") == nil)
    #expect(value.setting([.field("b")], to: "x") == nil && value.setting([.element(0)], to: "x") == nil)
  }

  @Test func `UTF-16 is read where it has its mark`() throws {
    let units = Array("a: é😀".utf16)
    let low: [UInt8] = [0xff, 0xfe] + units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    let high: [UInt8] = [0xfe, 0xff] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    for bytes in [low, high] {
      #expect(try ConfigurationDocuments.first(SecretBytes(bytes))?.string("a") == "é😀")
      #expect(EncodedText(SecretBytes(bytes.dropLast())) == nil)
    }
    #expect(EncodedText(SecretBytes(low))?.encoding == .utf16LittleEndian)
    #expect(EncodedText(SecretBytes([0xff, 0xfe, 0x00, 0xd8])) == nil)
    #expect(EncodedText(SecretBytes([0xe9])) == nil)
    let marked = EncodedText(SecretBytes("\u{feff}a".utf8))
    #expect(marked?.hasMark == true && marked?.string == "a")
  }
}
