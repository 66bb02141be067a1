internal import FileStore
internal import FoundationEssentials
internal import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// The CAs and the service-account key of a cluster: those that its trees have, or new ones.
struct ClusterFiles: Sendable {
  /// The contents.
  private var contents: [SharedFile: SecretBytes] = [:]
  /// Where each was found; nothing for one that is new.
  private var sources: [SharedFile: String] = [:]

  /// Gathers what the trees of a cluster have.
  ///
  /// - Throws: ``PKIErrors`` when a tree cannot be read, or two have different files.
  init(in trees: [FleetTree]) throws(PKIErrors) {
    var errors: [PKIError] = []
    for tree in trees {
      for file in SharedFile.all {
        let path = tree.location.path(file.place)
        do throws(PKIError) {
          guard try files(FileSystem.status(path, followingLinks: true)) != nil else { continue }
          let content = try files(FileSystem.read(path))
          guard let known = contents[file], let source = sources[file] else {
            contents[file] = content
            sources[file] = path
            continue
          }
          if !known.hasSameBytes(as: content) { errors.append(.unsound(Self.difference(path, source))) }
        } catch {
          errors.append(error)
        }
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }

  private static func difference(_ path: String, _ other: String) -> Finding {
    Finding(
      .peerCA, [path, other], "\(path) is not the same as \(other); all nodes of a cluster share it",
      .putBack([path]))
  }

  /// The files that no tree has.
  var new: [SharedFile] { SharedFile.all.filter { contents[$0] != nil && sources[$0] == nil } }

  /// The contents of files, at their places in a tree.
  func content(of shared: [SharedFile], at location: TreeLocation) -> [String: SecretBytes] {
    Dictionary(
      shared.compactMap { file in contents[file].map { (location.path(file.place), $0) } }
    ) { first, _ in first }
  }

  /// All contents, at their places in a tree.
  func content(at location: TreeLocation) -> [String: SecretBytes] {
    content(of: SharedFile.all, at: location)
  }

  /// Makes what the trees need and none has; what is there without the rest is refused, as a new CA is a stranger to it.
  ///
  /// - Throws: ``PKIErrors``, also with what is wrong with the cluster's values.
  mutating func complete(for trees: [NodeTree], at instant: Date) throws(PKIErrors) {
    guard let first = trees.first, let part = first.parts.first else { return }
    let needed = Set(trees.flatMap(\.sharedFiles))
    let missing = needed.filter { contents[$0] == nil }
    var selection = Selection(Set(missing.filter { $0.kind == .certificate && !$0.isChain }.compactMap(\.ca)))
    selection.serviceAccountKey = missing.contains { $0.ca == nil && $0.kind == .privateKey }
    try refuseGaps(selection, in: first.location)
    guard !selection.entries.isEmpty || selection.serviceAccountKey else { return }
    let tree = TreeContents(files: content(at: first.location), at: first.location, for: part.cluster)
    let plan = try Plan(
      completing: selection, of: part.catalog, in: tree, for: part.cluster, at: instant)
    let made = try one { () throws(PKIError) in try Issuer(jobs: 1).issue(plan) }
    let places = Dictionary(made.map { ($0.path, $0.content) }) { first, _ in first }
    for file in SharedFile.all {
      if let content = places[first.location.path(file.place)] { contents[file] = content }
    }
  }

  /// Refuses to make some of the files of a control plane when others are there.
  private func refuseGaps(_ selection: Selection, in location: TreeLocation) throws(PKIErrors) {
    let isThere = sources.first { $0.key.ca == .ca && $0.key.kind == .certificate }
    guard let isThere, selection.serviceAccountKey || selection.entries.contains(.frontProxyCA) else {
      return
    }
    let names =
      selection.entries(of: .allFiles).map { location.path(of: $0) }
      + (selection.serviceAccountKey ? [location.serviceAccountKey] : [])
    throw PKIErrors([
      .unsound(
        Finding(
          .missingFile, names,
          "\(isThere.value) is there, but no tree of the cluster has \(names.map(Path.name(of:)).listed)",
          .putBack(names)))
    ])
  }
}

extension SharedFile {
  /// Whether it leads from a CA to the root CA above it.
  fileprivate var isChain: Bool {
    guard let ca, let row = Catalog.allFiles[ca] else { return false }
    return place == Layout.kubeadm.place(of: row, .rootChain)
  }
}
