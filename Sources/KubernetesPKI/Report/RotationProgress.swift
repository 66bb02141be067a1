internal import OpenSSLX509

/// How far several nodes are in one rotation: what each trusts, in its order, shows it.
struct RotationProgress {
  /// How many stages each node has done; `nil` where it trusts nothing, or nothing is known of a rotation.
  private let steps: [Int?]

  /// The progress in the rotation of a CA; `nil` for that of the key of service-account tokens.
  init(_ ca: CatalogEntry?, in trees: [TreeContents]) {
    let nodes = trees.map { tree in
      ca.map { (Self.keys(tree.ca($0.id)), tree.stage(of: $0)) }
        ?? (tree.serviceAccountPublicKeys.value ?? [], tree.serviceAccountStage)
    }
    let successor = Self.successor(nodes)
    steps = nodes.map { keys, _ in successor.flatMap { Self.step(keys, to: $0) } }
  }

  /// The node that is furthest, and what the node at `index` has to do next to get there; `nil` where it is not behind.
  func lead(over index: Int) -> (leader: Int, verb: RotationVerb)? {
    guard let own = steps[index], let furthest = steps.compactMap(\.self).max(), own < furthest,
      let leader = steps.firstIndex(of: furthest)
    else { return nil }
    return (leader, [RotationVerb.prepare, .switchOver, .retire][own])
  }

  private static func keys(_ ca: CertificateAuthority?) -> [PublicKey] {
    var keys: [PublicKey] = []
    for certificate in ca?.accepted ?? [] where !keys.contains(certificate.publicKey) {
      keys.append(certificate.publicKey)
    }
    return keys
  }

  /// The key to which the rotation leads; where no node with keys is in the midst of one, the key of all of these.
  private static func successor(_ nodes: [(keys: [PublicKey], stage: RotationStage)]) -> PublicKey? {
    for (keys, stage) in nodes {
      if stage == .prepared { return keys.last }
      if stage == .switched { return keys.first }
    }
    let idle = Set(nodes.filter { $0.stage == .idle }.compactMap(\.keys.first))
    return idle.count == 1 ? idle.first : nil
  }

  private static func step(_ keys: [PublicKey], to successor: PublicKey) -> Int? {
    guard let first = keys.first else { return nil }
    guard keys.contains(successor) else { return 0 }
    return first != successor ? 1 : keys.count > 1 ? 2 : 3
  }
}
