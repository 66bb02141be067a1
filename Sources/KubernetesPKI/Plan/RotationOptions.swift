package import OpenSSLX509

/// With which file kube-controller-manager signs, as far as it is known.
package enum SigningFile: Hashable, Sendable {
  /// With one that holds the signing certificate alone.
  case separate
  /// With the file of the CA, which is about to hold two certificates, or with another that pkigen does not write: what the
  /// manifest names, and the manifest.
  case shared(file: String, manifest: String)
  /// There is no manifest to read it from.
  case unknown
}

/// What a rotation is about, and what is known beside the tree.
package struct RotationOptions: Sendable {
  /// The stage to reach.
  package var verb: RotationVerb
  /// The CAs, and whether the key of service-account tokens is part of it.
  package var selection: Selection
  /// How long successors of CAs are valid.
  package var caValidity = Lifetime.days(3650)
  /// How long the certificates are valid that are issued again.
  package var validity = Lifetime.days(365)
  /// The kind of new keys; `nil` for the kind of what is replaced.
  package var keyAlgorithm: KeyAlgorithm?
  /// Whether a CA certifies its successor, for those that do not trust that yet; a switch without that is refused.
  package var crossSigns = true
  /// A tree of CAs that are the successors; `nil` where they are made.
  package var successors: TreeContents?
  /// The root CA above the CAs, which signs their successors.
  package var root: RootCA?
  /// With which file kube-controller-manager signs.
  package var signingFile = SigningFile.unknown
  /// The trees of other control-plane nodes.
  package var peers: [TreeContents] = []
  /// Whether all tokens that the previous key has signed were replaced, whatever the time since the switch.
  package var areTokensRenewed = false

  /// A run that brings these CAs, and the key of service-account tokens where it is selected, to a stage.
  package init(_ verb: RotationVerb, _ selection: Selection) {
    self.verb = verb
    self.selection = selection
  }
}
