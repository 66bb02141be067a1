import FoundationEssentials
@testable import KubernetesPKI
import TestSupport
import Testing

/// The table of findings, and its page.
struct FindingCodeTests {
  @Test(arguments: FindingCode.allCases)
  func `a code is lower case`(code: FindingCode) {
    #expect(code.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
  }

  @Test func `every finding of the library is one that a tree in these tests has`() throws {
    let directory = Judges.repository + "/Tests/KubernetesPKITests"
    let tests = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
      $0.hasPrefix("Audit") || $0.hasPrefix("Rotation")
    }
    .map { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }.joined()
    // Of what a run wants to make of a tree, of every tree, and of fixtures.
    let others: Set<FindingCode> = [.caKeyMissing, .irreplaceableFile, .detectedStyle, .fixtureChanged]
    for code in FindingCode.allCases where !others.contains(code) {
      #expect(tests.contains(".\(code)"), "\(code)")
    }
  }
}
