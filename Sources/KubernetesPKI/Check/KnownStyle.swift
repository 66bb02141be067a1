internal import Kubeconfigs
package import OpenSSLX509

/// A table of identities that trees in the world have, with words for it.
package struct KnownStyle {
  /// What a sentence calls it.
  package let name: String
  package let catalog: Catalog
  /// Whether kubeadm has trees change to it, and from it: an upgrade keeps the identities that it finds.
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
  package static func nearest(to tree: TreeContents, _ cluster: ClusterConfiguration) -> KnownStyle? {
    let fits = all.map { $0.catalog.matchCount(in: tree, cluster) }
    let best = fits.max() ?? 0
    return zip(all, fits).first { $0.1 == best && best > 0 }?.0
  }
}

extension Catalog {
  /// The catalog of the style that has the most identities of a tree; the documented one where none has any.
  public static func nearest(to tree: TreeContents) -> Catalog {
    KnownStyle.nearest(to: tree, ClusterConfiguration())?.catalog ?? .documented
  }

  /// The catalog with the kubeconfigs that only other styles have, too.
  public var withEveryKubeconfig: Catalog {
    let others = Catalog.allFiles.kubeconfigs.filter { self[$0.id] == nil }
    return Catalog(certificates: certificates, kubeconfigs: kubeconfigs + others)
  }

  /// Everything that any known style has a file for.
  public static let allFiles = Catalog.kubeadm(.newestKnown)

  /// How many subjects of a tree are as this catalog has them.
  fileprivate func matchCount(in tree: TreeContents, _ cluster: ClusterConfiguration) -> Int {
    certificates.count { row in
      tree.certificates[row.id]?.value?.first.map {
        row.commonName.isSubject($0.subject, with: row.organizations, in: cluster)
      } ?? false
    }
      + kubeconfigs.count { row in
        tree.kubeconfigs[row.id]?.value?.clientCertificates.first.map {
          row.commonName.isSubject($0.subject, with: row.organizations, in: cluster)
        } ?? false
      }
  }
}

extension CertificateProfile.CommonName {
  /// Whether a subject has this common name and these organizations; of a node's name that nobody has said, any will do.
  package func isSubject(
    _ subject: DistinguishedName, with organizations: [String], in cluster: ClusterConfiguration
  ) -> Bool {
    guard subject.organizations.sorted() == organizations.sorted(), let name = subject.commonName else {
      return false
    }
    if let expected = resolved(in: cluster) { return name == expected }
    let prefix = text(nodeName: "")
    return name.hasPrefix(prefix) && name != prefix
  }
}
