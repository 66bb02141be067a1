internal import KubernetesPKI
internal import OpenSSLX509

/// What a signer asks of a request before it signs: a row of the table.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers>.
package struct SignerRules: Sendable {
  /// Which SANs a certificate may have.
  package enum Names: Hashable, Sendable {
    /// None of any kind.
    case none
    /// One host name or address at least, and no other kind.
    case hostsOrAddresses
    /// Host names, addresses, mail addresses and URIs, or none.
    case any
  }

  /// The name that requests give: `kubernetes.io/kubelet-serving`.
  package let signerName: String
  /// What its certificates are for, in a line of help.
  package let summary: String
  /// The organizations, exactly; `nil` where any may be asked for.
  package var organizations: [String]?
  /// What the common name starts with.
  package var commonNamePrefix = ""
  /// The SANs.
  package let names: Names
  /// The usages that a request must have.
  package var requiredUsages: [CertificateUsage] = []
  /// The optional usages.
  package var optionalUsages: [CertificateUsage] = []
  /// Whether only the subject itself may ask, as far as it is known who asks.
  package var isForRequestorOnly = false

  /// The signer of kubelets' serving certificates.
  package static let kubeletServing = "kubernetes.io/kubelet-serving"

  /// The signers whose certificates kube-controller-manager issues through the API's version 1.
  package static let kubernetes = [
    SignerRules(
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      summary: "kubelets as clients",
      organizations: ["system:nodes"], commonNamePrefix: "system:node:", names: .none,
      requiredUsages: [.digitalSignature, .clientAuth], optionalUsages: [.keyEncipherment]),
    SignerRules(
      signerName: kubeletServing, summary: "kubelets as servers",
      organizations: ["system:nodes"], commonNamePrefix: "system:node:", names: .hostsOrAddresses,
      requiredUsages: [.digitalSignature, .serverAuth], optionalUsages: [.keyEncipherment],
      isForRequestorOnly: true),
    SignerRules(
      signerName: "kubernetes.io/kube-apiserver-client", summary: "other clients", names: .any,
      requiredUsages: [.clientAuth], optionalUsages: [.digitalSignature, .keyEncipherment]),
  ]

  /// A signer outside of Kubernetes, which has no rules that Kubernetes knows.
  package static func custom(_ signerName: String) -> SignerRules {
    SignerRules(
      signerName: signerName, summary: "whatever its signer says", names: .any,
      optionalUsages: CertificateUsage.allCases.filter { !CertificateUsage.refused.contains($0) })
  }

  /// The rules of a signer.
  ///
  /// - Returns: `nil` for a name under `kubernetes.io` by which nothing can be had.
  package static func rules(for signerName: String) -> SignerRules? {
    if let known = kubernetes.first(where: { $0.signerName == signerName }) { return known }
    let domain = signerName.prefix { $0 != "/" }
    return domain == "kubernetes.io" || domain.hasSuffix(".kubernetes.io") ? nil : custom(signerName)
  }

  /// All usages that may be asked for.
  package var allowedUsages: [CertificateUsage] {
    CertificateUsage.allCases.filter { requiredUsages.contains($0) || optionalUsages.contains($0) }
  }

  /// The usages that a request for this kind of key has by default, as kubelets ask.
  ///
  /// Empty for a signer that demands none.
  package func defaultUsages(isRSA: Bool) -> [CertificateUsage] {
    guard !requiredUsages.isEmpty else { return [] }
    return allowedUsages.filter { $0 != .keyEncipherment || isRSA }
  }

  /// Why `name` is no name of a signer, as what follows "is"; `nil` when it is one.
  package static func problem(ofSignerName name: String) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let hint = "; write DOMAIN/NAME, as in kubernetes.io/kube-apiserver-client"
    guard parts.count == 2, name.utf8.count <= 571 else { return "not the name of a signer" + hint }
    guard parts[0].contains("."), HostName.problem(parts[0]) == nil else {
      return "not the name of a signer: what is before its slash is no domain" + hint
    }
    guard HostName.problem(parts[1]) == nil else {
      return "not the name of a signer: what is after its slash may have a-z, digits, '-' and '.' only" + hint
    }
    guard rules(for: name) != nil else {
      let names = kubernetes.map(\.signerName).joined(separator: ", ")
      return "not a signer of Kubernetes that issues certificates on request; those are \(names)"
    }
    return nil
  }
}
