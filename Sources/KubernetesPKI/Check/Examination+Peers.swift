internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// What the trees of other control-plane nodes must have in common with this one, and what they must not.
extension Examination {
  /// What is wrong with this tree and those of other nodes together: each is compared with each.
  package func peerFindings(_ peers: [TreeContents]) -> [Finding] {
    guard !peers.isEmpty else { return [] }
    let trees = [tree] + peers
    var findings = catalog.cas.flatMap { caFindings(trees, $0) } + serviceAccountFindings(trees)
    for (index, one) in trees.enumerated() {
      for other in trees[(index + 1)...] { findings += sharedKeyFindings(one, other) }
    }
    return findings
      + sameNodeFindings(trees, "node name") { $0.nodeName.map { ($0, [.kubelet]) } }
      + sameNodeFindings(trees, "advertise address") {
        $0.nodeAddress.map { ($0, [.controllerManager, .etcdServer]) }
      }
  }

  /// Compares a CA of each tree with the first that has it, and then those that go with it with each other: bundles may have
  /// more in common with it than with each other. That this tree lacks a CA is a finding of its own.
  private func caFindings(_ trees: [TreeContents], _ row: CatalogEntry) -> [Finding] {
    guard let first = trees.firstIndex(where: { $0.ca(row.id) != nil }) else { return [] }
    let others = trees.enumerated().filter { $0.offset > 0 && $0.offset != first }.map(\.element)
    var (findings, matching): ([Finding], [TreeContents]) = ([], [])
    for other in others {
      if let finding = caFinding(trees[first], other, row) {
        findings.append(finding)
      } else {
        matching.append(other)
      }
    }
    for (index, one) in matching.enumerated() {
      findings += matching[(index + 1)...].compactMap { caFinding(one, $0, row) }
    }
    return findings.isEmpty ? trustFindings([trees[first]] + matching, row) : findings
  }

  private func caFinding(_ one: TreeContents, _ other: TreeContents, _ row: CatalogEntry) -> Finding? {
    guard let own = one.ca(row.id) else { return nil }
    let (path, peerPath) = (one.location.path(of: row), other.location.path(of: row))
    if let finding = other[row.id].certificates.finding { return finding }
    guard let ca = other.ca(row.id) else {
      return peerFinding(row, one, other, "\(peerPath) is missing; all control-plane nodes have the same CA")
    }
    switch (own.accepts(ca.issuing), ca.accepts(own.issuing)) {
    case (true, true): return successorFinding(one, other, row)
    case (true, false):
      return peerFinding(
        row, one, other, "\(peerPath) does not hold the CA that signs with \(path), \(own.issuing.subject)")
    case (false, true):
      return peerFinding(
        row, one, other, "\(path) does not hold the CA that signs with \(peerPath), \(ca.issuing.subject)")
    case (false, false):
      return peerFinding(row, one, other, "\(peerPath) is not the CA of \(path)")
    }
  }

  private func peerFinding(
    _ row: CatalogEntry, _ one: TreeContents, _ other: TreeContents, _ message: String
  ) -> Finding {
    let paths = [other, one].map { $0.location.path(of: row) }
    let copies = Remedy.Action.copyFromRightNode(
      [row.id].compactMap { catalog[$0] }.flatMap(one.location.paths))
    let isRotating = [one, other].contains { !$0.keysBeside(row).isEmpty }
    return Finding(
      .peerCA, paths, message,
      remedy: isRotating ? compare([one, other]) : remedy(copies, .makeAgainWhatItSigned))
  }

  /// That each node has made a successor of its own.
  private func successorFinding(_ one: TreeContents, _ other: TreeContents, _ row: CatalogEntry) -> Finding? {
    guard let own = one.caSuccession(of: row)?.successor, let peer = other.caSuccession(of: row)?.successor,
      own.publicKey != peer.publicKey
    else { return nil }
    let (path, peerPath) = (one.location.path(of: row), other.location.path(of: row))
    return Finding(
      .peerCA, [peerPath, path], "\(peerPath) holds another successor than \(path)",
      remedy: remedy(.leaveOtherSuccessor(row.id)))
  }

  /// What some of these trees accept as a CA and others do not; of a CA that has expired, nothing is accepted.
  private func trustFindings(_ trees: [TreeContents], _ row: CatalogEntry) -> [Finding] {
    let cas = trees.compactMap { tree in tree.ca(row.id).map { (path: tree.location.path(of: row), ca: $0) } }
    var seen: [Certificate] = []
    for certificate in cas.flatMap(\.ca.accepted)
    where certificate.validity.notAfter > instant && !seen.contains(where: certificate.isSameCA) {
      seen.append(certificate)
    }
    // What does not sign yet has signed nothing.
    let successors = trees.filter { $0.stage(of: row) == .prepared }
      .compactMap { $0.caSuccession(of: row)?.successor }
    seen.removeAll { certificate in
      successors.contains(where: certificate.isSameCA)
        && !cas.contains { $0.ca.issuing.isSameCA(as: certificate) }
    }
    let isRotating = trees.contains { !$0.keysBeside(row).isEmpty }
    return seen.compactMap { certificate in
      let holders = cas.filter { $0.ca.accepts(certificate) }.map(\.path)
      let others = cas.map(\.path).filter { !holders.contains($0) }
      guard !others.isEmpty else { return nil }
      return Finding(
        .peerCA, others + holders,
        "\(holders.listed) \(holders.count == 1 ? "accepts" : "accept") the CA \(certificate.subject.description.quoted), and"
          + " \(others.listed) \(others.count == 1 ? "does" : "do") not: what it signed works or fails by the node",
        remedy: isRotating
          ? compare(trees) : remedy(.giveAllCAs(holders + others), .showRotation))
    }
  }
}

// Service-account tokens.
extension Examination {
  /// Compares the keys of each tree with those of the first that signs. That this tree lacks its key is a finding of its own.
  private func serviceAccountFindings(_ trees: [TreeContents]) -> [Finding] {
    guard let first = trees.firstIndex(where: { $0.serviceAccountKey.value != nil }) else { return [] }
    return trees.enumerated().filter { $0.offset > 0 && $0.offset != first }.flatMap { _, other in
      serviceAccountFindings(trees[first], other)
    }
  }

  /// Whether each node accepts the tokens that the other signs, and the tokens of all keys that the other accepts: a token
  /// is shown to any of the API servers. Nodes may sign with different keys while a key is replaced.
  private func serviceAccountFindings(_ one: TreeContents, _ peer: TreeContents) -> [Finding] {
    guard let own = one.serviceAccountKey.value?.publicKey else { return [] }
    let unusable = [peer.serviceAccountKey.finding, peer.serviceAccountPublicKeys.finding].compactMap(\.self)
    guard unusable.isEmpty else { return unusable }
    let (place, peerPlace) = (one.location, peer.location)
    let (path, peerPath) = (place.serviceAccountPublicKey, peerPlace.serviceAccountPublicKey)
    if let problem = serviceAccountProblem(own, one, peer) {
      return [
        Finding(
          .peerServiceAccountKey, [peerPlace.serviceAccountKey, peerPath, place.serviceAccountKey],
          "\(problem): service-account tokens work or fail by the node",
          remedy: [one, peer].contains(where: \.isServiceAccountKeyRotated)
            ? compare([one, peer])
            : remedy(
              .giveAllPublicKeys([path, peerPath]), .copyFromRightNode([place.serviceAccountKey, path])))
      ]
    }
    guard let next = one.serviceAccountNextKey.value?.publicKey,
      let peerNext = peer.serviceAccountNextKey.value?.publicKey, next != peerNext
    else { return [] }
    return [
      Finding(
        .peerServiceAccountKey, [peerPath, path], "\(peerPath) holds another next key than \(path)",
        remedy: remedy(.leaveOtherSuccessor(nil)))
    ]
  }

  /// Which tokens of one of two nodes the other refuses; `nil` where there are none.
  private func serviceAccountProblem(_ own: PublicKey, _ one: TreeContents, _ peer: TreeContents) -> String? {
    let accepted = Set(one.serviceAccountPublicKeys.value ?? [])
    let peerAccepted = Set(peer.serviceAccountPublicKeys.value ?? [])
    let (place, peerPlace) = (one.location, peer.location)
    if peer.serviceAccountKey.isAbsent { return "\(peerPlace.serviceAccountKey) is missing" }
    if !peerAccepted.contains(own) {
      return "\(peerPlace.serviceAccountPublicKey) does not have the public key of \(place.serviceAccountKey)"
    }
    if let key = peer.serviceAccountKey.value?.publicKey, !accepted.contains(key) {
      return "\(place.serviceAccountPublicKey) does not have the public key of \(peerPlace.serviceAccountKey)"
    }
    let areAccepted =
      one.serviceAccountKeysInUse.isSubset(of: peerAccepted)
      && peer.serviceAccountKeysInUse.isSubset(of: accepted)
    return areAccepted
      ? nil
      : "\(place.serviceAccountPublicKey) and \(peerPlace.serviceAccountPublicKey) do not have the same keys"
  }

  /// To compare how far nodes are in a rotation, with this one.
  private func compare(_ trees: [TreeContents]) -> Remedy {
    let own = location.certificateDirectory
    return remedy(.compareRotations(trees.map(\.location).filter { $0.certificateDirectory != own }))
  }
}

// What nodes must not share.
extension Examination {
  private func sharedKeyFindings(_ one: TreeContents, _ other: TreeContents) -> [Finding] {
    let own = Set(leafKeys(of: one).map(\.key))
    let paths = leafKeys(of: other).filter { own.contains($0.key) }.map(\.path)
    guard !paths.isEmpty else { return [] }
    return [
      Finding(
        .peerSharesKey, paths,
        "\(paths.listed) \(paths.count == 1 ? "holds the private key" : "hold the private keys") of leaves of"
          + " \(one.location.kubeconfigDirectory)",
        remedy: remedy(.makeLeavesAgainOnOneNode))
    ]
  }

  /// The keys of leaves, and where they are.
  private func leafKeys(of tree: TreeContents) -> [(path: String, key: PublicKey)] {
    catalog.entries.filter { !$0.isCA && !tree.refersElsewhere($0.id) }.compactMap { entry in
      tree[entry.id].key.value.map { (tree.location.path(of: entry, .key), $0.publicKey) }
    }
  }

  /// Nodes that have the same name or address: each value that several trees have.
  private func sameNodeFindings(
    _ trees: [TreeContents], _ noun: String, _ value: (TreeContents) -> (String, [CatalogEntry.ID])?
  ) -> [Finding] {
    let found = trees.compactMap { tree in
      value(tree).map { text, ids in
        (text: text, paths: ids.compactMap { catalog[$0] }.map { tree.location.path(of: $0) })
      }
    }
    var seen: Set<String> = []
    return found.filter { seen.insert($0.text).inserted }.compactMap { text, _ in
      let same = found.filter { $0.text == text }
      guard same.count > 1 else { return nil }
      let paths = same.flatMap(\.paths)
      return Finding(
        .peerSameNode, paths, "\(same.count) nodes have the \(noun) \(text): \(paths.listed)",
        remedy: remedy(.makeLeavesAgainForNode))
    }
  }
}

extension TreeContents {
  /// Whether there is a key beside that of service-account tokens.
  fileprivate var isServiceAccountKeyRotated: Bool {
    !serviceAccountNextKey.isAbsent || !serviceAccountPreviousKey.isAbsent
  }

  /// The keys whose tokens there may be: all but one that does not sign yet.
  fileprivate var serviceAccountKeysInUse: Set<PublicKey> {
    Set(serviceAccountPublicKeys.value ?? []).subtracting(
      [serviceAccountNextKey.value?.publicKey].compactMap(\.self))
  }

  /// Whether a kubeconfig names files outside the tree: of a copy from another machine, these are files of this one.
  fileprivate func refersElsewhere(_ id: CatalogEntry.ID) -> Bool {
    let inner = Path.join(location.kubeconfigDirectory, "")
    return self[id].referencedPaths.contains { !$0.hasPrefix(inner) }
  }

  /// The name of the node, as the API server knows its kubelet.
  fileprivate var nodeName: String? {
    refersElsewhere(.kubelet) ? nil : self[.kubelet].certificate?.subject.nodeName
  }

  /// The address of the API server on the node: that to which the controllers connect, unless it is a load balancer's or a
  /// loopback address, which the certificate of the node's etcd tells.
  fileprivate var nodeAddress: String? {
    guard let server = self[.controllerManager].kubeconfig.value.flatMap({ ServerURL($0.server) }),
      let address = server.address, !address.isLoopback,
      let names = try? self[.etcdServer].certificate?.subjectAlternativeName(),
      names.ipAddresses.contains(address)
    else { return nil }
    return address.description
  }
}
