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
      steps: builder.steps, warnings: builder.warnings, refusals: builder.refusals, root: options.root,
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
    catalog.cas.contains { tree.ca($0.id)?.issuing != examination.tree.ca($0.id)?.issuing }
  }

  mutating func addAll() {
    let cas = selection.entries(of: catalog).filter(\.isCA)
    refuseNeedlessRoot(above: cas)
    let isOfCluster = cas.contains { $0.id == .ca }
    if options.verb == .prepare, isOfCluster, stopsForSigningFile() { return }
    if isOfCluster { refuseSharedSigningFile() }
    for ca in cas { add(ca) }
    if selection.serviceAccountKey { addServiceAccountKey() }
    for ca in cas where errors.isEmpty { addLeaves(of: ca) }
  }

  /// Refuses a root CA where none of the CAs is below one.
  private mutating func refuseNeedlessRoot(above cas: [CatalogEntry]) {
    guard let root = options.root, cas.allSatisfy({ tree.ca($0.id)?.issuing.isSelfSigned != false }) else {
      return
    }
    errors.append(
      .invalidSetting(
        .value("root-ca-cert"), value: root.certificatePath,
        problem: "needless: no CA here is below a root CA",
        hint: nil))
  }

  /// What a run does of a stage.
  enum Move {
    /// There is nothing to do it with, or an error.
    case none
    /// The stage is reached.
    case keep
    /// A successor is made.
    case prepare
    /// The successor signs.
    case switchOver
    /// The predecessor signs again.
    case switchBack
    /// What signs is all that is trusted.
    case endTrust
    /// The key is not here.
    case keyless
  }

  /// What the verb means for something at a stage.
  ///
  /// - Parameters:
  ///   - name: kubeadm's name of it.
  ///   - path: its file.
  ///   - predecessor: what a sentence calls what it has replaced.
  mutating func move(_ name: String, at path: String, _ stage: RotationStage, after predecessor: String)
    -> Move
  {
    func refused(_ message: String) -> Move {
      let finding = Finding(
        .rotationOrder, [path], "\(name) \(message)", remedy: examination.remedy(.showRotation))
      errors.append(.unsound(finding))
      return .none
    }
    switch (options.verb, stage) {
    case (_, .irregular(let finding)):
      errors.append(.unsound(examination.located(finding)))
      return .none
    case (_, .absent): return .none
    case (_, .keyless): return .keyless
    case (.prepare, .prepared), (.switchOver, .switched), (.retire, .idle): return .keep
    case (.prepare, .idle): return .prepare
    case (.switchOver, .prepared): return .switchOver
    case (.back, .switched): return .switchBack
    case (.retire, .switched), (.back, .prepared): return .endTrust
    case (.prepare, .switched):
      return refused("is switched to its successor already: retire the \(predecessor), or go back, first")
    case (.switchOver, .idle): return refused("has no successor: prepare one first")
    case (.retire, .prepared): return refused("has a successor that does not sign yet: switch to it first")
    case (.back, .idle): return refused("is not being rotated: there is no stage to go back to")
    }
  }
}
