import FoundationEssentials
import TestSupport
import Testing

/// What may reach seeded keys.
struct RandomSourceTests {
  @Test func `only the fixtures name the seeded generator`() throws {
    let sources = Judges.repository + "/Sources"
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter { $0.hasSuffix(".swift") }
    #expect(files.count > 50)
    for file in files {
      let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
      let isAllowed =
        file.hasPrefix("PKIFixtures/") || file.hasPrefix("OpenSSLX509/Seeded")
      #expect(isAllowed || !text.contains("SeededGenerator("), "\(file)")
      #expect(isAllowed || !text.contains("RandomSource(seed"), "\(file)")
    }
  }

  @Test func `an issuer from outside the library has OpenSSL's randomness`() throws {
    let text = try String(
      contentsOfFile: Judges.repository + "/Sources/KubernetesPKI/Issue/Issuer.swift", encoding: .utf8)
    #expect(text.contains("public init(jobs: Int) { self.init(jobs: jobs, random: .openSSL) }"))
    #expect(text.components(separatedBy: "public init(").count == 2)
  }
}
