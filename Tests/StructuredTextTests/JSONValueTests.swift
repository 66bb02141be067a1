import StructuredText
import Testing

/// Objects as YAML: what a reader of YAML 1.1, as kubectl's is, could take for something else is quoted.
struct JSONValueTests {
  @Test(arguments: [
    "a", "a:b", "system:node:w1", "it's", "x#y", "/etc/kubernetes", "--flag=a", "LS0tLS1C", "é", "a b",
    "Yes, sir",
  ])
  func `what every parser reads as a text is plain`(text: String) throws {
    #expect(try JSONValue.string(text).yaml() == "\(text)\n")
  }

  @Test(arguments: [
    "1", "0777", "0o7", "0x10", "1e3", "12e45", "1.5", ".5", "1_000", "0b1", "12:30:45", "2026-11-21", "true",
    "Yes", "y",
    "N", "on", "OFF", "null", "~", ".inf", ".nan", "+1", "-1", "<<", "=", "", " a", "-", "--", "--1", "_",
    "10001",
    "2026-11-21T08:00:00Z",
  ])
  func `what some reader takes for something else is quoted`(text: String) throws {
    #expect(try JSONValue.string(text).yaml() == "\"\(text)\"\n")
    let read = try JSONValue.documents(in: try (["k": .string(text)] as JSONValue).yaml())
    #expect(read == [["k": .string(text)]])
  }

  @Test(arguments: [
    "a: b", "@a", "a #b", "[a]", "{a}", "*a", "&a", "!a", "|", "a\nb\n", "\t", "a\tb\nc", "\u{7f}",
    "\u{1b}[2J", "\"", "\\",
  ])
  func `what has a meaning in YAML comes out as it went in`(text: String) throws {
    let object: JSONValue = [
      text.isEmpty ? "k" : text: .string(text), "list": [.string(text), .string(text)],
    ]
    #expect(try JSONValue.documents(in: object.yaml()) == [object])
  }

  @Test func `objects are sorted, and lists stand at their owner's indent`() throws {
    let object: JSONValue = [
      "b": ["x", ["z": 1]], "a": true, "c": [:], "d": [], "e": .null, "f": .number(1.5),
    ]
    #expect(
      try object.yaml() == """
        a: true
        b:
        - x
        - z: 1
        c: {}
        d: []
        e: null
        f: 1.5

        """)
    #expect(try JSONValue.documents(in: object.yaml()) == [object])
    #expect(try JSONValue.yaml([["a": 1], ["b": 2]]) == "a: 1\n---\nb: 2\n")
  }

  @Test func `plain words have the types of YAML, and quoted ones are texts`() throws {
    let text = "{a: 1, b: '1', c: yes, d: \"yes\", e: ~, f: 1.5, g: 2026-11-21, h: 0x10, i: !!str 1}"
    #expect(
      try JSONValue.documents(in: text) == [
        [
          "a": 1, "b": "1", "c": true, "d": "yes", "e": .null, "f": .number(1.5), "g": "2026-11-21", "h": 16,
          "i": "1",
        ]
      ])
  }

  @Test(arguments: ["a: [", "a: 1\na: 2", "*a", "? [a]\n: b", "a: \u{1}"])
  func `what is no YAML is refused`(text: String) {
    #expect(throws: JSONValue.Problem.self) { try JSONValue.documents(in: text) }
  }
}
