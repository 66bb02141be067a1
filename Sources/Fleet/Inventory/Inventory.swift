package import KubernetesPKI

/// Clusters and their nodes, as a file lists them.
package struct Inventory: Sendable {
  /// A cluster.
  package struct Cluster: Sendable {
    /// Its name, which is that of its directory.
    package let name: String
    /// What is said of the whole cluster.
    package internal(set) var settings: ClusterSettings
    /// Its nodes, in their order in the file, numbered ones one by one.
    package internal(set) var nodes: [Node]
    /// Whether machines of their own run etcd, or only some of the control-plane nodes.
    package let hasEtcdNodes: Bool
  }

  /// A node of a cluster.
  package struct Node: Sendable {
    /// Its name, which is that of its directory.
    package let name: String
    /// What the machine is; never nothing.
    package let roles: Set<NodeRole>
    /// What is said of the node, its name and address included.
    package let settings: ClusterSettings

    /// The address, where it has one.
    package var address: String? { settings[.advertiseAddress]?.text }
  }

  /// The clusters, in their order in the file.
  package internal(set) var clusters: [Cluster]
  /// What is odd, one sentence each.
  package let warnings: [String]

  /// What can be said of a cluster, by the names of options.
  package static let clusterFields: [ClusterField] = [
    .bindPort, .controlPlaneEndpoint, .serviceSubnets, .dnsDomain, .apiServerSANs, .etcdServerSANs,
    .etcdPeerSANs, .externalEtcd, .keyAlgorithm, .certificateValidity, .caCertificateValidity, .style,
    .kubernetesVersion,
  ]

  /// The inventory with what options say of every cluster, and with what a configuration says where neither does.
  package func adding(_ options: ClusterSettings, completedFrom configuration: ClusterSettings) -> Inventory {
    var inventory = self
    inventory.clusters = clusters.map { cluster in
      var cluster = cluster
      cluster.settings =
        ClusterSettings(joining: [cluster.settings, options]).completed(with: configuration)
        .settings
      return cluster
    }
    return inventory
  }

  /// The clusters and nodes whose names match these patterns, in which `*` stands for any characters and `?` for one.
  package func choosing(cluster: String?, node: String?) -> Inventory {
    var chosen = self
    chosen.clusters = clusters.filter { cluster?.matches($0.name) ?? true }.compactMap { cluster in
      var cluster = cluster
      cluster.nodes = cluster.nodes.filter { node?.matches($0.name) ?? true }
      return cluster.nodes.isEmpty ? nil : cluster
    }
    return chosen
  }
}

extension String {
  /// Whether this pattern stands for a name.
  fileprivate func matches(_ name: String) -> Bool { Self.matches(Array(utf8)[...], Array(name.utf8)[...]) }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == UInt8(ascii: "*") {
      return matches(pattern.dropFirst(), name) || !name.isEmpty && matches(pattern, name.dropFirst())
    }
    guard let character = name.first, first == UInt8(ascii: "?") || first == character else { return false }
    return matches(pattern.dropFirst(), name.dropFirst())
  }
}
