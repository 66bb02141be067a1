internal import FileStore
internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText

extension Examination {
  /// Whether a key makes the signatures that a certificate vouches for.
  package func pairFindings(
    _ certificate: Certificate, _ path: String, _ key: PrivateKey, _ keyPath: String, remedy: String
  ) -> [Finding] {
    guard (try? key.isPair(of: certificate.publicKey)) != true else { return [] }
    return [
      Finding(
        .keyMismatch, [keyPath, path], "\(keyPath) is not the private key of \(path)",
        remedy: "put back the key that belongs to it; or \(remedy)")
    ]
  }

  /// Whether a certificate is in force, and for how long yet.
  package func validityFindings(_ certificate: Certificate, _ path: String, remedy: String) -> [Finding] {
    let validity = certificate.validity
    let end = validity.notAfter.rfc3339
    if instant > validity.notAfter {
      return [Finding(.expired, [path], "\(path) expired at \(end)", remedy: remedy)]
    }
    if instant < validity.notBefore {
      return [
        Finding(
          .notYetValid, [path], "\(path) is not in force before \(validity.notBefore.rfc3339)",
          remedy: "check this machine's clock, which says \(instant.rfc3339); or \(remedy)")
      ]
    }
    guard let margin = expiryMargin, validity.notAfter.timeIntervalSince(instant) < Double(margin.seconds)
    else {
      return []
    }
    return [Finding(.expiringSoon, [path], "\(path) expires at \(end)", remedy: remedy)]
  }

  /// Whether a certificate may sign others.
  package func authorityFindings(_ certificate: Certificate, _ path: String) -> [Finding] {
    guard (try? certificate.isAuthority()) != true else { return [] }
    return [
      Finding(
        .notAnAuthority, [path],
        "\(path) is not the certificate of an authority: it lacks CA:TRUE or the usage keyCertSign",
        remedy: "put the authority's own certificate there")
    ]
  }

  /// What is wrong with what a leaf says.
  package func contentFindings(_ leaf: Leaf) -> [Finding] {
    validityFindings(leaf.certificate, leaf.path, remedy: leaf.renewRemedy) + identityFindings(leaf)
      + usageFindings(leaf) + strengthFindings(leaf.certificate, leaf.path, remedy: leaf.replaceRemedy)
  }

  /// Whether a certificate has the common name and the organizations of its row.
  private func identityFindings(_ leaf: Leaf) -> [Finding] {
    // An etcd that is elsewhere knows its client by whatever name it likes.
    if leaf.authority == .etcdCA, isEtcdExternal { return [] }
    let subject = leaf.certificate.subject
    guard !leaf.commonName.isSubject(subject, with: leaf.organizations, in: cluster) else { return [] }
    let wanted =
      leaf.organizations.sorted().map { "O = \($0)" } + ["CN = \(leaf.commonName.text(in: cluster))"]
    return [
      Finding(
        .wrongIdentity, [leaf.path],
        "\(leaf.path) has the subject \(subject.description.quoted), not"
          + " \"\(wanted.joined(separator: ", "))\"",
        remedy: leaf.replaceRemedy)
    ]
  }

  /// Whether a certificate may be used for what it is there for, and for nothing that would be a danger.
  private func usageFindings(_ leaf: Leaf) -> [Finding] {
    let certificate = leaf.certificate
    // What cannot be read here and below is as good as not there.
    let found = (try? certificate.purposes()) ?? []
    let usage = (try? certificate.keyUsage()) ?? nil
    var missing = leaf.purposes.filter { !found.contains($0) && !found.contains(.any) }.map(\.description)
    if let usage, !usage.contains(.digitalSignature) { missing.append("digitalSignature") }
    var problems = missing.isEmpty ? [] : ["lacks the usage \(missing.joined(separator: ", "))"]
    if (try? certificate.isAuthority()) == true {
      problems.append("is the certificate of an authority (CA:TRUE)")
    }
    guard !problems.isEmpty else { return [] }
    return [Finding(.wrongUsages, [leaf.path], "\(leaf.path) \(problems.listed)", remedy: leaf.replaceRemedy)]
  }

  /// Whether a certificate has every name by which the cluster connects.
  package func nameFindings(_ leaf: Leaf, _ profile: CertificateProfile) -> [Finding] {
    let found = (try? leaf.certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    let remedy = "\(leaf.renewRemedy) with the cluster's options"
    guard !found.names.isEmpty || !profile.purposes.contains(.serverAuth) else {
      return [
        Finding(
          .noNames, [leaf.path],
          "\(leaf.path) has no subject alternative name, and no client looks for a server's name elsewhere",
          remedy: remedy)
      ]
    }
    let missing = missingNames(in: leaf.certificate, profile)
    guard !missing.isEmpty else { return [] }
    return [
      Finding(
        .nameMissing, [leaf.path],
        "\(leaf.path) lacks the name \(missing.map(\.description).joined(separator: ", "))", remedy: remedy)
    ]
  }

  /// The names by which the cluster connects, and which a certificate does not have.
  package func missingNames(in certificate: Certificate, _ profile: CertificateProfile) -> [GeneralName] {
    let found = (try? certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    return profile.neededNames(in: cluster).filter { !found.covers($0) }
  }

  /// Whether the key and the issuer's signature can be forged.
  package func strengthFindings(_ certificate: Certificate, _ path: String, remedy: String) -> [Finding] {
    var findings: [Finding] = []
    if case .ec(let curve) = certificate.publicKey.type, !certificate.publicKey.type.isKnownToKubernetes {
      findings.append(
        Finding(
          .unsupportedKey, [path],
          "the key of \(path) is on the curve \(curve), which Kubernetes does not know",
          remedy: remedy))
    }
    if let weakness = certificate.publicKey.type.weakness {
      findings.append(
        Finding(.weakKey, [path], "the key of \(path) is \(weakness)", remedy: remedy))
    }
    if let hash = certificate.weakSignatureHash {
      findings.append(
        Finding(
          certificate.isSelfSigned ? .weakSelfSignature : .weakSignature, [path],
          "\(path) is signed over \(hash), a hash that can be forged", remedy: remedy))
    }
    return findings
  }

  /// Whether the key that service-account tokens are signed with can be broken.
  package func strengthFindings(_ key: PrivateKey, _ path: String) -> [Finding] {
    guard let weakness = key.type.weakness else { return [] }
    return [
      Finding(
        .weakKey, [path], "\(path) is \(weakness)",
        remedy:
          "make a new pair, which makes every token invalid: move it away, then run pkigen phase cert sa"
          + location.commandOptions)
    ]
  }
}

extension KeyType {
  /// Why a key of this type can be broken; `nil` when it cannot. NIST SP 800-131A has 2048 bits as the least for RSA.
  package var weakness: String? {
    guard case .rsa(let bits) = self, bits < 2048 else { return nil }
    return "an RSA key of \(bits) bits, which is too short"
  }
}
