/// What a machine leaves to others, as its role never has the key of the CA.
extension RenewPlanBuilder {
  /// Whether a valid certificate is left alone, where all are to be renewed.
  func isRenewedElsewhere(_ entry: CatalogEntry, _ ca: CatalogEntry) -> Bool {
    let tree = examination.tree
    return options.skipsAbsent && !tree.role.holdsKey(of: ca) && tree.isExternal(ca.id)
      && examination.validityFindings(entry).isEmpty
  }

  /// Which certificates were left alone, and why.
  var elsewhereWarnings: [String] {
    let (tree, location) = (examination.tree, examination.location)
    return examination.catalog.cas.compactMap { ca in
      renewedElsewhere[ca.id].map { entries in
        "\(entries.map(\.name).joined(separator: ", ")) \(entries.count == 1 ? "is" : "are") valid, and not renewed here: a"
          + " \(tree.role.rawValue) does not have the key of \(location.path(of: ca)). A kubelet renews its own certificates"
          + " where its rotation is on"
      }
    }
  }
}
