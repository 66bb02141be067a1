internal import FileStore
internal import OpenSSLX509
internal import StructuredText

/// The root CA above the CAs of a tree.
extension Examination {
  /// What is wrong with a root CA that is there.
  ///
  /// - Parameter signs: whether its key is needed.
  package func rootFindings(_ root: RootCA, signs: Bool) -> [Finding] {
    let path = root.certificatePath
    let unusable = [root.certificates.finding, root.key.finding].compactMap(\.self)
    guard unusable.isEmpty else { return unusable }
    guard let certificate = root.certificate else { return [missing(path, .nameRoot)] }
    var findings =
      validityFindings(certificate, path, .useAnotherRoot) + caBitFindings(certificate, path)
      + strengthFindings(certificate, path, .useAnotherRoot)
    if case .ca(pathLength: 0?)? = try? certificate.basicConstraints() {
      findings.append(
        Finding(
          .notACA, [path], "\(path) has the path length 0: there can be no CA below it",
          remedy: remedy(.useAnotherRoot)))
    }
    if let key = root.key.value, let keyPath = root.keyPath {
      findings += pairFindings(certificate, path, key, keyPath, or: .useAnotherRoot)
    } else if signs {
      let files = [root.keyPath, path].compactMap(\.self)
      findings.append(
        Finding(
          .caKeyMissing, files,
          "the root CA's key\(root.keyPath.map { ", \($0)," } ?? "") is missing; it has to sign CAs",
          remedy: remedy(.nameRootKey)))
    }
    return findings
  }

  /// What is wrong with the certificates that lead from a CA to the root CA, where there are any.
  package func rootChainFindings(_ row: CatalogEntry) -> [Finding] {
    let content = tree.rootChain(of: row.id)
    if let finding = content.finding { return [finding] }
    guard let chain = content.value, let ca = tree.ca(row.id) else { return [] }
    let (path, caPath) = (location.path(of: row, .rootChain), location.path(of: row))
    func mismatch(_ message: String) -> [Finding] {
      [Finding(.bundleMismatch, [path, caPath], message, remedy: remedy(.writeRootChain(path, ca: caPath)))]
    }
    guard chain.contains(ca.issuing) else { return mismatch("\(path) does not hold \(caPath)") }
    guard let root = ca.root else { return mismatch("\(path) does not lead from \(caPath) to a root CA") }
    var findings = validityFindings(root, path, .replaceRoot)
    if ca.issuing.validity.notAfter > root.validity.notAfter, root.validity.contains(instant) {
      findings.append(
        Finding(
          .outlivesCA, [caPath, path],
          "the root CA in \(path) expires at \(root.validity.notAfter.rfc3339), and with it \(caPath), which says later",
          remedy: remedy(.planReplacement(of: nil, isKeyHere: false, until: root.validity.notAfter))))
    }
    return findings
  }

  /// Leaves that are not followed by the CA's certificate, which a client needs that knows the root CA only.
  package func intermediateFindings(_ row: CatalogEntry) -> [Finding] {
    guard tree.rootChain(of: row.id).value != nil, let chain = tree.ca(row.id)?.chain, !chain.isEmpty else {
      return []
    }
    let entries = catalog.entries.filter { entry in
      entry.ca == row.id && leaf(entry).map { !chain.allSatisfy($0.intermediates.contains) } == true
    }
    guard !entries.isEmpty else { return [] }
    let (paths, path) = (entries.map { location.path(of: $0) }, location.path(of: row))
    return [
      Finding(
        .missingIntermediate, paths + [path],
        "\(paths.listed) \(paths.count == 1 ? "lacks" : "lack") the certificate of the CA, \(path)",
        remedy: remedy(.renew(entries.map(\.id))))
    ]
  }
}
