import ArgumentParser
import KubernetesPKI

extension Selection {
  /// What the NAME arguments of a command select.
  ///
  /// - Throws: ``PKIErrors`` with every name that selects nothing.
  init(arguments names: [String], _ scope: Scope, in catalog: Catalog) throws(PKIErrors) {
    let (selection, unknown) = Selection.named(names, scope, in: catalog)
    guard unknown.isEmpty else { throw PKIErrors(unknown.map { Self.error($0, scope, catalog) }) }
    self = selection
  }

  private static func error(_ unknown: UnknownName, _ scope: Scope, _ catalog: Catalog) -> PKIError {
    let problem: String
    var hint: String?
    switch (unknown.meaning, scope) {
    case (.serviceAccountKey, .leaves), (.serviceAccountKey, .renewable):
      problem = "a key pair, which does not expire"
    case (.ca, .leaves):
      problem = "a CA: nothing in the cluster trusts a CA with a new key"
      hint =
        "pkigen renew \(unknown.name) --reuse-key gives it new dates; pkigen rotate prepare \(unknown.name) starts to replace it"
    case (.none, .leaves) where catalog.isWithoutKubeconfig(named: unknown.name),
      (.none, .renewable) where catalog.isWithoutKubeconfig(named: unknown.name):
      problem = "a kubeconfig, and the directory of kubeconfigs is not named"
      hint = "add --kubeconfig-dir, or -d"
    case (.none, _), (.ca, _), (.serviceAccountKey, _):
      problem = "not one of all, \(unknown.known.joined(separator: ", "))"
    }
    return .invalidSetting(.option("NAME"), value: unknown.name, problem: problem, hint: hint)
  }

  /// What CSRs are made for: the leaves of these names; with `all`, everything that an external CA of the tree signs.
  ///
  /// - Throws: ``PKIErrors`` with every name that selects nothing, or whose CA can sign here.
  init(requesting names: [String], of catalog: Catalog, in tree: TreeContents) throws(PKIErrors) {
    let named = try Selection(arguments: names.filter { $0 != "all" }, .leaves, in: catalog)
    let (selection, needless) = named.externallySigned(of: catalog, in: tree)
    guard needless.isEmpty else {
      throw PKIErrors(needless.map { Self.error($0.entry, $0.reason, tree.location) })
    }
    self = selection
    guard names.contains("all") else { return }
    let all = Selection.everything(in: catalog, for: tree.role).externallySigned(of: catalog, in: tree)
      .selection
    entries.formUnion(all.entries(of: catalog).filter { tree.outsideFinding($0) == nil }.map(\.id))
    guard entries.isEmpty else { return }
    throw PKIErrors([
      .invalidSetting(
        .option("NAME"), value: "all",
        problem: "nothing to request: \(tree.location.certificateDirectory) has no CA whose key is missing",
        hint:
          "put the CA's certificate there without its key, as ca.crt for example; for a CA with its key, run pkigen init"
      )
    ])
  }

  private static func error(
    _ entry: CatalogEntry, _ reason: NeedlessCSR, _ location: TreeLocation
  ) -> PKIError {
    switch reason {
    case .caMissing(_, let path):
      return .invalidSetting(
        .option("NAME"), value: entry.name,
        problem:
          "not to be requested yet: the certificate of the CA that has to sign it, \(path), is missing",
        hint: "put that certificate there first; or make a CA with pkigen init")
    case .caKeyIsHere(_, let path):
      let command = entry.isKubeconfig ? "phase kubeconfig" : "phase cert"
      return .invalidSetting(
        .option("NAME"), value: entry.name, problem: "signed here: the key of \(path) is in this tree",
        hint: "make it with pkigen \(command) \(entry.name)\(location.commandOptions)")
    }
  }
}

extension Catalog {
  /// Whether it has no kubeconfigs, and a name is that of one.
  fileprivate func isWithoutKubeconfig(named name: String) -> Bool {
    let other = Selection.named([name], .kubeconfigs, in: .allFiles).unknown
    return !entries.contains(where: \.isKubeconfig) && other.isEmpty
  }
}

/// The catalog's names, for help pages.
enum NameTable {
  static var certificates: String {
    lines(
      Catalog.documented.entries.filter { !$0.isKubeconfig }.map { ($0.name, $0.summary) }
        + [(Catalog.serviceAccountKey, "what signs and verifies service-account tokens")])
  }

  static var kubeconfigs: String { lines(kubeconfigRows) }

  private static var kubeconfigRows: [(name: String, summary: String)] {
    Catalog.allFiles.entries.filter(\.isKubeconfig).map { entry in
      (
        entry.id.rawValue,
        entry.summary + (Catalog.documented[entry.id] == nil ? "; --style kubeadm only" : "")
      )
    }
  }

  private static func lines(_ rows: [(name: String, summary: String)]) -> String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { "  \($0.name)\(String(repeating: " ", count: width - $0.name.count))  \($0.summary)" }
      .joined(separator: "\n")
  }
}

extension CompletionKind {
  /// What shells complete a NAME to: rows of the catalog, the service-account key where it is one of them, and `all`.
  static func names(withServiceAccountKey: Bool = false, of isOne: (CatalogEntry) -> Bool) -> CompletionKind {
    .list(
      Catalog.allFiles.entries.filter(isOne).map(\.name)
        + (withServiceAccountKey ? [Catalog.serviceAccountKey] : []) + ["all"])
  }
}
