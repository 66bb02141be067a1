internal import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// The examination of a CSR that names no signer: which certificate of the catalog has its subject, and what such a
/// certificate may carry.
package struct CatalogExamination {
  /// What the catalogs have for a subject.
  private struct Row {
    let entry: CatalogEntry
    /// The names without which it is of no use, whatever the cluster.
    let neededNames: [GeneralName]

    var name: String { entry.name }
    var purposes: [ExtendedKeyUsage.Purpose] { entry.purposes }
    var takesNames: Bool { !entry.sans.isEmpty }
  }

  private let examination: CSRExamination
  private let row: Row?
  /// The reasons of the row against the CSR; without a row, that no row has its subject.
  private let rowDenials: [Denial]

  /// An examination for the CA that is to sign, where it is known which.
  package init(_ examination: CSRExamination, by ca: Certificate? = nil) {
    let (request, content) = (examination.request.request, examination.content)
    let found = Self.rows(for: request, content).map { row in
      (row, Self.denials(row, content) + Self.caDenials(row, ca))
    }
    // A node's name is the subject of its client certificate and of its serving one.
    let best = found.min { $0.1.count < $1.1.count }
    self.examination = examination
    row = best?.0
    rowDenials = best?.1 ?? [Self.unknownSubject(request.subject)]
  }

  /// kubeadm's name of what the certificate is for.
  package var item: String? { row?.name }

  /// What is granted.
  ///
  /// A policy that allows any subject also grants what the catalog does not have; the CSR itself must be sound all the same.
  package func decision(under policy: ApprovalPolicy) -> CSRDecision {
    let (request, content) = (examination.request, examination.content)
    var denials = examination.ownDenials(droppingAttributes: policy.dropsSubjectAttributes)
    // Some of the catalog's own identities are in it.
    if row != nil { denials.removeAll { $0.code == .privilegedOrganization } }
    let usages = usages(allowingAny: policy.allowsAnySubject)
    if usages.purposes.isEmpty, policy.allowsAnySubject {
      denials.append(Denial(.usageMissing, "no usage is asked for"))
    }
    if !policy.allowsAnySubject { denials += rowDenials }
    return CSRDecision(
      examination, item: item, denials: denials, under: policy,
      Grant(
        commonName: content.commonName, organizations: content.organizations, names: content.names,
        usages: usages, publicKey: request.request.publicKey, lifetime: policy.longestLifetime))
  }

  private func usages(allowingAny: Bool) -> [CertificateUsage] {
    let asked = examination.request.knownUsages
    if allowingAny, !asked.isEmpty { return asked.filter { !CertificateUsage.refused.contains($0) } }
    let purposes = row?.purposes ?? []
    return [.digitalSignature, .keyEncipherment]
      + CertificateUsage.allCases.filter { $0.purpose.map(purposes.contains) == true }
  }
}

extension CatalogExamination {
  /// The rows of all styles that have a request's subject.
  private static func rows(
    for request: CertificateRequest, _ content: CSRContent
  ) -> [Row] {
    let unknown = ClusterConfiguration.unknown
    return KnownStyle.all.flatMap(\.catalog.entries).compactMap { entry -> Row? in
      guard !entry.isCA, SubjectIdentity(entry).isSubject(request.subject, in: unknown) else { return nil }
      var cluster = unknown
      cluster.nodeName = entry.commonName.nodeName(in: content.commonName)
      let names = entry.neededSANs(in: cluster)
      // The subject of kubelet-server and of etcd's kubeadm rows fits any node: there, the SANs decide.
      if entry.commonName == .nodeName, !names.allSatisfy(SubjectAlternativeName(content.names).covers) {
        return nil
      }
      return Row(entry: entry, neededNames: names)
    }
  }

  /// What a request asks for that its row does not have, and the reverse.
  private static func denials(_ row: Row, _ content: CSRContent) -> [Denial] {
    let usages = content.keyUsage.subtracting([.digitalSignature, .keyEncipherment]).names
    let foreign = content.purposes.filter { !row.purposes.contains($0) }.map(\.description)
    let lacking = content.purposes.isEmpty ? [] : row.purposes.filter { !content.purposes.contains($0) }
    let found = SubjectAlternativeName(content.names)
    let missing = row.neededNames.filter { !found.covers($0) }.map(\.description)
    let kinds = Set(content.names.map(\.kind)).subtracting(row.takesNames ? ["DNS", "IP"] : []).sorted()
    return (usages + foreign).map { Denial(.usageNotAllowed, "\(row.name) is not for \($0)") }
      + lacking.map {
        Denial(.usageMissing, "\(row.name) is for \($0), which is not asked for")
      }
      + kinds.map { Denial(.nameKindNotAllowed, "\(row.name) has no \($0) subjectAltNames") }
      + missing.map {
        Denial(.nameRequired, "\(row.name) needs the name \($0), which is not asked for")
      }
  }

  /// A CA that has the name of another CA of the catalog is the wrong one.
  private static func caDenials(_ row: Row, _ ca: Certificate?) -> [Denial] {
    guard let ca else { return [] }
    let namesakes = KnownStyle.all.flatMap(\.catalog.cas).filter {
      SubjectIdentity($0).isSubject(ca.subject, in: ClusterConfiguration.unknown)
    }
    guard let first = namesakes.first, let needed = row.entry.ca,
      !namesakes.contains(where: { $0.id == needed })
    else {
      return []
    }
    return [
      Denial(
        .caMismatch,
        "the CA \(needed.rawValue) signs \(row.name), and \(ca.subject) is the name of \(first.id.rawValue)"
      )
    ]
  }

  private static func unknownSubject(_ subject: DistinguishedName) -> Denial {
    Denial(
      .unknownSubject,
      "no certificate of a control plane has the subject \(subject.description.quoted) and these names")
  }
}

extension CatalogEntry.CommonName {
  /// The name of the node in a common name of this kind; `nil` where it has none.
  fileprivate func nodeName(in commonName: String) -> String? {
    self.text(nodeName: "") == self.text(nodeName: "-")
      ? nil : String(commonName.dropFirst(text(nodeName: "").count))
  }
}
