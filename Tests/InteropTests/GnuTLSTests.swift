import TestSupport
import Testing

/// GnuTLS's verdict on certificates and keys.
@Suite(.timeLimit(.minutes(20)))
struct GnuTLSTests {
  @Test(arguments: Algorithm.quick)
  func `each leaf verifies under its CA, for what it is and for its names`(
    algorithm: Algorithm
  ) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all {
      for usage in leaf.usages {
        let outcome = try await verify(leaf, of: tree, as: usage)
        #expect(outcome.status == 0, "\(leaf.name), \(usage): \(outcome.stdout)")
      }
      for name in leaf.names {
        let outcome = try await verify(leaf, of: tree, as: .server, options: ["--verify-hostname", name])
        #expect(outcome.status == 0, "\(leaf.name), \(name): \(outcome.stdout)")
      }
    }
  }

  @Test(arguments: Algorithm.quick)
  func `each leaf is refused under the other CAs`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all {
      for other in Authority.allCases where other != leaf.authority {
        let outcome = try await verify(leaf, of: tree, under: other, as: leaf.usages[0])
        #expect(outcome.status == 1, "\(leaf.name) under \(other)")
        #expect(outcome.stdout.contains("The certificate issuer is unknown"), "\(outcome.stdout)")
      }
    }
  }

  @Test(arguments: Algorithm.quick)
  func `each leaf is refused for what it is not`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all where leaf.usages.count == 1 {
      let outcome = try await verify(leaf, of: tree, as: leaf.usages == [.server] ? .client : .server)
      #expect(outcome.status == 1, "\(leaf.name)")
      #expect(outcome.stdout.contains("does not match the intended purpose"), "\(outcome.stdout)")
    }
    for leaf in Leaf.files where leaf.usages.contains(.server) {
      let outcome = try await verify(
        leaf, of: tree, as: .server, options: ["--verify-hostname", "example.com"])
      #expect(outcome.status == 1, "\(leaf.name)")
      #expect(outcome.stdout.contains("does not match the expected"), "\(outcome.stdout)")
    }
  }

  @Test(arguments: Algorithm.quick)
  func `each key is read, and is its certificate's`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for name in Authority.allCases.map(\.rawValue) + Leaf.all.map(\.name) {
      let ofKey = try await publicKey("--load-privkey", tree.key(name))
      let ofCertificate = try await publicKey("--infile", tree.certificate(name))
      #expect(!ofKey.isEmpty && ofKey == ofCertificate, "\(name): key and certificate are not a pair")
    }
    let published = try text(of: tree.directory.path("pki/sa.pub"))
    #expect(try await publicKey("--load-privkey", tree.key("sa")) == published)
  }

  private func verify(
    _ leaf: Leaf, of tree: Tree, under authority: Authority? = nil, as usage: Usage, options: [String] = []
  ) async throws -> Outcome {
    try await run(
      Judges.certtool,
      [
        "--verify", "--load-ca-certificate", tree.certificate((authority ?? leaf.authority).rawValue),
        "--infile", tree.certificate(leaf.name), "--verify-profile", "medium", "--verify-purpose",
        usage.objectIdentifier,
      ] + options)
  }

  /// The public key in PEM, without the description before it.
  private func publicKey(_ option: String, _ path: String) async throws -> String {
    let outcome = try await run(Judges.certtool, ["--pubkey-info", option, path])
    try #require(outcome.status == 0, "\(path): \(outcome.stderr)")
    let pem = outcome.stdout.ranges(of: "-----BEGIN PUBLIC KEY-----").first
    return pem.map { String(outcome.stdout[$0.lowerBound...]) } ?? ""
  }
}

extension Usage {
  fileprivate var objectIdentifier: String {
    switch self {
    case .server: "1.3.6.1.5.5.7.3.1"
    case .client: "1.3.6.1.5.5.7.3.2"
    }
  }
}
