import TestSupport
import Testing

/// OpenSSL's verdict on certificates and keys.
@Suite(.timeLimit(.minutes(20)))
struct OpenSSLTests {
  @Test(arguments: Algorithm.allCases)
  func `each leaf verifies under its CA, for what it is and for every name it needs`(
    algorithm: Algorithm
  ) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all {
      for usage in leaf.usages {
        let outcome = try await verify(leaf, of: tree, as: usage)
        #expect(outcome.status == 0, "\(leaf.name), \(usage): \(outcome.stderr)")
      }
      let questions =
        leaf.hosts.map { ["-verify_hostname", $0] } + leaf.addresses.map { ["-verify_ip", $0] }
      for question in questions {
        let outcome = try await verify(leaf, of: tree, as: .server, options: question)
        #expect(outcome.status == 0, "\(leaf.name), \(question): \(outcome.stderr)")
      }
    }
  }

  @Test(arguments: Algorithm.quick)
  func `each leaf is refused under the other CAs`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all {
      for other in Authority.allCases where other != leaf.authority {
        let outcome = try await verify(leaf, of: tree, under: other, as: leaf.usages[0])
        #expect(outcome.status == 2, "\(leaf.name) under \(other)")
        #expect(outcome.stderr.contains("unable to get local issuer certificate"), "\(outcome.stderr)")
      }
    }
  }

  @Test(arguments: Algorithm.quick)
  func `each leaf is refused for what it is not`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for leaf in Leaf.all where leaf.usages.count == 1 {
      let outcome = try await verify(leaf, of: tree, as: leaf.usages == [.server] ? .client : .server)
      #expect(outcome.status == 2, "\(leaf.name)")
      #expect(outcome.stderr.contains("unsuitable certificate purpose"), "\(outcome.stderr)")
    }
    for leaf in Leaf.files where leaf.usages.contains(.server) {
      let outcome = try await verify(
        leaf, of: tree, as: .server, options: ["-verify_hostname", "example.com"])
      #expect(outcome.status == 2, "\(leaf.name)")
      #expect(outcome.stderr.contains("hostname mismatch"), "\(outcome.stderr)")
    }
  }

  @Test(arguments: Algorithm.allCases)
  func `each key is sound, in the traditional form, and its certificate's`(algorithm: Algorithm) async throws
  {
    let tree = try await Trees.made(with: algorithm)
    let label = algorithm.isRSA ? "RSA PRIVATE KEY" : "EC PRIVATE KEY"
    for name in Authority.allCases.map(\.rawValue) + Leaf.all.map(\.name) + ["sa"] {
      let check = try await openssl("pkey", "-check", "-noout", "-in", tree.key(name))
      #expect(
        check.status == 0 && check.stdout == "Key is valid\n", "\(name): \(check.stdout)\(check.stderr)")
      let pem = try text(of: tree.key(name))
      #expect(
        pem.hasPrefix("-----BEGIN \(label)-----\n") && pem.hasSuffix("-----END \(label)-----\n"), "\(name)")
      let ofKey = try await openssl("pkey", "-pubout", "-in", tree.key(name)).stdout
      let published =
        name == "sa"
        ? try text(of: tree.directory.path("pki/sa.pub"))
        : try await openssl("x509", "-pubkey", "-noout", "-in", tree.certificate(name)).stdout
      #expect(!ofKey.isEmpty && published == ofKey, "\(name): key and certificate are not a pair")
    }
  }

  @Test(arguments: Algorithm.allCases)
  func `no key serves twice`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    let names = Authority.allCases.map(\.rawValue) + Leaf.all.map(\.name) + ["sa"]
    let keys = try Set(names.map { try text(of: tree.key($0)) })
    #expect(keys.count == 15)
  }

  private func verify(
    _ leaf: Leaf, of tree: Tree, under authority: Authority? = nil, as usage: Usage, options: [String] = []
  ) async throws -> Outcome {
    let root = tree.certificate((authority ?? leaf.authority).rawValue)
    return try await run(
      Judges.openssl,
      ["verify", "-x509_strict", "-purpose", "ssl\(usage)", "-CAfile", root] + options
        + [tree.certificate(leaf.name)])
  }

  private func openssl(_ arguments: String...) async throws -> Outcome {
    try await run(Judges.openssl, arguments)
  }
}
