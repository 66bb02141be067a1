/// Leaves of another PKI, as of files that were copied from another cluster.
extension Examination {
  /// The findings without those on what leaves of another PKI say: they have to go, whatever it is.
  package func withoutConsequences(_ findings: [Finding]) -> [Finding] {
    let foreign = foreignLeaves(in: findings)
    guard !foreign.isEmpty else { return findings }
    let cas = Set(catalog.cas.map { location.path(of: $0) })
    let server = catalog[.apiserver].map { location.path(of: $0) }
    return findings.filter { finding in
      guard Self.consequences.contains(finding.code), !foreign.isDisjoint(with: finding.files) else {
        return true
      }
      let others = finding.files.filter { !foreign.contains($0) && !cas.contains($0) }
      if others.isEmpty { return false }
      guard finding.code == .kubeconfigServerName, let server else { return true }
      return !foreign.contains(server) && others != [server]
    }
  }

  /// What a certificate or a kubeconfig says, which is another where it is made again.
  private static let consequences: Set<FindingCode> = [
    .wrongIdentity, .otherVersionIdentity, .unreadIdentity, .wrongUsages, .unusualUsages, .noUsages,
    .nameMissing, .noNames, .kubeconfigCA, .kubeconfigServer, .kubeconfigServerName, .expired, .expiringSoon,
    .outlivesCA, .weakKey, .unsupportedKey, .weakSignature,
  ]

  /// The leaves that another CA than the tree's signed, where the tree's has signed others.
  private func foreignLeaves(in findings: [Finding]) -> Set<String> {
    let entries = catalog.entries.filter { entry in
      let path = location.path(of: entry)
      return !entry.isCA
        && findings.contains { [.wrongCA, .caRekeyed].contains($0.code) && $0.files.contains(path) }
    }
    return Set(
      entries.filter { entry in
        entry.ca.map { id in hasSignedOthers(id, than: entries.filter { $0.ca == id }) } ?? false
      }.map { location.path(of: $0) })
  }
}
