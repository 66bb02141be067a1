internal import OpenSSLX509

extension Examination {
  /// What is wrong with a kubeconfig.
  public func findings(_ profile: KubeconfigProfile) -> [Finding] {
    let path = location.kubeconfig(profile)
    let content = tree.kubeconfigs[profile.id] ?? .absent
    if let finding = content.finding { return [finding] }
    let remedy =
      "move \(path) away, then run pkigen phase kubeconfig \(profile.id.rawValue)\(location.commandOptions)"
      + " with the cluster's options"
    guard let kubeconfig = content.value else {
      return [missing(path, "run pkigen phase kubeconfig \(profile.id.rawValue)\(location.commandOptions)")]
    }
    guard kubeconfig.problems.isEmpty, let client = kubeconfig.clientCertificates.first else {
      return kubeconfig.allProblems.map { .unusableKubeconfig(path, $0) }
    }
    var findings: [Finding] = []
    if (try? kubeconfig.clientKey?.isPair(of: client.publicKey)) != true {
      findings.append(
        Finding(
          .keyMismatch, [path], "\(path) holds a client key that is not that of its client certificate",
          remedy: remedy))
    }
    findings += trustFindings(kubeconfig, path, profile.authority, remedy: remedy)
    findings += validityFindings(
      client, path, remedy: "run pkigen renew \(profile.id.rawValue)\(location.commandOptions)")
    findings += issuerFindings(client, path, of: profile.authority)
    findings += identityFindings(client, path, profile.commonName, profile.organizations, remedy: remedy)
    findings += usageFindings(client, path, [.clientAuth], remedy: remedy)
    if let expected = profile.serverURL(in: cluster), kubeconfig.server != expected {
      findings.append(
        Finding(
          .kubeconfigServer, [path],
          "\(path) points to \(PKIError.quote(kubeconfig.server)), not to \(expected)",
          remedy: remedy))
    }
    return findings
  }

  /// Whether a kubeconfig trusts the tree's authority.
  private func trustFindings(
    _ kubeconfig: Kubeconfig, _ path: String, _ id: CertificateProfile.ID, remedy: String
  ) -> [Finding] {
    guard let profile = catalog[id], let authority = authority(id) else { return [] }
    guard !kubeconfig.certificateAuthorities.contains(authority) else { return [] }
    let authorityPath = location.certificate(profile)
    return [
      Finding(
        .kubeconfigAuthority, [path, authorityPath],
        "\(path) does not trust \(authorityPath): it embeds another authority", remedy: remedy)
    ]
  }
}

extension Finding {
  /// A kubeconfig with a problem: a sentence's second half.
  static func unusableKubeconfig(_ path: String, _ problem: String) -> Finding {
    Finding(
      .malformedFile, [path], "\(path) is no usable kubeconfig: \(problem)",
      remedy: "move \(path) away, then run pkigen again to make a new one")
  }
}
