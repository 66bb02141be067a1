internal import Kubeconfigs
internal import OpenSSLX509

/// A table of identities that trees have, and what a sentence calls it.
package struct KnownStyle {
  /// What a sentence calls it.
  package let name: String
  package let catalog: Catalog
  /// Whether it is kubeadm's, whose upgrades keep the identities that they find.
  package let isKubeadm: Bool

  /// All that differ in identities, in the order in which they are taken where several fit as well.
  package static let all = [
    KnownStyle(name: "those of the Kubernetes documentation", catalog: .documented, isKubeadm: false),
    kubeadm(.newestKnown, "kubeadm's from v1.33.12, v1.34.8, v1.35.5 and v1.36.1 on"),
    kubeadm(KubernetesVersion(1, 29, 0), "kubeadm's from v1.29 on"),
    kubeadm(KubernetesVersion(1, 28, 0), "kubeadm's up to v1.28"),
  ]

  private static func kubeadm(_ version: KubernetesVersion, _ name: String) -> KnownStyle {
    KnownStyle(name: name, catalog: .kubeadm(version), isKubeadm: true)
  }

  /// The one that has the most identities of a tree; `nil` where none has any.
  ///
  /// - Parameter style: the style that it has to be of, where that is known.
  package static func nearest(
    to tree: TreeContents, _ cluster: ClusterConfiguration, of style: NamingStyle? = nil
  ) -> KnownStyle? {
    let all = all.filter { style == nil || $0.catalog.style == style }
    let fits = all.map { $0.catalog.matchCount(in: tree, cluster) }
    let best = fits.max() ?? 0
    return zip(all, fits).first { $0.1 == best && best > 0 }?.0
  }
}

extension Catalog {
  /// The catalog of the style that has the most identities of a tree; the documented one where none has any.
  package static func nearest(to tree: TreeContents) -> Catalog {
    KnownStyle.nearest(to: tree, ClusterConfiguration.unknown)?.catalog ?? .documented
  }

  /// How many subjects of a tree are as this catalog has them.
  fileprivate func matchCount(in tree: TreeContents, _ cluster: ClusterConfiguration) -> Int {
    entries.count { entry in
      tree[entry.id].certificate.map { SubjectIdentity(entry).isSubject($0.subject, in: cluster) } ?? false
    }
  }
}
