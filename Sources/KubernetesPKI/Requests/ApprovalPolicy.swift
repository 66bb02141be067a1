/// What an approver grants beyond what the signer's rules demand: nothing that no pattern lets through.
///
/// Only the organization that a signer prescribes needs no pattern.
public struct ApprovalPolicy: Sendable {
  /// The common names that are granted.
  public var commonNames: [NamePattern] = []
  /// The organizations that are granted.
  public var organizations: [NamePattern] = []
  /// The names beside the subject that are granted.
  public var names: [NamePattern] = []
  /// The one user who may have asked; `nil` for any.
  public var requestor: String?
  /// The signer that is approved for; `nil` for the one that the request names.
  public var signerName: String?

  /// Whether a request that names no signer may have what the catalog has not.
  public var allowsAnySubject = false

  /// A policy that grants nothing.
  public init() {}
}
