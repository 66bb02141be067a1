package import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// Judges a request that names no signer by the catalog: whose subject it has, and what such a certificate may carry.
package struct CatalogExamination {
  /// What the catalogs have for a subject.
  private struct Row {
    let name: String
    let authority: CertificateProfile.ID
    let purposes: [ExtendedKeyUsage.Purpose]
    let takesNames: Bool
    /// The names without which it is of no use, whatever the cluster.
    let neededNames: [GeneralName]
  }

  private let request: CertificateSigningRequest
  private let content: RequestContent
  private let row: Row?
  /// What the row does not let through; without a row, that there is none.
  private let rowDenials: [Denial]

  /// An examination of `request` for the authority that is to sign it, where it is known which.
  package init(_ request: CertificateSigningRequest, by authority: Certificate? = nil) {
    self.request = request
    let content = RequestContent(request.request)
    let judged = Self.rows(for: request.request, content).map { row in
      (row, Self.denials(row, content) + Self.authorityDenials(row, authority))
    }
    // A node's name is the subject of its client certificate and of its serving one.
    let best = judged.min { $0.1.count < $1.1.count }
    self.content = content
    row = best?.0
    rowDenials = best?.1 ?? [Self.unknownSubject(request.request.subject)]
  }

  /// kubeadm's name of what the certificate is for.
  package var item: String? { row?.name }

  /// What is granted.
  ///
  /// - Parameters:
  ///   - allowingAnySubject: whether the request may have what the catalog has not. That it be sound stays demanded.
  ///   - longest: the lifetime.
  package func decision(allowingAnySubject: Bool, longest: Lifetime) -> Grant.Decision {
    var denials = content.denials
    // Some of the catalog's own identities are in it.
    if row != nil { denials.removeAll { $0.code == .privilegedOrganization } }
    let asked = request.knownUsages
    var usages: [CertificateUsage] = [.digitalSignature, .keyEncipherment]
    if allowingAnySubject, !asked.isEmpty {
      usages = asked.filter { !SignerRules.refusedUsages.contains($0) }
    } else {
      let purposes = row?.purposes ?? []
      usages += CertificateUsage.allCases.filter { $0.purpose.map(purposes.contains) == true }
    }
    if usages.purposes.isEmpty, allowingAnySubject {
      denials.append(Denial(.usageMissing, "no usage is asked for"))
    }
    if !allowingAnySubject { denials += rowDenials }
    guard denials.isEmpty else { return .denied(denials) }
    return .approved(
      Grant(
        commonName: content.commonName, organizations: content.organizations, names: content.names,
        usages: usages, publicKey: request.request.publicKey, lifetime: longest))
  }
}

extension CatalogExamination {
  /// The rows of all styles that have a request's subject.
  private static func rows(
    for request: CertificateRequest, _ content: RequestContent
  ) -> [Row] {
    let unknown = ClusterConfiguration()
    return KnownStyle.all.map(\.catalog).flatMap { catalog in
      let certificates = catalog.certificates.compactMap { profile -> Row? in
        guard let authority = profile.authority,
          profile.commonName.isSubject(request.subject, with: profile.organizations, in: unknown)
        else { return nil }
        var cluster = unknown
        cluster.nodeName = profile.commonName.nodeName(in: content.commonName)
        let names = profile.neededNames(in: cluster)
        // Where any name will do for a subject, it is by the names beside it that it is known.
        if profile.commonName == .nodeName, !names.allSatisfy(SubjectAlternativeName(content.names).covers) {
          return nil
        }
        return Row(
          name: profile.id.rawValue, authority: authority, purposes: profile.purposes,
          takesNames: !profile.names.isEmpty, neededNames: names)
      }
      let kubeconfigs = catalog.kubeconfigs.filter {
        $0.commonName.isSubject(request.subject, with: $0.organizations, in: unknown)
      }
      return certificates
        + kubeconfigs.map {
          Row(
            name: $0.fileName, authority: $0.authority, purposes: [.clientAuth], takesNames: false,
            neededNames: [])
        }
    }
  }

  /// What a request asks for that its row does not have, and the reverse.
  private static func denials(_ row: Row, _ content: RequestContent) -> [Denial] {
    let usages = content.keyUsage.subtracting([.digitalSignature, .keyEncipherment]).names
    let foreign = content.purposes.filter { !row.purposes.contains($0) }.map(\.description)
    let lacking = content.purposes.isEmpty ? [] : row.purposes.filter { !content.purposes.contains($0) }
    let found = SubjectAlternativeName(content.names)
    let missing = row.neededNames.filter { !found.covers($0) }.map(\.description)
    let kinds = Set(content.names.map(\.kind)).subtracting(row.takesNames ? ["DNS", "IP"] : []).sorted()
    return (usages + foreign).map { Denial(.usageNotAllowed, "\(row.name) is not for \($0)", remedy: remedy) }
      + lacking.map {
        Denial(.usageMissing, "\(row.name) is for \($0), which is not asked for", remedy: remedy)
      }
      + kinds.map { Denial(.nameKindNotAllowed, "\(row.name) has no \($0) subjectAltNames", remedy: remedy) }
      + missing.map {
        Denial(.nameRequired, "\(row.name) needs the name \($0), which is not asked for", remedy: remedy)
      }
  }

  /// An authority whose name is that of another one in the catalog is not the one.
  private static func authorityDenials(_ row: Row, _ authority: Certificate?) -> [Denial] {
    guard let authority else { return [] }
    let namesakes = KnownStyle.all.flatMap(\.catalog.certificates).filter {
      $0.role == .authority
        && $0.commonName.isSubject(authority.subject, with: [], in: ClusterConfiguration())
    }
    guard let first = namesakes.first, !namesakes.contains(where: { $0.id == row.authority }) else {
      return []
    }
    return [
      Denial(
        .authorityMismatch,
        "\(row.name) is for the authority \(row.authority.rawValue) to sign, and \(authority.subject) is the name of \(first.id.rawValue)",
        remedy: "name the other authority with --ca-cert and --ca-key; or say --allow-any-subject")
    ]
  }

  private static func unknownSubject(_ subject: DistinguishedName) -> Denial {
    Denial(
      .unknownSubject,
      "no certificate of a control plane has the subject \(subject.description.quoted) and these names",
      remedy: remedy)
  }

  private static let remedy =
    "have the request made anew, by pkigen csr create for example; or say --allow-any-subject, if it is meant so"
}

extension CertificateProfile.CommonName {
  /// The name of the node in a common name of this kind; `nil` where it has none.
  fileprivate func nodeName(in commonName: String) -> String? {
    self.text(nodeName: "") == self.text(nodeName: "-")
      ? nil : String(commonName.dropFirst(text(nodeName: "").count))
  }
}
