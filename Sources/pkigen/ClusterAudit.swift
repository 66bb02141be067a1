import Glibc
import KubernetesPKI
import StaticPods

extension RequestedCluster {
  /// Fields whose values in manifests are no facts of the node: a member's name need not be the node's, nor a token's issuer
  /// the domain of services.
  static let uncertainFields: [ClusterField] = [.nodeName, .dnsDomain]

  /// The check of the tree that `verify` makes with these options, and the notes on what it takes from manifests.
  func audit() throws(PKIErrors) -> Audit {
    var requested = self
    let pods = staticPods
    let notes = requested.take(pods, without: Self.uncertainFields)
    let configuration = try requested.known.configuration(assumingDefaults: false)
    var audit = Audit(for: configuration, owner: geteuid())
    audit.style = stated[.style].map { _ in configuration.style }
    let isVersionStated = stated[.kubernetesVersion].map { !$0.origin.isFile } ?? false
    if stated[.style] != nil, configuration.style == .documented || isVersionStated {
      audit.catalog = requested.catalog
    }
    audit.fileUses = pods.files
    audit.manifestFindings = pods.findings + notes.map(\.finding)
    return audit
  }
}

extension RequestedCluster.ManifestNote {
  /// The note as a finding.
  fileprivate var finding: Finding {
    Finding(.manifestValues, [manifest], text, .nothingIfIntended)
  }
}
