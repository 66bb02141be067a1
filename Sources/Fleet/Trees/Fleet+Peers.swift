internal import FileStore
internal import KubernetesPKI
internal import OpenSSLX509

extension Fleet {
  /// The control-plane nodes that belong together: those of one cluster that have a certificate of ca.crt in common.
  ///
  /// - Returns: groups of at least two, by their places in ``trees``, each in order.
  package func peers(jobs: Int) -> [[Int]] {
    let candidates = trees.indices.filter { trees[$0].isControlPlane }
    let cas = Parallel.map(candidates, jobs: jobs) { Self.cas(of: trees[$0].location) }
    var groups: [(cluster: String, cas: Set<Certificate>, members: [Int])] = []
    for (index, own) in zip(candidates, cas) where !own.isEmpty {
      // A CA that is being replaced may join groups that had nothing in common before.
      let cluster = trees[index].cluster
      let joined = groups.indices.filter {
        groups[$0].cluster == cluster && !groups[$0].cas.isDisjoint(with: own)
      }
      let members = (joined.flatMap { groups[$0].members } + [index]).sorted()
      let all = joined.reduce(own) { $0.union(groups[$1].cas) }
      for place in joined.reversed() { groups.remove(at: place) }
      groups.append((cluster, all, members))
    }
    return groups.map(\.members).filter { $0.count > 1 }.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
  }

  /// The certificates in ca.crt.
  private static func cas(of location: TreeLocation) -> Set<Certificate> {
    guard let row = Catalog.allFiles[.ca] else { return [] }
    var reader = TreeReader(location, within: location.reach)
    return Set(reader.readCertificates(location.path(of: row), as: .clientCA).value ?? [])
  }
}
