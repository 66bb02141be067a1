/// What an approver grants beyond what the signer's rules demand: nothing that no pattern lets through.
///
/// Only the organization that a signer prescribes needs no pattern.
package struct ApprovalPolicy: Sendable {
  /// The common names that are granted.
  package var commonNames: [NamePattern] = []
  /// The organizations that are granted.
  package var organizations: [NamePattern] = []
  /// The names beside the subject that are granted.
  package var names: [NamePattern] = []
  /// The one user who may have asked; `nil` for any.
  package var requestor: String?
  /// The signer that is approved for; `nil` for the one that the request names.
  package var signerName: String?

  /// Whether a request that names no signer may have what the catalog has not.
  package var allowsAnySubject = false

  /// A policy that grants nothing.
  package init() {}
}
