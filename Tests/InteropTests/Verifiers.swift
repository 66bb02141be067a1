import FoundationEssentials
import TestSupport
import Testing

/// All verifiers, on all leaves of one tree.
struct Verifiers {
  let maker: Maker
  let tree: Tree

  /// OpenSSL, strictly, at a moment; leaves bring along what follows them in their files.
  ///
  /// - Parameter error: what is said of every leaf instead.
  func expectOpenSSL(at moment: Date, says error: String?) async throws {
    let groups = Dictionary(grouping: usages) { leaf, usage in
      [maker.anchor(of: leaf, in: tree), tree.certificate(leaf.authority.rawValue), "ssl\(usage)"]
    }
    for (group, members) in groups {
      let files = members.map { tree.certificate($0.0.name) }
      let arguments = ["-CAfile", group[0], "-untrusted", files[0], "-purpose", group[2]] + files
      let outcome = try await run(
        "env", clock(moment) + [Judges.openssl, "verify", "-x509_strict"] + arguments)
      if let error {
        #expect(outcome.status == 2 && outcome.stdout.isEmpty, "\(group)")
        #expect(
          outcome.stderr.ranges(of: "at 0 depth lookup: \(error)").count == files.count, "\(outcome.stderr)")
      } else {
        #expect(outcome == Outcome(status: 0, stdout: files.map { "\($0): OK\n" }.joined()))
      }
    }
  }

  /// GnuTLS at a moment.
  func expectGnuTLS(at moment: Date) async throws {
    for (leaf, usage) in usages {
      let outcome = try await run(
        "env",
        clock(moment) + [
          Judges.certtool, "--verify", "--load-ca-certificate", maker.anchor(of: leaf, in: tree), "--infile",
          tree.certificate(leaf.name), "--verify-profile", "medium", "--verify-purpose",
          usage == .server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2",
        ])
      #expect(outcome.status == 0, "\(leaf.name), \(usage): \(outcome.stdout)\(outcome.stderr)")
    }
  }

  /// Go and Python's cryptography when the tree was made, for every name; and they say why when they should not accept.
  func expectGoAndPython() async throws {
    let questions = maker.leaves.flatMap {
      Question.rightful(about: $0, of: tree) + Question.wrongful(about: $0, of: tree)
    }
    try await Question.ask(questions, of: Judges.goVerify, phrases: Question.goPhrases)
    try await Question.ask(
      questions, of: Judges.python, [Judges.pythonVerify], phrases: Question.pythonPhrases)
  }

  /// Each key is OpenSSL's idea of a sound one, and its certificate's.
  func expectPairs() async throws {
    for leaf in maker.leaves {
      let (key, certificate) = (tree.key(leaf.name), tree.certificate(leaf.name))
      let check = try await run(Judges.openssl, ["pkey", "-check", "-pubout", "-in", key])
      let published = try await run(Judges.openssl, ["x509", "-pubkey", "-noout", "-in", certificate])
      #expect(check.status == 0 && published.status == 0, "\(leaf.name): \(check)")
      #expect(check.stdout == "Key is valid\n" + published.stdout, "\(leaf.name)")
    }
  }

  private var usages: [(Leaf, Usage)] { maker.leaves.flatMap { leaf in leaf.usages.map { (leaf, $0) } } }
}
