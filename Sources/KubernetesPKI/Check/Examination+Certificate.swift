internal import FileStore
internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText

extension Examination {
  /// Whether a key makes the signatures that a certificate vouches for.
  package func pairFindings(
    _ certificate: Certificate, _ path: String, _ key: PrivateKey, _ keyPath: String,
    or action: Remedy.Action
  ) -> [Finding] {
    guard (try? key.isPair(of: certificate.publicKey)) != true else { return [] }
    return [
      Finding(
        .keyMismatch, [keyPath, path], "\(keyPath) is not the private key of \(path)",
        remedy: remedy(.putBackKey(keyPath, of: path), action))
    ]
  }

  /// Whether a certificate is valid, and for how long yet.
  package func validityFindings(_ certificate: Certificate, _ path: String, _ action: Remedy.Action)
    -> [Finding]
  {
    let validity = certificate.validity
    let end = validity.notAfter.rfc3339
    if instant > validity.notAfter {
      return [Finding(.expired, [path], "\(path) expired at \(end)", remedy: remedy(action))]
    }
    if instant < validity.notBefore {
      return [
        Finding(
          .notYetValid, [path], "\(path) is not valid before \(validity.notBefore.rfc3339)",
          remedy: remedy(.checkClock(instant), action))
      ]
    }
    guard let margin = expiryMargin, validity.notAfter.timeIntervalSince(instant) < Double(margin.seconds)
    else { return [] }
    return [Finding(.expiringSoon, [path], "\(path) expires at \(end)", remedy: remedy(action))]
  }

  /// Whether a certificate may sign others.
  package func caBitFindings(_ certificate: Certificate, _ path: String) -> [Finding] {
    guard (try? certificate.isAuthority()) != true else { return [] }
    return [
      Finding(
        .notAnAuthority, [path],
        "\(path) is not a CA certificate: it lacks CA:TRUE or the key usage keyCertSign",
        remedy: remedy(.putBack([path])))
    ]
  }

  /// What is wrong with the certificate that a CA issues with.
  package func caFindings(_ certificate: Certificate, _ path: String, _ entry: CatalogEntry) -> [Finding] {
    validityFindings(certificate, path, renewAction(entry)) + caBitFindings(certificate, path)
      + strengthFindings(certificate, path, renewAction(entry))
  }

  /// What is wrong with what a leaf says.
  package func contentFindings(_ leaf: Leaf) -> [Finding] {
    validityFindings(leaf.certificate, leaf.path, leaf.renew) + identityFindings(leaf) + usageFindings(leaf)
      + strengthFindings(leaf.certificate, leaf.path, leaf.replace)
  }

  /// Whether a certificate has the common name and the organizations of its entry.
  private func identityFindings(_ leaf: Leaf) -> [Finding] {
    // An external etcd may know its client by any name.
    if leaf.ca == .etcdCA, isEtcdExternal { return [] }
    let subject = leaf.certificate.subject
    guard !leaf.identity.isSubject(subject, in: cluster) else { return [] }
    return [
      Finding(
        .wrongIdentity, [leaf.path],
        "\(leaf.path) has the subject \(subject.description.quoted), not \(leaf.identity.text(in: cluster).quoted)",
        remedy: remedy(leaf.replace))
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
    if (try? certificate.isAuthority()) == true { problems.append("is a CA certificate (CA:TRUE)") }
    guard !problems.isEmpty else { return [] }
    return [
      Finding(
        .wrongUsages, [leaf.path], "\(leaf.path) \(problems.listed)", remedy: remedy(leaf.replace))
    ]
  }

  /// Whether a certificate has every SAN by which the cluster connects.
  package func sanFindings(_ leaf: Leaf, _ entry: CatalogEntry) -> [Finding] {
    let found = (try? leaf.certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    guard !found.names.isEmpty || !entry.purposes.contains(.serverAuth) else {
      return [
        Finding(
          .noNames, [leaf.path], "\(leaf.path) has no SAN, and clients look for a server's name only there",
          remedy: remedy(.addSANs(entry.id, entry.neededSANs(in: cluster))))
      ]
    }
    let missing = missingSANs(in: leaf.certificate, entry)
    guard !missing.isEmpty else { return [] }
    return [
      Finding(
        .nameMissing, [leaf.path],
        "\(leaf.path) lacks the SAN \(missing.map(\.description).joined(separator: ", "))",
        remedy: remedy(.addSANs(entry.id, missing)))
    ]
  }

  /// The SANs by which the cluster connects, and which a certificate does not have.
  package func missingSANs(in certificate: Certificate, _ entry: CatalogEntry) -> [GeneralName] {
    let found = (try? certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    return entry.neededSANs(in: cluster).filter { !found.covers($0) }
  }

  /// Whether the key and the issuer's signature can be forged.
  package func strengthFindings(_ certificate: Certificate, _ path: String, _ action: Remedy.Action)
    -> [Finding]
  {
    var findings: [Finding] = []
    let type = certificate.publicKey.type
    if case .ec(let curve) = type, !type.isKnownToKubernetes {
      findings.append(
        Finding(
          .unsupportedKey, [path],
          "the key of \(path) is on the curve \(curve), which Kubernetes does not support",
          remedy: remedy(action)))
    }
    if let problem = keyProblem(of: certificate) {
      findings.append(
        Finding(
          .unsupportedKey, [path], "the key of \(path) cannot be used: \(problem)", remedy: remedy(action)))
    } else if let weakness = type.weakness {
      findings.append(
        Finding(.weakKey, [path], "the key of \(path) is \(weakness)", remedy: remedy(action)))
    }
    if let hash = certificate.weakSignatureHash {
      findings.append(
        Finding(
          certificate.isSelfSigned ? .weakSelfSignature : .weakSignature, [path],
          "\(path) is signed with \(hash), a hash that can be forged", remedy: remedy(action)))
    }
    return findings
  }
}

extension KeyType {
  /// Why a key of this type can be broken; `nil` when it cannot. NIST SP 800-131A has 2048 bits as the least for RSA.
  package var weakness: String? {
    guard case .rsa(let bits) = self, bits < 2048 else { return nil }
    return "an RSA key of \(bits) bits, which is too short"
  }
}
