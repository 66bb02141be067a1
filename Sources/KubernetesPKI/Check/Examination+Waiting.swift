internal import OpenSSLX509
internal import StructuredText

/// What waits for certificates of external CAs.
extension Examination {
  /// An entry waits for its certificate; `nil` where it does not.
  package func waiting(_ entry: CatalogEntry) -> Finding? {
    guard let ca = entry.ca, tree.isWaiting(entry) else { return nil }
    return waiting([entry], signedBy: ca)
  }

  /// All that waits: a finding for each CA.
  package func waitingFindings() -> [Finding] {
    catalog.cas.compactMap { ca in
      let entries = catalog.entries.filter { $0.ca == ca.id && tree.isWaiting($0) }
      return entries.isEmpty ? nil : waiting(entries, signedBy: ca.id)
    }
  }

  private func waiting(_ entries: [CatalogEntry], signedBy ca: CatalogEntry.ID) -> Finding {
    let paths = entries.map { location.path(of: $0, .key) }
    return Finding(
      .awaitingCertificate, paths,
      "\(paths.listed) \(paths.count == 1 ? "waits" : "wait") for a certificate of the CA \(ca.rawValue),"
        + " whose key is not here",
      remedy: remedy(.signAndInstall(requests: entries.map { location.path(of: $0, .request) })))
  }

  /// Why what a CA has signed is not renewed: because of this obstacle.
  package func renewalRefusal(_ obstacle: Finding, of entries: [CatalogEntry]) -> Finding {
    var actions = obstacle.remedy.actions
    if obstacle.code == .caKeyMissing {
      let ca = entries.first?.ca.flatMap { catalog[$0] }
      // A worker never has the key of a CA.
      if let ca, !tree.role.holdsKey(of: ca) { actions = [] }
      // Beside the keys of its rotation, its own is missing.
      if ca.map({ tree.isExternal($0.id) }) != false { actions.insert(.request(entries.map(\.id)), at: 0) }
    }
    return Finding(
      obstacle.code, obstacle.files,
      "cannot renew \(entries.map(\.name).joined(separator: ", ")): \(obstacle.message)",
      remedy: Remedy(actions, in: context), cause: obstacle.cause)
  }
}
