internal import FileStore

/// The trees of other nodes.
extension TreeLocation {
  /// The trees of other nodes, read.
  ///
  /// - Throws: ``PKIErrors`` with each directory that is not the tree of another node.
  package func peers(_ locations: [TreeLocation]) throws(PKIErrors) -> [TreeContents] {
    var errors: [PKIError] = []
    for peer in locations {
      do throws(PKIError) {
        guard let problem = try problem(ofPeer: peer) else { continue }
        errors.append(
          .invalidSetting(.value("peer"), value: peer.kubeconfigDirectory, problem: problem, hint: nil))
      } catch {
        errors.append(error)
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
    return locations.map { TreeContents(reading: $0, catalog: .allFiles) }
  }

  private func problem(ofPeer peer: TreeLocation) throws(PKIError) -> String? {
    if try files(FileSystem.status(peer.certificateDirectory, followingLinks: true))?.isDirectory != true {
      return "not the directory of a tree: there is no pki in it"
    }
    return try files(FileSystem.isSame(peer.certificateDirectory, certificateDirectory))
      ? "the tree itself; a peer is the tree of another node" : nil
  }
}
