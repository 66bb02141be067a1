internal import OpenSSLX509

/// What a plan that completes a tree does where it has a choice.
package struct CompletionOptions: Sendable {
  /// Whether entries that an external CA has to sign wait for their certificates; otherwise they are errors.
  package var awaitsExternalCAs = false
  /// Whether a CA signs although another one signed the certificates that are there.
  package var allowsNewCA = false

  /// The usual choices.
  package init() {}
}

extension InitPlanBuilder {
  /// Refuses new certificates of a CA that signed none of those that are there: the components trust another one.
  mutating func refuseNewCAs() {
    guard !options.allowsNewCA else { return }
    let strangers = catalog.cas.flatMap(strangers)
    errors += examination.newCAFindings(strangers).map { .unsound($0) }
  }

  /// The certificates of a CA's place that another CA signed, if these are all, and the CA is to sign more.
  private func strangers(_ row: CatalogEntry) -> [Examination.Stranger] {
    guard let ca = tree.ca(row.id), signsSomething(row) else { return [] }
    let present = catalog.entries.filter { $0.ca == row.id && tree[$0.id].certificate != nil }
    // Those that are selected have findings of their own.
    let isKnown = present.contains { entry in
      selection.entries.contains(entry.id)
        || examination.isSigned(tree[entry.id].certificates.value ?? [], of: entry, by: ca)
    }
    guard !isKnown else { return [] }
    return present.compactMap { entry in
      tree[entry.id].certificate.map { .init(entry, at: location.path(of: entry), $0) }
    }
  }

  private func signsSomething(_ ca: CatalogEntry) -> Bool {
    steps.contains { step in
      if case .create(let entry, _) = step { entry.ca == ca.id } else { false }
    }
  }
}
