import FoundationEssentials
import KubernetesPKI
import TestSupport
import Testing
@testable import pkigen

/// The table of findings in words, and its page.
struct FindingPageTests {
  @Test(arguments: FindingCode.allCases)
  func `every code is explained, and the explanation fits into a row`(code: FindingCode) throws {
    let explanation = try #require(code.explanation)
    for text in [explanation.meaning, explanation.breaks, explanation.remedy] {
      #expect(text.hasSuffix(".") && !text.contains("|") && !text.contains("\n"), "\(text)")
    }
  }

  /// The rows are the table itself: a changed code or text shows here what the page has to say.
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
}
