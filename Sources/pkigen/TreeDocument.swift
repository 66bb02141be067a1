import Fleet
import KubernetesPKI
import StructuredText

/// The document of many trees.
struct TreeListDocument<Tree: Encodable>: Encodable {
  let apiVersion = "pkigen/v1"
  let kind: String
  let trees: [Tree]
}

/// One tree of such a document: which one it is, and the document of a single tree.
struct TreeDocument<Content: Encodable>: Encodable {
  let tree: FleetTree
  let content: Content

  func encode(to encoder: any Encoder) throws {
    try TreeIdentity(tree).encode(to: encoder)
    try content.encode(to: encoder)
  }
}

/// Which of many trees a part of a document is about.
struct TreeIdentity: Encodable {
  let cluster: String
  let node: String
  let certificateDirectory: String
  let kubeconfigDirectory: String

  init(_ tree: FleetTree) {
    cluster = tree.cluster
    node = tree.node
    certificateDirectory = tree.location.certificateDirectory
    kubeconfigDirectory = tree.location.kubeconfigDirectory
  }
}

extension FleetTree {
  /// The first cells of the tree's line in a table.
  var cells: [String] { [cluster.isEmpty ? "-" : cluster.printable, node.printable] }
}
