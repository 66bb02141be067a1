import StructuredText
import Testing

/// Several documents in one text.
struct YAMLDocumentsTests {
  @Test func `a torn document after whole ones is an error, and not the end`() {
    let text = "a: 1\n---\nb: 2\n---\nc: [\n"
    #expect(throws: JSONValue.Problem.self) { try JSONValue.documents(in: text) }
    let (nodes, problem) = JSONValue.nodes(in: text)
    #expect(nodes.count == 2 && problem?.text.hasPrefix("it is not YAML: line 6: ") == true)
  }

  @Test func `whole documents come in order`() throws {
    #expect(try JSONValue.documents(in: "a: 1\n---\nb: x\n") == [["a": 1], ["b": "x"]])
    #expect(JSONValue.nodes(in: "a: 1\n").problem == nil)
  }
}
