internal import OpenSSLX509

/// How far several nodes are in one rotation: what each trusts, in its order, shows it.
struct RotationProgress {
  /// A node, as far as the rotation goes.
  private struct Node {
    let tree: TreeContents
    let keys: [PublicKey]
    let stage: RotationStage
    /// Whether the key that is going to sign is here, or is not needed.
    let hasNextKey: Bool

    /// Whether the files show a rotation.
    var isRotating: Bool { stage == .prepared || stage == .switched }
  }

  private let ca: CatalogEntry?
  private let nodes: [Node]
  /// The key to which the rotation leads; `nil` where none is known.
  private let successor: PublicKey?
  /// How many stages each node has done; `nil` where it trusts nothing, or nothing is known of a rotation.
  private let steps: [Int?]

  /// The progress in the rotation of a CA; `nil` for that of the key of service-account tokens.
  init(_ ca: CatalogEntry?, in trees: [TreeContents]) {
    let nodes = trees.map { tree in
      ca.map { ca in
        Node(
          tree: tree, keys: tree.trustedKeys(of: ca.id), stage: tree.stage(of: ca),
          hasNextKey: !tree.succession(of: ca.id).nextKey.isAbsent)
      }
        ?? Node(
          tree: tree, keys: tree.serviceAccountPublicKeys.value ?? [], stage: tree.serviceAccountStage,
          hasNextKey: true)
    }
    let successor = Self.successor(nodes)
    self.ca = ca
    self.nodes = nodes
    self.successor = successor
    steps = nodes.map { node in successor.flatMap { Self.step(node, to: $0) } }
  }

  /// The node that is furthest, and what the node at `index` has to do next to get there; `nil` where it is not behind.
  func lead(over index: Int) -> (leader: Int, verb: RotationVerb, copies: [String])? {
    let node = nodes[index]
    guard let own = steps[index], let leader = leader, let furthest = steps[leader] else { return nil }
    if own > furthest {
      // What signs is where the keys are: a copy that is ahead of that is from before the way back.
      return (leader, .back, nodes[leader].tree.rotationFiles(of: ca, withKeys: false))
    }
    guard own < furthest else { return nil }
    // Beside another successor, there is no place for this one.
    if let successor, node.isRotating, !node.keys.contains(successor) { return (leader, .back, []) }
    let verbs = [RotationVerb.prepare, .switchOver, .retire]
    let isKeyless = node.stage == .keyless
    guard own == 0 || isKeyless else { return (leader, verbs[own], []) }
    return (
      leader, verbs[furthest - 1], nodes[leader].tree.rotationFiles(of: ca, withKeys: !isKeyless)
    )
  }

  /// The node that is furthest, of those with keys where there are such nodes.
  private var leader: Int? {
    let withKeys = nodes.indices.filter { nodes[$0].stage != .keyless && steps[$0] != nil }
    let known = withKeys.isEmpty ? nodes.indices.filter { steps[$0] != nil } : withKeys
    guard let furthest = known.compactMap({ steps[$0] }).max() else { return nil }
    return known.first { steps[$0] == furthest }
  }

  /// The key to which the rotation leads; where no node with keys is in the midst of one, the key of all of these.
  private static func successor(_ nodes: [Node]) -> PublicKey? {
    if let node = nodes.first(where: { $0.stage == .switched }) { return node.keys.first }
    if let node = nodes.first(where: { $0.stage == .prepared && $0.hasNextKey }) { return node.keys.last }
    if let node = nodes.first(where: { $0.stage == .prepared }) { return node.keys.last }
    let idle = Set(nodes.filter { $0.stage == .idle }.compactMap(\.keys.first))
    return idle.count == 1 ? idle.first : nil
  }

  private static func step(_ node: Node, to successor: PublicKey) -> Int? {
    guard let first = node.keys.first else { return nil }
    guard node.keys.contains(successor), node.stage != .prepared || node.hasNextKey else { return 0 }
    return first != successor ? 1 : node.keys.count > 1 ? 2 : 3
  }
}
