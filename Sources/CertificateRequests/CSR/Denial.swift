/// A reason why a request gets no certificate.
package struct Denial: Hashable, Sendable {
  /// Which reason; the code's name never changes.
  package let code: DenialCode
  /// The reason as what follows "denied: ", with the value that is at fault.
  package let message: String

  /// A reason, and what it says.
  package init(_ code: DenialCode, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// The stable name of a kind of reason.
package enum DenialCode: String, CaseIterable, Sendable {
  // The request itself.

  /// The request is not of the form of RFC 2986.
  case malformedRequest = "malformed-request"
  /// The request is larger than any certificate that a TLS handshake takes.
  case requestTooLarge = "request-too-large"
  /// The request's signature is not of its key: the subject does not control the key.
  case signatureInvalid = "signature-invalid"
  /// The request is signed with MD5, SHA-1 or another algorithm that proves nothing.
  case weakSignature = "weak-signature"
  /// The key is too small or broken.
  case weakKey = "weak-key"
  /// The key is of a kind that Kubernetes does not use.
  case unsupportedKey = "unsupported-key"
  /// The subject has no common name, several, or text that cannot be shown.
  case malformedSubject = "malformed-subject"
  /// The subject has an attribute other than CN and O.
  case subjectAttributeNotAllowed = "subject-attribute-not-allowed"
  /// A group that bypasses authorization.
  case privilegedOrganization = "privileged-organization"
  /// The request has an attribute other than its extensions.
  case attributeNotAllowed = "attribute-not-allowed"
  /// An extension is asked for twice.
  case duplicateExtension = "duplicate-extension"
  /// The value of an extension cannot be read.
  case malformedExtension = "malformed-extension"
  /// An extension is asked for that no signer grants.
  case extensionNotAllowed = "extension-not-allowed"
  /// The request is for a CA.
  case caRequested = "authority-requested"
  /// A name is not of the form of its kind.
  case malformedName = "malformed-name"

  // The signer's rules.

  /// The signer does not issue certificates, or none was named.
  case signerNotUsable = "signer-not-usable"
  /// The request is for another signer than the one that it was taken to.
  case signerMismatch = "signer-mismatch"
  /// The organizations are not those that the signer demands.
  case wrongOrganization = "wrong-organization"
  /// The common name does not begin as the signer demands.
  case wrongCommonName = "wrong-common-name"
  /// The signer demands a name, and there is none.
  case nameRequired = "name-required"
  /// The signer grants no names of this kind.
  case nameKindNotAllowed = "name-kind-not-allowed"
  /// The signer demands a usage that is not asked for.
  case usageMissing = "usage-missing"
  /// The signer does not grant a usage.
  case usageNotAllowed = "usage-not-allowed"
  /// The API has no such usage, or it is there twice.
  case malformedUsage = "malformed-usage"
  /// The lifetime asked for is shorter than the API allows.
  case expirationTooShort = "expiration-too-short"
  /// The request was decided before.
  case alreadyDecided = "already-decided"

  // The catalog.

  /// No certificate of a control plane has the subject.
  case unknownSubject = "unknown-subject"
  /// Another CA has to sign the certificate.
  case caMismatch = "authority-mismatch"

  // The approver's policy.

  /// Another user asks than the one that may.
  case wrongRequestor = "wrong-requestor"
  /// The policy does not grant the common name.
  case commonNameNotAllowed = "common-name-not-allowed"
  /// The policy does not grant an organization.
  case organizationNotAllowed = "organization-not-allowed"
  /// The policy does not grant a name.
  case nameNotAllowed = "name-not-allowed"
}
