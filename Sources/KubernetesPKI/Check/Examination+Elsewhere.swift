internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// What waits for certificates of authorities whose keys are elsewhere.
extension Examination {
  /// A key waits for its certificate; `nil` where it does not.
  package func awaiting(_ profile: CertificateProfile) -> Finding? {
    guard let authority = profile.authority, isWaiting(profile) else { return nil }
    return awaiting([location.key(profile)], [location.request(profile)], signedBy: authority)
  }

  /// A kubeconfig waits for its client certificate; `nil` where it does not.
  package func awaiting(_ profile: KubeconfigProfile) -> Finding? {
    guard isWaiting(profile) else { return nil }
    return awaiting(
      [location.kubeconfig(profile)], [location.request(profile)], signedBy: profile.authority)
  }

  /// All that waits, told once of each authority.
  package func awaitingFindings() -> [Finding] {
    catalog.certificates.filter { $0.role == .authority }.compactMap { authority in
      let certificates = catalog.certificates.filter { $0.authority == authority.id && isWaiting($0) }
      let kubeconfigs = catalog.kubeconfigs.filter { $0.authority == authority.id && isWaiting($0) }
      let paths = certificates.map(location.key) + kubeconfigs.map(location.kubeconfig)
      guard !paths.isEmpty else { return nil }
      return awaiting(
        paths, certificates.map(location.request) + kubeconfigs.map(location.request), signedBy: authority.id)
    }
  }

  /// Why what an authority has signed is not renewed: because of this obstacle.
  package func renewalRefusal(_ obstacle: Finding, of names: [String]) -> Finding {
    var remedy = obstacle.remedy
    if obstacle.code == .authorityKeyMissing {
      remedy =
        "request successors for the same keys: pkigen csr create \(names.joined(separator: " "))"
        + "\(location.commandOptions) with the cluster's options; or \(remedy)"
    }
    return Finding(
      obstacle.code, obstacle.files, "cannot renew \(names.joined(separator: ", ")): \(obstacle.message)",
      remedy: remedy, cause: obstacle.cause)
  }

  private func isWaiting(_ profile: CertificateProfile) -> Bool {
    profile.authority.map(tree.isElsewhere) == true && tree.keys[profile.id]?.value != nil
      && tree.certificates[profile.id]?.isAbsent == true
  }

  private func isWaiting(_ profile: KubeconfigProfile) -> Bool {
    tree.kubeconfigs[profile.id]?.value?.isAwaitingCertificate == true && tree.isElsewhere(profile.authority)
  }

  private func awaiting(_ paths: [String], _ requests: [String], signedBy id: CertificateProfile.ID)
    -> Finding
  {
    let requested = requests.count == 1 ? requests[0] : "the .csr beside each"
    return Finding(
      .awaitingCertificate, paths,
      "\(paths.listed) \(paths.count == 1 ? "waits" : "wait") for a certificate of the authority \(id.rawValue), whose key is not here",
      remedy: "have \(requested) signed where that key is; then run"
        + " pkigen csr install\(location.commandOptions) with what comes back")
  }
}
