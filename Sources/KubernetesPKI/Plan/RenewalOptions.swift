public import OpenSSLX509

/// What a renewal changes.
public struct RenewalOptions: Sendable {
  /// How long the new certificates are valid.
  public var validity = Lifetime.days(365)
  /// Whether that lifetime was asked for; a shorter one than before is worth a warning if it was not.
  package var statesValidity = false
  /// How long the certificates of CAs are valid that are made again.
  package var caValidity = Lifetime.days(3650)
  /// Renew only what expires within this time, or has expired; `nil` for everything.
  public var expiringWithin: Lifetime?
  /// Whether certificates keep their keys.
  public var keepsKeys = false
  /// The kind of the new keys; `nil` for the kind that each certificate has.
  public var keyAlgorithm: KeyAlgorithm?
  /// What was said of the cluster, and nothing else: kubeconfigs and the node's identities follow it.
  package var stated: ClusterConfiguration?
  /// The port of the API server on the node, where it was said.
  package var bindPort: Int?
  /// What becomes of the SANs that certificates have.
  package var sans = SANChanges()
  /// Whether it is part of a rotation, so that kubeconfigs trust what their CA's file holds, and nothing else.
  package var rotates = false
  /// Whether a selected item that the tree does not have is passed over.
  package var skipsAbsent = false
  /// Whether a CA may sign the successors of certificates that another CA signed.
  package var allowsNewCA = false
  /// Kubeconfigs outside the tree which are renewed with admin.conf where they hold the same certificate.
  package var copiesOfAdmin: [String] = []

  /// A renewal that changes nothing but keys and times.
  public init() {}
}
