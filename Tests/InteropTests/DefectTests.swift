import FoundationEssentials
import TestSupport
import Testing

/// What the verifiers really say of fixtures, good and broken, compared with what the manifest says they say.
@Suite(.timeLimit(.minutes(20)))
struct DefectTests {
  private static let made = Task { try await FixtureTree() }

  @Test func `every defect of the catalogue is there, with what is wrong, which file and who says what`()
    async throws
  {
    let set = try await Self.made.value
    #expect(set.manifest.defects.count == 45)
    for defect in set.manifest.defects {
      #expect(!defect.summary.isEmpty && defect.verdicts.verify != nil, "\(defect.name)")
      let faulty = set.manifest.files.first { $0.path == defect.path }
      #expect(faulty?.defect == defect.name, "\(defect.name)")
      #expect(
        set.manifest.files.allSatisfy {
          $0.defect != defect.name || $0.path.hasPrefix(defect.directory + "/")
        })
    }
  }

  @Test func `Go says what the table says`() async throws {
    let set = try await Self.made.value
    try await set.ask(Judges.goVerify, []) { $0.go }
  }

  @Test func `Python's cryptography says what the table says`() async throws {
    let set = try await Self.made.value
    try await set.ask(Judges.python, [Judges.pythonVerify]) { $0.python }
  }

  @Test func `OpenSSL says what the table says`() async throws {
    let set = try await Self.made.value
    for file in set.asked {
      let question = try #require(file.question)
      let leaf = set.directory.path(question.certificate)
      var arguments = ["verify", "-x509_strict", "-purpose", "ssl\(question.usage)"]
      if let host = question.host {
        arguments += [host.allSatisfy { $0.isNumber || $0 == "." } ? "-verify_ip" : "-verify_hostname", host]
      }
      arguments += ["-CAfile", set.directory.path(question.authority), "-untrusted", leaf, leaf]
      let outcome = try await run(Judges.openssl, arguments)
      expect(file.verdicts?.openssl, outcome, of: file)
    }
  }

  @Test func `GnuTLS says what the table says`() async throws {
    let set = try await Self.made.value
    for file in set.asked {
      let question = try #require(file.question)
      var arguments = [
        "--verify", "--load-ca-certificate", set.directory.path(question.authority), "--infile",
        set.directory.path(question.certificate), "--verify-profile", "medium", "--verify-purpose",
        question.usage == "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2",
      ]
      if let host = question.host { arguments += ["--verify-hostname", host] }
      let outcome = try await run(Judges.certtool, arguments)
      expect(file.verdicts?.gnutls, outcome, of: file)
    }
  }

  @Test func `pkigen verify says what the table says, and nothing else`() async throws {
    let set = try await Self.made.value
    #expect(try await set.findings(in: set.directory.path("clusters/good")) == [])
    for defect in set.manifest.defects {
      let verdict = try #require(defect.verdicts.verify)
      let tree = try TemporaryDirectory()
      for part in [defect.cluster, defect.directory] {
        let copy = try await run("cp", ["-r", set.directory.path(part) + "/.", tree.path])
        try #require(copy.status == 0, "\(copy.stderr)")
      }
      let codes = try await set.findings(in: tree.path)
      #expect(codes.joined(separator: ", ") == verdict.reason ?? "", "\(defect.name)")
      #expect(codes.isEmpty == verdict.accepted, "\(defect.name)")
    }
  }

  private func expect(_ verdict: FixtureTree.Verdict?, _ outcome: Outcome, of file: FixtureTree.File) {
    #expect((outcome.status == 0) == verdict?.accepted, "\(file.path): \(outcome)")
    if let reason = verdict?.reason {
      #expect((outcome.stdout + outcome.stderr).contains(reason), "\(file.path): \(outcome)")
    }
  }
}
