package import KubernetesPKI

extension Catalog {
  /// The entries that are kept in files of their own.
  package var certificates: [CatalogEntry] { entries.filter { !$0.isKubeconfig } }

  /// The entries that are kept in kubeconfigs.
  package var kubeconfigs: [CatalogEntry] { entries.filter(\.isKubeconfig) }
}

extension Selection {
  /// What names select; the first one that selects nothing is thrown.
  package static func test(_ names: [String], _ scope: Scope, in catalog: Catalog) throws -> Selection {
    let (selection, unknown) = Selection.named(names, scope, in: catalog)
    if let first = unknown.first { throw first }
    return selection
  }

  /// The selection without kubeconfigs.
  package static func pairs(in catalog: Catalog) -> Selection {
    var selection = Selection.everything(in: catalog)
    selection.entries.subtract(catalog.kubeconfigs.map(\.id))
    return selection
  }

  /// What CSRs are made for; the first reason against one is thrown.
  package static func test(
    requesting names: [String], of catalog: Catalog, in tree: TreeContents
  ) throws -> Selection {
    let isAll = names == ["all"]
    let named = isAll ? Selection.everything(in: catalog) : try test(names, .leaves, in: catalog)
    let (selection, needless) = named.externallySigned(of: catalog, in: tree)
    if !isAll, let first = needless.first { throw first.reason }
    return selection
  }
}
