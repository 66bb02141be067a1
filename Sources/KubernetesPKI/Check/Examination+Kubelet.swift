internal import FileStore
internal import GoRules
internal import OpenSSLX509

/// The serving certificate that a kubelet has in its own directory: one that it signs itself, or one that it asks for.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation>.
extension Examination {
  private static let kubeletDirectory = "/var/lib/kubelet/pki"

  /// What is wrong with the serving certificate of the kubelet; nothing where it is in the tree.
  ///
  /// - Parameter uses: the files that the arguments of static pods name.
  func kubeletFindings(_ uses: [FileUse]) -> [Finding] {
    guard tree[.kubeletServer].isAbsent, tree.role != .etcd else { return [] }
    let served = ["kubelet-server-current.pem", "kubelet.crt"].compactMap { name -> Serving? in
      guard let path = location.reach.place(ofAbsolute: Path.join(Self.kubeletDirectory, name)),
        let certificates = tree.certificates(at: path, as: .keyPair).value
      else { return nil }
      return Serving(path: path, certificates: certificates)
    }
    guard let serving = served.first, let certificate = serving.certificates.first else { return [] }
    if let refused = verificationFinding(serving, certificate, uses) { return [refused] }
    return serving.isSelfSigned
      ? [selfSignedFinding(serving, certificate)]
      : validityFindings(certificate, serving.path, .approveServing)
  }

  /// The file with which the kubelet serves.
  private struct Serving {
    let path: String
    let certificates: [Certificate]

    /// Whether the kubelet made it at its first start, and a CA of its own that nothing else knows.
    var isSelfSigned: Bool { path.hasSuffix(".crt") }
  }

  private func selfSignedFinding(_ serving: Serving, _ certificate: Certificate) -> Finding {
    let end = certificate.validity.notAfter
    let expiry =
      end < instant ? "expired at \(end.rfc3339), and the kubelet serves with it all the same" : nil
    return Finding(
      .kubeletSelfSigned, [serving.path],
      "the kubelet has signed \(serving.path) itself, so that no client can verify it"
        + (expiry.map { "; it \($0)" } ?? ""),
      remedy: remedy(.nothingIfIntended, .approveServing))
  }

  /// That the API server on this node verifies kubelets with CAs that have not signed the certificate.
  private func verificationFinding(_ serving: Serving, _ certificate: Certificate, _ uses: [FileUse])
    -> Finding?
  {
    guard let use = uses.last(where: { $0.argument == "kubelet-certificate-authority" }),
      let caPath = use.hostPath.flatMap({ location.place(onMachine: $0) }),
      let anchors = tree.certificates(at: caPath, as: .clientCA).value
    else { return nil }
    let chains = try? ChainBuilder.chains(
      of: certificate, following: Array(serving.certificates.dropFirst()), trusted: anchors, purpose: .any,
      at: nil)
    guard chains?.isEmpty != false else { return nil }
    return Finding(
      .manifestMismatch, [serving.path, caPath, use.manifest],
      "\(serving.path) does not verify under \(caPath): \(use.words) names it",
      remedy: remedy(.approveServing, .correctManifest(use.manifest, argument: use.argument)))
  }
}
