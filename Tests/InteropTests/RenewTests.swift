import FoundationEssentials
import TestSupport
import Testing

/// What the verifiers say of trees of many makers that pkigen has renewed, before their leaves had ended and after.
@Suite(.timeLimit(.minutes(20)))
struct RenewTests {
  /// A day before the leaves end, and a day after those have ended that were made then.
  private static let renewals: [Double] = [364, 364 + 366]

  @Test(arguments: Maker.allCases)
  func `renewed leaves are the successors of the old ones, and every verifier accepts them for a year`(
    maker: Maker
  ) async throws {
    let directory = try await maker.make()
    let soundness = try await verify(directory, at: Maker.instant)
    var previous = try Tree(copyOf: directory, at: Maker.instant)
    for days in Self.renewals {
      let moment = Maker.instant.adding(days: days)
      let outcome = try await renew(directory, "all", at: moment)
      try #require(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
      let tree = try Tree(copyOf: directory, at: moment)
      try await Succession.expect(maker.leaves, of: tree, after: previous)
      try await expectAcceptance(maker, tree, at: moment)
      try await #expect(verify(directory, at: moment).status == soundness.status)
      previous = tree
    }
  }

  /// For what they are and for nothing else, and not a day after their end.
  private func expectAcceptance(_ maker: Maker, _ tree: Tree, at moment: Date) async throws {
    let judges = Verifiers(maker: maker, tree: tree)
    try await judges.expectOpenSSL(at: moment, says: nil)
    try await judges.expectOpenSSL(at: moment.adding(days: 364), says: nil)
    try await judges.expectOpenSSL(at: moment.adding(days: 366), says: "certificate has expired")
    try await judges.expectGoAndPython()
    // The others have time for one of the two.
    guard moment == Maker.instant.adding(days: Self.renewals[1]) else { return }
    try await judges.expectGnuTLS(at: moment)
    try await judges.expectPairs()
  }

  private func renew(_ directory: TemporaryDirectory, _ arguments: String..., at moment: Date) async throws
    -> Outcome
  {
    try await run("env", clock(moment) + [Pkigen.path, "renew", "-d", directory.path] + arguments)
  }

  private func verify(_ directory: TemporaryDirectory, at moment: Date) async throws -> Outcome {
    try await run("env", clock(moment) + [Pkigen.path, "verify", "-d", directory.path])
  }

  @Test(arguments: [Maker.documentedP256, .openSSLDocumentation, .kubeadm, .company])
  func `SANs that are added or stay are accepted, and SANs that are dropped are not`(maker: Maker)
    async throws
  {
    let directory = try await maker.make()
    let moment = Maker.instant.adding(days: 400)
    let outcome = try await renew(
      directory, "all", "-q", "--apiserver-san", "k8s.example.com,192.0.2.7", "--advertise-ip", "10.0.0.11",
      "--control-plane-endpoint", "lb.example.com:6443", "--etcd-server-san", "etcd.example.com",
      "--drop-san",
      Leaf.advertiseAddress, at: moment)
    #expect(outcome.status == 0 && outcome.stdout.isEmpty)
    let tree = try Tree(copyOf: directory, at: moment)
    let leaves = maker.leaves.filter { $0.usages.contains(.server) }.map { leaf in
      var leaf = leaf
      leaf.addresses = leaf.addresses.map { $0 == Leaf.advertiseAddress ? "10.0.0.11" : $0 }
      if leaf.name == "apiserver" {
        leaf.hosts += ["k8s.example.com", "lb.example.com"]
        leaf.addresses.append("192.0.2.7")
      }
      if leaf.name == "etcd/server" { leaf.hosts.append("etcd.example.com") }
      return leaf
    }
    var questions = leaves.flatMap { Question.rightful(about: $0, of: tree) }
    for leaf in leaves {
      var question = try #require(Question.rightful(about: leaf, of: tree).first)
      question.name = Leaf.advertiseAddress
      question.flaw = .name
      questions.append(question)
    }
    try await Question.ask(questions, of: Judges.goVerify, phrases: Question.goPhrases)
    try await Question.ask(
      questions, of: Judges.python, [Judges.pythonVerify], phrases: Question.pythonPhrases)
    guard maker == .company else { return }
    let names = try await CertificateText(tree.certificate("apiserver")).extensions[
      "Subject Alternative Name"]
    #expect(
      names?.hasSuffix(
        "email:pki@example.com, URI:spiffe://example.com/kube-apiserver, Registered ID:1.3.6.1.4.1.99999.3")
        == true)
  }

  @Test(arguments: Algorithm.allCases)
  func `the kind of key stays, whatever it is, and so does the key where that is asked for`(
    algorithm: Algorithm
  ) async throws {
    let original = try await Trees.made(with: algorithm)
    let directory = try original.directory.copy()
    let leaves = Leaf.all.filter { ["front-proxy-client", "scheduler.conf"].contains($0.name) }
    let later = original.made.upperBound.adding(days: 1)
    #expect(try await renew(directory, "scheduler", "front-proxy-client", "-q", at: later).status == 0)
    let renewed = try Tree(copyOf: directory, at: later)
    try await Succession.expect(leaves, of: renewed, after: original)
    let latest = later.adding(days: 1)
    let again = try await renew(
      directory, "scheduler", "front-proxy-client", "-q", "--reuse-key", at: latest)
    #expect(again == Outcome(status: 0))
    try await Succession.expect(
      leaves, of: Tree(copyOf: directory, at: latest), after: renewed, keepingKeys: true)
  }

  @Test(arguments: [Maker.documentedP256, .openSSLDocumentation, .kubeadm])
  func `after ten years the CAs have ended, and nothing is changed`(maker: Maker) async throws {
    let directory = try await maker.make()
    let before = try Tree(copyOf: directory, at: Maker.instant)
    let moment = Maker.instant.adding(days: 3650).addingTimeInterval(1)
    let outcome = try await renew(directory, "all", at: moment)
    #expect(outcome.status == 1 && outcome.stdout == "Nothing was changed.\n", "\(outcome)")
    #expect(outcome.stderr.ranges(of: "error: cannot renew ").count == 3)
    #expect(outcome.stderr.ranges(of: " expired at 2037-01-12T07:00:00Z").count == 3, "\(outcome.stderr)")
    for leaf in maker.leaves {
      let path = leaf.name.hasSuffix(".conf") ? leaf.name : "pki/\(leaf.name).crt"
      #expect(try text(of: directory.path(path)) == text(of: before.directory.path(path)))
    }
    // A day before, what is renewed ends with them.
    let last = try await renew(directory, "all", "-q", at: moment.adding(days: -1))
    #expect(last.status == 0 && last.stderr.ranges(of: " will be valid only until ").count == 3)
    let tree = try Tree(copyOf: directory, at: moment.adding(days: -1))
    let judges = Verifiers(maker: maker, tree: tree)
    try await judges.expectOpenSSL(at: moment.addingTimeInterval(-2), says: nil)
    try await judges.expectOpenSSL(at: moment, says: "certificate has expired")
  }

  @Test func `after ten years CAs that live longer still sign, for ten years more if asked`()
    async throws
  {
    let directory = try await Maker.documentedP256.make("--ca-validity", "30y")
    let moment = Maker.instant.adding(days: 3650)
    let outcome = try await renew(directory, "all", "--validity", "10y", at: moment)
    try #require(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
    let judges = Verifiers(maker: .documentedP256, tree: try Tree(copyOf: directory, at: moment))
    try await judges.expectGnuTLS(at: moment)
    try await judges.expectOpenSSL(at: moment.adding(days: 3649), says: nil)
    try await judges.expectOpenSSL(at: moment.adding(days: 3651), says: "certificate has expired")
  }

  /// RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. Lifetimes begin five minutes early.
  @Test(arguments: [Maker.openSSLDocumentation, .company])
  func `years up to 2049 are written in two digits, and later ones in four`(maker: Maker) async throws {
    let newYear = Date(timeIntervalSince1970: 2_524_608_000)
    let directory = try await maker.make(at: newYear.adding(days: -200))
    for (minutes, kinds) in [
      (-2.0, ["UTCTIME", "GENERALIZEDTIME"]), (6, ["GENERALIZEDTIME", "GENERALIZEDTIME"]),
    ] {
      let moment = newYear.addingTimeInterval(minutes * 60)
      #expect(try await renew(directory, "all", "-q", at: moment) == Outcome(status: 0))
      let tree = try Tree(copyOf: directory, at: moment)
      for leaf in maker.leaves {
        let parsed = try await run(Judges.openssl, ["asn1parse", "-in", tree.certificate(leaf.name)])
        let times = parsed.stdout.matches(of: #/prim: (UTCTIME|GENERALIZEDTIME)/#).map { String($0.1) }
        #expect(times == kinds, "\(leaf.name) \(minutes) minutes after 2050 began")
      }
      let judges = Verifiers(maker: maker, tree: tree)
      try await judges.expectOpenSSL(at: moment, says: nil)
      if minutes > 0 { try await judges.expectGnuTLS(at: moment) }
      try await judges.expectGoAndPython()
    }
  }

  @Test func `the verifier of successors finds what differs`() async throws {
    let tree = try await Trees.made(with: .ecdsaP256)
    let other = try await Trees.made(with: .rsa2048)
    func fault(_ old: String, _ new: String, of issuer: String = "ca", in newTree: Tree? = nil) async throws
      -> String
    {
      let question = Succession(
        old: tree.certificate(old), new: (newTree ?? tree).certificate(new),
        issuer: (newTree ?? tree).certificate(issuer), keepsKey: false)
      return try await Succession.ask([question])[0]
    }
    #expect(try await fault("apiserver", "apiserver") == "key, serial number")
    #expect(try await fault("admin.conf", "scheduler.conf") == "subject")
    #expect(try await fault("apiserver", "scheduler.conf") == "subject, extensions")
    let kinds = "extensions, kind of key, signature algorithm"
    #expect(try await fault("scheduler.conf", "scheduler.conf", in: other).hasPrefix(kinds))
    #expect(try await !fault("etcd/peer", "etcd/peer", of: "ca").isEmpty)
  }
}
