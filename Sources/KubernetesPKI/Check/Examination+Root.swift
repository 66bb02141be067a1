internal import FileStore
package import OpenSSLX509
internal import StructuredText

/// The authority above the authorities of a tree.
extension Examination {
  /// What is wrong with a root that is there.
  ///
  /// - Parameter signs: whether its key is needed.
  package func rootFindings(_ root: RootAuthority, signs: Bool) -> [Finding] {
    let path = root.certificatePath
    let unusable = [root.certificates.finding, root.key.finding].compactMap(\.self)
    guard unusable.isEmpty else { return unusable }
    let remedy = "use another root"
    guard let certificate = root.certificate else {
      return [missing(path, "put the root's certificate there, or name another file with --root-ca-cert")]
    }
    var findings =
      validityFindings(certificate, path, remedy: remedy) + authorityFindings(certificate, path)
      + strengthFindings(certificate, path, remedy: remedy)
    if case .isAuthority(pathLength: 0?)? = try? certificate.basicConstraints() {
      findings.append(
        Finding(
          .notAnAuthority, [path], "\(path) has the path length 0: there can be no authority below it",
          remedy: remedy))
    }
    if let key = root.key.value, let keyPath = root.keyPath {
      findings += pairFindings(certificate, path, key, keyPath, remedy: remedy)
    } else if signs {
      let keyPath = root.keyPath ?? "--root-ca-key"
      findings.append(
        Finding(
          .authorityKeyMissing, [keyPath, path],
          "the root's key, \(keyPath), is missing; it has to sign authorities",
          remedy: "name the key of \(path) with --root-ca-key"))
    }
    return findings
  }

  /// What is wrong with the certificates that lead from an authority to the root, where there are any.
  package func bundleFindings(_ profile: CertificateProfile) -> [Finding] {
    guard let content = tree.bundles[profile.id], !content.isAbsent else { return [] }
    if let finding = content.finding { return [finding] }
    guard let authority = authority(profile.id), let bundle = content.value else { return [] }
    let (path, authorityPath) = (location.bundle(profile), location.certificate(profile))
    let remedy = "put \(authorityPath) and the root's certificate into \(path), in this order"
    guard bundle.contains(authority) else {
      return [
        Finding(
          .bundleMismatch, [path, authorityPath], "\(path) does not hold \(authorityPath)", remedy: remedy)
      ]
    }
    guard let root = root(above: authority, in: bundle) else {
      return [
        Finding(
          .bundleMismatch, [path, authorityPath], "\(path) does not lead from \(authorityPath) to a root",
          remedy: remedy)
      ]
    }
    var findings = validityFindings(
      root, path, remedy: "replace the root, and with it all authorities below it")
    if authority.validity.notAfter > root.validity.notAfter, root.validity.contains(instant) {
      findings.append(
        Finding(
          .outlivesAuthority, [authorityPath, path],
          "the root in \(path) ends at \(root.validity.notAfter.rfc3339), and with it \(authorityPath), whatever it says",
          remedy: "plan the replacement of the root for that time"))
    }
    return findings
  }

  /// Leaves that do not bring the authority's certificate along, which a client needs that knows the root only.
  package func intermediateFindings(_ profile: CertificateProfile) -> [Finding] {
    let intermediates = tree.intermediates(of: profile.id)
    guard tree.bundles[profile.id]?.value != nil, !intermediates.isEmpty else { return [] }
    let paths = leaves.filter { leaf in
      leaf.authority == profile.id && !intermediates.allSatisfy(leaf.intermediates.contains)
    }.map(\.path)
    guard !paths.isEmpty else { return [] }
    let path = location.certificate(profile)
    return [
      Finding(
        .missingIntermediate, paths + [path],
        "\(paths.listed) \(paths.count == 1 ? "lacks" : "lack") the certificate of the authority, \(path)",
        remedy: "renew with pkigen renew\(location.commandOptions), which appends it")
    ]
  }

  /// The root to which certificates of a bundle lead from an authority.
  package func root(above authority: Certificate, in bundle: [Certificate]) -> Certificate? {
    var current = authority
    for _ in bundle {
      guard let issuer = bundle.first(where: { current.isIssued(by: $0) }) else { return nil }
      if issuer == current { return issuer }
      current = issuer
    }
    return nil
  }
}
