package import KubernetesPKI

/// The PKI of one node among those of many.
package struct FleetTree: Hashable, Sendable {
  /// The cluster: what is between the directory of all trees and the last component of the tree's path; empty where nothing is.
  package let cluster: String
  /// The node: the last component of the tree's path.
  package let node: String
  /// Where the tree is.
  package let location: TreeLocation
  /// Whether its files are such as only a control-plane node has.
  package let isControlPlane: Bool

  /// The cluster and the node, for texts.
  package var name: String { cluster.isEmpty ? node : "\(cluster)/\(node)" }

  /// Whether the tree comes before another in a list sorted by cluster and node.
  package static func isOrdered(_ one: FleetTree, _ other: FleetTree) -> Bool {
    (one.cluster, one.node, one.location.certificateDirectory)
      < (other.cluster, other.node, other.location.certificateDirectory)
  }
}
