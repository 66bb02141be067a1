package import KubernetesPKI
package import OpenSSLX509

/// What an approver grants beyond what the signer's rules demand: nothing that no pattern grants.
///
/// Only the organization that a signer prescribes needs no pattern.
package struct ApprovalPolicy: Sendable {
  /// The common names that are granted.
  package var commonNames: [NamePattern] = []
  /// The organizations that are granted.
  package var organizations: [NamePattern] = []
  /// The SANs that are granted.
  package var names: [NamePattern] = []
  /// The names of the API server's certificate, where they are known: no pattern for many names grants them to a node.
  package var apiServerNames: [GeneralName] = []
  /// The only user that may have asked; `nil` for any.
  package var requestor: String?
  /// The signer that is approved for; `nil` for the one that the request names.
  package var signerName: String?

  /// Whether C, ST, L and OU of a subject are left out of the certificate, instead of being a reason against it.
  package var dropsSubjectAttributes = false
  /// Whether a request that names no signer may have what the catalog has not.
  package var allowsAnySubject = false

  /// The lifetime of certificates whose CSR asks for none or for a longer one.
  package var longestLifetime = Grant.longestLifetime

  /// A policy that grants nothing.
  package init() {}
}
