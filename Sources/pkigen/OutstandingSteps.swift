import FileStore
import KubernetesPKI
import OpenSSLX509

extension Plan {
  /// The commands that lead to the certificates which external CAs have to sign.
  func outstandingSteps(of catalog: Catalog) -> [String] {
    let outstanding = outstanding(of: catalog)
    guard !outstanding.isEmpty else { return [] }
    let options = tree.location.commandOptions
    var steps: [String] = []
    if outstanding.contains(where: \.lacksCSRs) {
      let names = outstanding.flatMap(\.names).joined(separator: ", ")
      let entries = outstanding.flatMap(\.names).compactMap { name in
        catalog.entries.first { $0.name == name }
      }
      steps.append(
        "\(names): make CSRs: pkigen csr create all\(context(of: catalog).clusterOptions(for: entries))")
    }
    for group in outstanding {
      let files = group.csrPaths.map(Path.name).joined(separator: " ")
      let certificate = Path.name(of: tree.location.path(of: group.ca))
      steps.append(
        "where the key of \(group.ca.name) is: pkigen csr sign \(files)"
          + " --ca-cert \(certificate) --ca-key \(certificate.dropLast(4)).key --out signed")
    }
    return steps + ["put what comes back in place: pkigen csr install signed/*.crt\(options)"]
  }
}
