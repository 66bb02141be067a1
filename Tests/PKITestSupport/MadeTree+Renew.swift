package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509
import Testing

extension MadeTree {
  /// So many days after the tree was made.
  package static func days(_ days: Double) -> Date { instant.addingTimeInterval(days * 86_400) }

  /// The plan that renews something; its leaves have expired the day before.
  package func renewal(
    _ names: String..., at instant: Date = days(366),
    _ change: (inout RenewalOptions) throws -> Void = { _ in }
  ) throws -> Plan {
    var options = RenewalOptions()
    options.skipsAbsent = names.contains("all")
    try change(&options)
    return try Plan(
      renewing: Selection.test(names, .renewable, in: catalog.withEveryKubeconfig),
      of: catalog.withEveryKubeconfig,
      in: TreeContents(reading: location, catalog: catalog.withEveryKubeconfig), options, at: instant)
  }

  /// Carries a plan out, with a report of it.
  @discardableResult
  package func carryOut(_ plan: Plan) throws -> Report {
    let files = try Issuer(jobs: 1).issue(plan)
    return try Report(plan, issued: files, notes: TreeWriter(location).write(files))
  }

  /// What is in a file of certificates.
  package func certificates(in name: String) throws -> [Certificate] {
    try Certificate.all(pem: SecretBytes(Array(text(name).utf8)))
  }
}

extension Plan {
  /// What is replaced, by the names of the items.
  package var replacements: [String: Replacement] {
    Dictionary(
      steps.compactMap { step in
        if case .replace(_, let replacement) = step { (step.name, replacement) } else { nil }
      }, uniquingKeysWith: { $1 })
  }
}

extension Certificate {
  /// The extensions, without those that depend on keys.
  package var content: [CertificateExtension] {
    extensions.filter {
      ![SubjectKeyIdentifier.identifier, AuthorityKeyIdentifier.identifier].contains($0.identifier)
    }
  }
}
