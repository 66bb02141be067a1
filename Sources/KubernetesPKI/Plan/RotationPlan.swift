internal import FileStore
package import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

extension Plan {
  /// The plan of a rotation: brings CAs and the key of service-account tokens to the next stage, or does what is missing of
  /// the stage in which they are.
  ///
  /// - Parameters:
  ///   - catalog: what a tree may hold; `tree` was read with it.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with everything that keeps the stage from being reached; nothing is planned then.
  package init(
    rotating options: RotationOptions, of catalog: Catalog, in tree: TreeContents, at instant: Date
  ) throws(PKIErrors) {
    let examination = Examination(
      catalog: catalog, tree: tree, cluster: ClusterConfiguration.unknown, instant: instant)
    guard !examination.isEmpty else { throw PKIErrors([.unsound(examination.nothingThere)]) }
    var builder = RotationPlanBuilder(options, examination)
    builder.addAll()
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(
      steps: builder.steps, warnings: builder.warnings, refusals: builder.refusals,
      Examination(
        catalog: catalog, tree: builder.tree, cluster: ClusterConfiguration.unknown, instant: instant))
  }
}

/// Collects the steps of a rotation.
struct RotationPlanBuilder {
  let options: RotationOptions
  /// The tree as it is.
  let examination: Examination
  /// The tree with the CAs as the run leaves them, as far as they are known before it.
  var tree: TreeContents
  var errors: [PKIError] = []
  var warnings: [String] = []
  /// What has to be done first, where the run stops short.
  var refusals: [Finding] = []
  var files: [Plan.Step] = []
  var leaves: [Plan.Step] = []

  var catalog: Catalog { examination.catalog }
  var location: TreeLocation { examination.location }
  var selection: Selection { options.selection }

  init(_ options: RotationOptions, _ examination: Examination) {
    self.options = options
    self.examination = examination
    tree = examination.tree
  }

  /// The steps: what is trusted is written before what is issued, and taken away after it.
  var steps: [Plan.Step] {
    let endsTrust = options.verb == .retire || options.verb == .back && !reissues
    return endsTrust ? leaves + files : files + leaves
  }

  /// Whether a predecessor signs again.
  private var reissues: Bool {
    files.contains { step in
      if case .rotate(let entry, .arrange(let change)) = step {
        return change.issuing != examination.tree.ca(entry.id)?.issuing
      }
      return false
    }
  }

  mutating func addAll() {
    let cas = selection.entries(of: catalog).filter(\.isCA)
    if options.verb == .prepare, cas.contains(where: { $0.id == .ca }), stopsForSigningFile() { return }
    for ca in cas { add(ca) }
    if selection.serviceAccountKey { addServiceAccountKey() }
    for ca in cas where errors.isEmpty { addLeaves(of: ca) }
  }

  private mutating func add(_ ca: CatalogEntry) {
    let stage = examination.tree.stage(of: ca)
    switch (options.verb, stage) {
    case (_, .irregular(let finding)): errors.append(.unsound(finding))
    case (_, .absent): break
    case (.prepare, .idle): prepare(ca)
    case (.prepare, .prepared), (.switchOver, .switched), (.retire, .idle): keep(ca)
    case (.switchOver, .prepared): switchOver(ca)
    case (.retire, .switched): retire(ca)
    case (.back, .switched): arrange(ca) { $0.switchedBack() }
    case (.back, .prepared): unprepare(ca)
    case (_, .keyless): keyless(ca)
    case (.prepare, .switched):
      refuse(ca, "\(ca.name) is switched to its successor already: retire the predecessor, or go back, first")
    case (.switchOver, .idle): refuse(ca, "\(ca.name) has no successor: prepare one first")
    case (.retire, .prepared):
      refuse(ca, "\(ca.name) has a successor that does not sign yet: switch to it first")
    case (.back, .idle):
      refuse(ca, "\(ca.name) is not being rotated: there is no stage to go back to")
    }
  }

  private mutating func keep(_ ca: CatalogEntry) { files.append(.keep(.entry(ca))) }

  private mutating func refuse(_ ca: CatalogEntry, _ message: String) {
    errors.append(
      .unsound(
        Finding(.rotationOrder, [location.path(of: ca)], message, remedy: examination.remedy(.showRotation))))
  }

  /// A worker has a CA's certificates and not its key; so has a node of an external CA.
  private mutating func keyless(_ ca: CatalogEntry) {
    guard examination.tree[.apiserver].isAbsent else {
      let keyPath = location.path(of: ca, .key)
      return errors.append(
        .unsound(
          Finding(
            .caKeyMissing, [keyPath, location.path(of: ca)],
            "the key of the CA \(ca.name), \(keyPath), is not here",
            remedy: examination.remedy(.lendCAKey(keyPath)))))
    }
    keep(ca)
  }

  mutating func arrange(_ ca: CatalogEntry, _ change: (CAArrangement) -> CAArrangement?) {
    guard let present = CAArrangement(ca.id, in: examination.tree), let next = change(present),
      let authority = next.ca(rootChain: examination.tree.rootChain(of: ca.id).value ?? [])
    else { return }
    files.append(.rotate(ca, .arrange(CARearrangement(next, of: ca, in: examination.tree))))
    tree = tree.replacing(authority, for: ca.id)
  }
}
