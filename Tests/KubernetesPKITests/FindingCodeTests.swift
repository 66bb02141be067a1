import FoundationEssentials
@testable import KubernetesPKI
import TestSupport
import Testing

/// The table of findings, and its page.
struct FindingCodeTests {
  @Test(arguments: FindingCode.allCases)
  func `every code is explained, and the explanation fits into a row`(code: FindingCode) throws {
    let explanation = try #require(code.explanation)
    for text in [explanation.meaning, explanation.breaks, explanation.remedy] {
      #expect(text.hasSuffix(".") && !text.contains("|") && !text.contains("\n"), "\(text)")
    }
    #expect(code.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
  }

  /// The rows are the table itself: whoever adds a code or changes its words finds here what the page has to say.
  @Test func `the page has exactly the rows of the table`() throws {
    let page = try String(contentsOfFile: Judges.repository + "/docs/findings.md", encoding: .utf8)
    let rows = FindingCode.allCases.map { code in
      let explanation = code.explanation
      return [
        "`\(code.rawValue)`", code.severity.rawValue, explanation?.meaning ?? "", explanation?.breaks ?? "",
        explanation?.remedy ?? "",
      ].joined(separator: " | ")
    }
    let lines = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
      String($0.dropFirst(2).dropLast(2))
    }
    #expect(lines == rows)
  }

  @Test func `every finding of the library is one that a tree in these tests has`() throws {
    let directory = Judges.repository + "/Tests/KubernetesPKITests"
    let tests = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
      $0.hasPrefix("Audit")
    }
    .map { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }.joined()
    // Of what a run wants to make of a tree, of every tree, and of fixtures.
    let others: Set<FindingCode> = [.authorityKeyMissing, .detectedStyle, .fixtureChanged]
    for code in FindingCode.allCases where !others.contains(code) {
      #expect(tests.contains(".\(code)"), "\(code)")
    }
  }
}
