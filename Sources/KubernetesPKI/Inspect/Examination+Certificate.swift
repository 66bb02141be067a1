public import FoundationEssentials
internal import OpenSSLX509

extension Examination {
  /// Whether a key makes the signatures that a certificate vouches for.
  func pairFindings(
    _ certificate: Certificate, _ path: String, _ key: PrivateKey, _ keyPath: String, remedy: String
  ) -> [Finding] {
    guard (try? key.isPair(of: certificate.publicKey)) != true else { return [] }
    return [
      Finding(
        .keyMismatch, [keyPath, path], "\(keyPath) is not the private key of \(path)",
        remedy: "put back the key that belongs to it; or \(remedy)")
    ]
  }

  /// Whether a certificate is in force.
  func validityFindings(_ certificate: Certificate, _ path: String, remedy: String) -> [Finding] {
    let validity = certificate.validity
    if instant > validity.notAfter {
      return [Finding(.expired, [path], "\(path) expired at \(validity.notAfter.rfc3339)", remedy: remedy)]
    }
    guard instant < validity.notBefore else { return [] }
    return [
      Finding(
        .notYetValid, [path], "\(path) is not in force before \(validity.notBefore.rfc3339)",
        remedy: "check this machine's clock, which says \(instant.rfc3339); or \(remedy)")
    ]
  }

  /// Whether a certificate may sign others.
  func authorityFindings(_ certificate: Certificate, _ path: String) -> [Finding] {
    guard (try? certificate.isAuthority()) != true else { return [] }
    return [
      Finding(
        .notAnAuthority, [path],
        "\(path) is not the certificate of an authority: it lacks CA:TRUE or the usage keyCertSign",
        remedy: "put the authority's own certificate there")
    ]
  }

  /// Whether a certificate was signed by the authority that it should be, and if not, by which.
  func issuerFindings(_ certificate: Certificate, _ path: String, of id: CertificateProfile.ID) -> [Finding] {
    guard let profile = catalog[id] else { return [] }
    let authorityPath = location.certificate(profile)
    guard let authority = authority(id) else {
      return [
        Finding(
          .missingFile, [authorityPath, path],
          "\(path) is there, but the certificate of its authority, \(authorityPath), is not",
          remedy: "put back \(authorityPath); a new authority would not be the one that signed \(path)")
      ]
    }
    guard !isIssued(certificate, by: authority) else { return [] }
    let signer = catalog.certificates.first { other in
      self.authority(other.id).map { isIssued(certificate, by: $0) } ?? false
    }
    let found =
      signer.map { "; \(location.certificate($0)) signed it" } ?? ", nor by another authority of this tree"
    let sameName = signer == nil && certificate.issuer == authority.subject
    let hint = sameName ? ", although its name is the same" : ""
    return [
      Finding(
        .wrongAuthority, [path, authorityPath], "\(path) was not signed by \(authorityPath)\(hint)\(found)",
        remedy: "put back the authority that signed it; or move \(path) and its key away, and make a new pair"
      )
    ]
  }

  /// Whether the names and the signature say that `authority` issued `certificate`.
  func isIssued(_ certificate: Certificate, by authority: Certificate) -> Bool {
    certificate.issuer == authority.subject && certificate.isSigned(by: authority.publicKey)
  }

  /// Whether a certificate has the common name and the organizations of its row.
  func identityFindings(
    _ certificate: Certificate, _ path: String, _ commonName: CertificateProfile.CommonName,
    _ organizations: [String], remedy: String
  ) -> [Finding] {
    // What depends on a node's name that nobody has said is not judged.
    let expected = commonName.resolved(in: cluster) ?? certificate.subject.commonName ?? ""
    let subject = certificate.subject
    guard subject.commonName != expected || subject.organizations.sorted() != organizations.sorted() else {
      return []
    }
    let wanted = (organizations.sorted().map { "O = \($0)" } + ["CN = \(expected)"]).joined(separator: ", ")
    return [
      Finding(
        .wrongIdentity, [path],
        "\(path) has the subject \(PKIError.quote(subject.description)), not \"\(wanted)\"",
        remedy: remedy)
    ]
  }

  /// Whether a certificate may be used for what it is there for.
  func usageFindings(
    _ certificate: Certificate, _ path: String, _ purposes: [ExtendedKeyUsage.Purpose], remedy: String
  ) -> [Finding] {
    let found = (try? certificate.purposes()) ?? []
    let usage = (try? certificate.keyUsage()) ?? nil
    var missing = purposes.filter { !found.contains($0) && !found.contains(.any) }.map(\.description)
    if let usage, !usage.contains(.digitalSignature) { missing.append("digitalSignature") }
    guard !missing.isEmpty else { return [] }
    return [
      Finding(
        .wrongUsages, [path], "\(path) lacks the usage \(missing.joined(separator: ", "))", remedy: remedy)
    ]
  }

  /// Whether a certificate has every name that the cluster needs.
  func nameFindings(_ certificate: Certificate, _ path: String, _ profile: CertificateProfile) -> [Finding] {
    let found = Set((try? certificate.subjectAlternativeName())?.names ?? [])
    let missing = profile.names(in: cluster).filter { !found.contains($0) }
    guard !missing.isEmpty else { return [] }
    return [
      Finding(
        .nameMissing, [path], "\(path) lacks the name \(missing.map(\.description).joined(separator: ", "))",
        remedy: "run pkigen renew \(profile.id.rawValue)\(location.commandOptions) with the cluster's options"
      )
    ]
  }
}

extension Date {
  /// The instant as RFC 3339 writes it, in UTC and whole seconds: `2027-01-31T23:59:59Z`.
  public var rfc3339: String { formatted(.iso8601) }
}
