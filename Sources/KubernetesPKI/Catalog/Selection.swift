/// Which parts of the catalog a command is about.
package struct Selection: Sendable, Hashable {
  /// The certificates, in files of their own and in kubeconfigs.
  package var entries: Set<CatalogEntry.ID> = []
  /// Whether the key pair of service-account tokens belongs to it.
  package var serviceAccountKey = false

  /// Nothing.
  package init() {}

  /// These certificates.
  package init(_ entries: Set<CatalogEntry.ID>) { self.entries = entries }

  /// What a machine of a role needs of the catalog, but the optional certificates.
  package static func everything(in catalog: Catalog, for role: NodeRole = .controlPlane) -> Selection {
    let entries = catalog.entries.filter { !$0.isOptional && $0.roles.contains(role) }
    var selection = Selection(Set(entries.map(\.id)))
    selection.serviceAccountKey = role == .controlPlane
    return selection
  }

  /// What is selected, in the order of the catalog.
  package func items(of catalog: Catalog) -> [Catalog.Item] {
    catalog.items.filter { item in
      switch item {
      case .entry(let entry): entries.contains(entry.id)
      case .serviceAccountKey: serviceAccountKey
      }
    }
  }

  /// The certificates that are selected, in the order of the catalog.
  package func entries(of catalog: Catalog) -> [CatalogEntry] {
    catalog.entries.filter { entries.contains($0.id) }
  }

  /// Whether kubeconfigs belong to it.
  package func hasKubeconfigs(in catalog: Catalog) -> Bool {
    entries(of: catalog).contains(where: \.isKubeconfig)
  }
}

extension Selection {
  /// What a list of names may select.
  package enum Scope: Sendable {
    /// Certificates in files of their own, and the key pair of service-account tokens.
    case pairs
    /// Kubeconfigs, with or without `.conf`.
    case kubeconfigs
    /// What can be renewed: every certificate that a CA of the tree signs.
    case leaves
    /// What can be renewed with its key: leaves, and CAs, which `all` leaves out.
    case renewable
    /// What others trust: CAs, and the key pair of service-account tokens.
    case trustAnchors

    /// Whether an entry is within the scope.
    fileprivate func contains(_ entry: CatalogEntry) -> Bool {
      switch self {
      case .pairs: !entry.isKubeconfig
      case .kubeconfigs: entry.isKubeconfig
      case .leaves: !entry.isCA
      case .renewable: true
      case .trustAnchors: entry.isCA
      }
    }

    /// Whether `all` stands for an entry of the scope.
    fileprivate func includesInAll(_ entry: CatalogEntry) -> Bool {
      switch self {
      case .pairs, .kubeconfigs, .trustAnchors: !entry.isOptional
      case .leaves: true
      case .renewable: !entry.isCA
      }
    }

    /// Whether the key pair of service-account tokens is within the scope.
    fileprivate var hasServiceAccountKey: Bool { self == .pairs || self == .trustAnchors }
  }

  /// A name that selects nothing.
  package struct UnknownName: Error, Hashable, Sendable {
    /// The name.
    package let name: String
    /// What the name stands for outside of the scope.
    package let meaning: Meaning
    /// The names that would have been right.
    package let known: [String]

    /// What a name stands for that is not within the scope.
    package enum Meaning: Hashable, Sendable {
      /// Nothing.
      case none
      /// A CA.
      case ca
      /// The key pair of service-account tokens.
      case serviceAccountKey
    }
  }

  /// The parts of a catalog that have these names; `all` stands for all of them but the optional ones.
  ///
  /// - Returns: the selection, and the names that select nothing.
  package static func named(
    _ names: [String], _ scope: Scope, in catalog: Catalog
  ) -> (selection: Selection, unknown: [UnknownName]) {
    let candidates = catalog.entries.filter(scope.contains)
    let known = candidates.map(\.name) + (scope.hasServiceAccountKey ? [Catalog.serviceAccountKey] : [])
    var selection = Selection()
    var unknown: [UnknownName] = []
    for name in names {
      if name == "all" {
        selection.entries.formUnion(candidates.filter(scope.includesInAll).map(\.id))
        selection.serviceAccountKey = selection.serviceAccountKey || scope.hasServiceAccountKey
      } else if name == Catalog.serviceAccountKey, scope.hasServiceAccountKey {
        selection.serviceAccountKey = true
      } else if let entry = candidates.first(where: { $0.isCalled(name) }) {
        selection.entries.insert(entry.id)
      } else {
        unknown.append(UnknownName(name: name, meaning: .init(name), known: known))
      }
    }
    return (selection, unknown)
  }
}

extension Selection.UnknownName.Meaning {
  fileprivate init(_ name: String) {
    if name == Catalog.serviceAccountKey {
      self = .serviceAccountKey
    } else {
      self = Catalog.allFiles.cas.contains { $0.name == name } ? .ca : .none
    }
  }
}

extension CatalogEntry {
  /// Whether a name stands for the entry; a kubeconfig is called so with and without `.conf`.
  fileprivate func isCalled(_ name: String) -> Bool {
    name == self.name || isKubeconfig && name == id.rawValue
  }
}
