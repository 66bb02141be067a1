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
    guard (try? certificate.isCA()) != true else { return [] }
    return [
      Finding(
        .notACA, [path],
        "\(path) is not a CA certificate: it lacks CA:TRUE or the key usage keyCertSign",
        remedy: remedy(.putBack([path])))
    ]
  }

  /// What is wrong with the certificate that a CA issues with, whatever the time is.
  package func caFindings(_ certificate: Certificate, _ path: String, _ entry: CatalogEntry) -> [Finding] {
    caBitFindings(certificate, path) + strengthFindings(certificate, path, renewAction(entry))
  }

  /// What is wrong with what a leaf says.
  package func contentFindings(_ leaf: Leaf) -> [Finding] {
    validityFindings(leaf.certificate, leaf.path, leaf.renew) + usageAndIdentityFindings(leaf)
  }

  /// The same, whatever the time is.
  func usageAndIdentityFindings(_ leaf: Leaf) -> [Finding] {
    identityFindings(leaf) + usageFindings(leaf)
      + strengthFindings(leaf.certificate, leaf.path, leaf.replace)
  }

  /// Whether a certificate has the common name and the organizations of its entry.
  private func identityFindings(_ leaf: Leaf) -> [Finding] {
    // An external etcd may know its client by any name.
    if leaf.ca == .etcdCA, isEtcdExternal { return [] }
    let subject = leaf.certificate.subject
    guard !leaf.identity.isSubject(subject, in: cluster) else { return [] }
    let message =
      "\(leaf.path) has the subject \(subject.description.quoted), not \(leaf.identity.text(in: cluster).quoted)"
    if let style = otherVersion(with: leaf) {
      return [
        Finding(
          .otherVersionIdentity, [leaf.path], "\(message): this is one of \(style.name)",
          remedy: remedy(.nothingIfIntended, leaf.replace))
      ]
    }
    guard leaf.isSubjectRead else {
      return [
        Finding(
          .unreadIdentity, [leaf.path], message, remedy: remedy(.nothingIfIntended, leaf.replace))
      ]
    }
    return [Finding(.wrongIdentity, [leaf.path], message, remedy: remedy(leaf.replace))]
  }

  /// The version of kubeadm that gave a leaf its identity. kubeadm writes those of its own version, which may be newer than
  /// the `kubernetesVersion` of the cluster, and keeps those of older versions.
  private func otherVersion(with leaf: Leaf) -> KnownStyle? {
    guard catalog.style == .kubeadm else { return nil }
    return KnownStyle.all.first { style in
      style.isKubeadm
        && style.catalog.entries.contains { entry in
          location.path(of: entry) == leaf.path
            && SubjectIdentity(entry).isSubject(leaf.certificate.subject, in: cluster)
        }
    }
  }

  /// Whether a certificate has every SAN by which the cluster connects.
  package func sanFindings(_ leaf: Leaf, _ entry: CatalogEntry) -> [Finding] {
    let found = (try? leaf.certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    guard !found.names.isEmpty || !entry.purposes.contains(.serverAuth) else {
      return [
        Finding(
          .noNames, [leaf.path], "\(leaf.path) has no SAN, and clients look for a server's name only there",
          remedy: remedy(.addSANs(entry.id, entry.neededSANs(in: contextCluster))))
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

  /// The cluster, with what the tree says of the node and its servers.
  var contextCluster: ClusterConfiguration {
    var cluster = cluster
    cluster.nodeName = context.nodeName
    cluster.advertiseAddress = context.advertiseAddress
    cluster.controlPlaneEndpoint = context.controlPlaneEndpoint.flatMap { try? Endpoint.parse($0).get() }
    return cluster
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
