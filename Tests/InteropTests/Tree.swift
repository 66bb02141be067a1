import FoundationEssentials
import TestSupport
import Testing

/// A tree of files that pkigen has made.
struct Tree: Sendable {
  let directory: TemporaryDirectory
  /// When pkigen was at work.
  let made: ClosedRange<Date>

  /// Has pkigen make the tree of the tables, with further options if there are any.
  init(_ algorithm: Algorithm, _ options: String...) async throws {
    try await self.init(algorithm, in: TemporaryDirectory(), options)
  }

  /// Has pkigen make a tree in a directory that may hold a part of it already.
  init(_ algorithm: Algorithm, in directory: TemporaryDirectory, _ options: [String]) async throws {
    self.directory = directory
    let start = Date()
    let arguments = ["init", "-d", directory.path, "--key-algorithm", algorithm.rawValue]
    let node = ["--node-name", Leaf.nodeName, "--advertise-ip", Leaf.advertiseAddress]
    let outcome = try await Pkigen.run(arguments + (options.isEmpty ? node : options))
    try #require(outcome.status == 0, "pkigen init: \(outcome.stderr)")
    made = start...Date()
    try extractClients()
  }

  /// Copies an existing tree, as it is at a moment.
  init(copyOf original: TemporaryDirectory, at moment: Date) throws {
    directory = try original.copy()
    made = moment...moment
    try extractClients()
  }

  /// The certificate of a CA, a leaf or a kubeconfig.
  func certificate(_ name: String) -> String { path(of: name, "crt") }

  /// The private key of a CA, a leaf or a kubeconfig, and that of the service accounts.
  func key(_ name: String) -> String { path(of: name, "key") }

  func kubeconfig(_ name: String) -> String { directory.path(name) }

  var certificates: [String] {
    Authority.allCases.map { certificate($0.rawValue) } + Leaf.all.map { certificate($0.name) }
  }

  private func path(of name: String, _ kind: String) -> String {
    directory.path("\(name.hasSuffix(".conf") ? "clients" : "pki")/\(name).\(kind)")
  }

  /// Writes the certificates and keys out of the kubeconfigs into files, for those that read files.
  private func extractClients() throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("clients"), withIntermediateDirectories: false)
    for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
    where name.hasSuffix(".conf") {
      let text = try text(of: kubeconfig(name))
      try embedded("client-certificate-data", in: text).write(to: URL(filePath: certificate(name)))
      try embedded("client-key-data", in: text).write(to: URL(filePath: key(name)))
    }
  }

  private func embedded(_ field: String, in kubeconfig: String) throws -> Data {
    let prefix = "    \(field): "
    let line = try #require(kubeconfig.split(separator: "\n").first { $0.hasPrefix(prefix) })
    return try #require(Data(base64Encoded: String(line.dropFirst(prefix.count))))
  }
}

extension TemporaryDirectory {
  /// A copy of what is in the directory, but for what a ``Tree`` has added.
  func copy() throws -> TemporaryDirectory {
    let copy = try TemporaryDirectory()
    for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != "clients" {
      try FileManager.default.copyItem(atPath: path(name), toPath: copy.path(name))
    }
    return copy
  }
}

/// All that is in a file.
func text(of path: String) throws -> String {
  try String(contentsOfFile: path, encoding: .utf8)
}

/// The trees that several tests look at, each made once.
actor Trees {
  private static let shared = Trees()

  private var trees: [Algorithm: Task<Tree, any Error>] = [:]

  static func made(with algorithm: Algorithm) async throws -> Tree {
    try await shared.tree(algorithm)
  }

  private func tree(_ algorithm: Algorithm) async throws -> Tree {
    if let tree = trees[algorithm] { return try await tree.value }
    let tree = Task { try await Tree(algorithm) }
    trees[algorithm] = tree
    return try await tree.value
  }
}
