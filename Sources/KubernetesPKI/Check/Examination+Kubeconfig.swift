package import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

extension Examination {
  /// What is wrong with a kubeconfig.
  public func findings(_ profile: KubeconfigProfile) -> [Finding] {
    ownFindings(profile) + (leaf(profile).map(issuerFindings) ?? [])
  }

  /// What is wrong with a kubeconfig, whoever signed its client certificate.
  package func ownFindings(_ profile: KubeconfigProfile) -> [Finding] {
    let path = location.kubeconfig(profile)
    let content = tree.kubeconfigs[profile.id] ?? .absent
    if let finding = content.finding { return [finding] }
    guard let kubeconfig = content.value else { return [absence(of: profile)] }
    if let finding = awaiting(profile) { return [finding] }
    var findings: [Finding] = []
    if !kubeconfig.problems.isEmpty {
      findings.append(.unusableKubeconfig(path, kubeconfig.allProblems.joined(separator: "; ")))
    }
    if let leaf = leaf(profile) {
      if let key = kubeconfig.clientKey, (try? key.isPair(of: leaf.certificate.publicKey)) != true {
        findings.append(
          Finding(
            .keyMismatch, [path], "\(path) holds a client key that is not that of its client certificate",
            remedy: leaf.replaceRemedy))
      }
      // A key of a kind that cannot be read is the certificate's too.
      findings += contentFindings(leaf).filter { $0.code != .unsupportedKey || kubeconfig.clientKey != nil }
    }
    return findings + trustFindings(kubeconfig, profile) + serverFindings(kubeconfig, profile)
  }

  /// Whether a kubeconfig trusts the tree's authority.
  ///
  /// One whose client certificate comes from the authority that it trusts is of another cluster as a whole, which is said
  /// of that certificate.
  private func trustFindings(_ kubeconfig: Kubeconfig, _ profile: KubeconfigProfile) -> [Finding] {
    let trusted = kubeconfig.certificateAuthorities
    guard let row = catalog[profile.authority], let authorities = tree.certificates[row.id]?.value,
      !trusted.isEmpty,
      !trusted.contains(where: authorities.contains)
    else { return [] }
    if let leaf = leaf(profile), !authorities.contains(where: { isIssued(leaf, by: $0) }),
      trusted.contains(where: { isIssued(leaf, by: $0) })
    {
      return []
    }
    let (path, authorityPath) = (location.kubeconfig(profile), location.certificate(row))
    return [
      Finding(
        .kubeconfigAuthority, [path, authorityPath],
        "\(path) does not trust \(authorityPath): it embeds another authority", remedy: replaceRemedy(profile)
      )
    ]
  }

  /// Whether a kubeconfig points to the cluster's server, where that is known.
  package func serverFindings(_ kubeconfig: Kubeconfig, _ profile: KubeconfigProfile) -> [Finding] {
    // What is nearest to a node with an API server is that, whose address nobody has said.
    let isOpen = profile.server == .nearest && cluster.localURL == nil && hasAPIServer
    guard kubeconfig.problems[.server] == nil, !isOpen, let expected = profile.serverURL(in: cluster) else {
      return []
    }
    // kubeadm's versions differ in this for all but the administrators, and each way works.
    let alternatives =
      [.admin, .superAdmin].contains(profile.id) ? [] : [cluster.localURL, cluster.controlPlaneURL]
    guard kubeconfig.server != expected, !alternatives.contains(kubeconfig.server) else { return [] }
    let path = location.kubeconfig(profile)
    return [
      Finding(
        .kubeconfigServer, [path],
        "\(path) points to \(kubeconfig.server.quoted), not to \(expected)",
        remedy: replaceRemedy(profile))
    ]
  }

  /// Whether the tree is of a node that runs an API server.
  private var hasAPIServer: Bool { tree.certificates[.apiserver]?.isAbsent == false }

  package func replaceRemedy(_ profile: KubeconfigProfile) -> String {
    let path = location.kubeconfig(profile)
    return
      "move \(path) away, then run pkigen phase kubeconfig \(profile.id.rawValue)\(location.commandOptions)"
      + " with the cluster's options"
  }
}

extension Finding {
  /// A kubeconfig with a problem: a sentence's second half.
  package static func unusableKubeconfig(_ path: String, _ problem: String) -> Finding {
    Finding(
      .malformedFile, [path], "\(path) is no usable kubeconfig: \(problem)",
      remedy: "move \(path) away, then have pkigen init or pkigen phase make a new one")
  }
}
