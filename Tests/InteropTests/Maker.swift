import FoundationEssentials
import TestSupport
import Testing

/// Who makes trees that are renewed.
enum Maker: CaseIterable, Sendable {
  case documentedRSA, documentedP256, documentedP384, kubeadmStyle
  /// The script of openssl commands, and as documentation has it: PKCS#8, UTF8String, no authority key identifiers.
  case openSSLScript, openSSLDocumentation
  /// kubeadm's own layout and extensions, of now and as they were.
  case kubeadm, oldKubeadm
  /// CAs below a root, names and extensions of all kinds, and chains.
  case company

  /// When all of them make their trees.
  static let instant = Date(timeIntervalSince1970: 1_799_996_400)  // 2027-01-15 07:00:00 UTC

  /// Makes a tree with leaves for a year and CAs for ten.
  ///
  /// - Parameter options: what pkigen is given besides, where it is the maker.
  func make(_ options: String..., at instant: Date = instant) async throws -> TemporaryDirectory {
    switch self {
    case .documentedRSA: try await pkigen(.rsa2048, ["--style", "documented"] + options, at: instant)
    case .documentedP256: try await pkigen(.ecdsaP256, ["--style", "documented"] + options, at: instant)
    case .documentedP384: try await pkigen(.ecdsaP384, ["--style", "documented"] + options, at: instant)
    case .kubeadmStyle: try await pkigen(.ecdsaP256, ["--style", "kubeadm"] + options, at: instant)
    case .openSSLScript: try await OpenSSLTree.asScripted.make(clock(instant))
    case .openSSLDocumentation: try await OpenSSLTree.asDocumented.make(clock(instant))
    case .kubeadm: try await script("v1.36", at: instant)
    case .oldKubeadm: try await script("v1.28", at: instant)
    case .company: try await script("company", at: instant)
    }
  }

  private func pkigen(
    _ algorithm: Algorithm, _ options: [String], at instant: Date
  ) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let outcome = try await run(
      "env",
      clock(instant) + [
        Pkigen.path, "init", "-q", "-d", directory.path, "--node-name", Leaf.nodeName, "--advertise-ip",
        Leaf.advertiseAddress, "--key-algorithm", algorithm.rawValue,
      ] + options)
    try #require(outcome == Outcome(status: 0))
    return directory
  }

  private func script(_ kind: String, at instant: Date) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let outcome = try await run(
      Judges.python, [Judges.kubeadmTree, directory.path, kind, instant.formatted(.iso8601)])
    try #require(outcome == Outcome(status: 0))
    return directory
  }

  /// What is in the trees, as far as verifiers go.
  var leaves: [Leaf] {
    switch self {
    case .documentedRSA, .documentedP256, .documentedP384, .openSSLScript, .openSSLDocumentation: Leaf.all
    case .kubeadmStyle, .kubeadm, .company: Leaf.kubeadm + [Leaf.superAdmin]
    case .oldKubeadm: Leaf.kubeadm
    }
  }

  /// What openssl is to verify with: a root, where the CAs are below one.
  func anchor(of leaf: Leaf, in tree: Tree) -> String {
    self == .company ? tree.directory.path("root.crt") : tree.certificate(leaf.authority.rawValue)
  }
}

/// What to put before a command so that it runs at a moment, in which time stands still.
func clock(_ instant: Date) -> [String] {
  let text = instant.formatted(.iso8601.dateTimeSeparator(.space)).dropLast()
  return ["TZ=UTC", Judges.clock, String(text)]
}

extension Date {
  /// Some days later.
  func adding(days: Double) -> Date { addingTimeInterval(days * 24 * 60 * 60) }
}

extension Leaf {
  /// The leaves of kubeadm's, whose API server has no name for a domain without its end.
  fileprivate static let kubeadm = all.map { leaf in
    var leaf = leaf
    leaf.hosts.removeAll { $0 == "kubernetes.default.svc.cluster" }
    return leaf
  }

  fileprivate static let superAdmin = Leaf(
    name: "super-admin.conf", authority: .kubernetes,
    subject: "O = system:masters, CN = kubernetes-super-admin", usages: [.client])
}
