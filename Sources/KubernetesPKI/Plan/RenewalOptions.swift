public import OpenSSLX509

/// What a renewal changes.
public struct RenewalOptions: Sendable {
  /// How long the new certificates are valid.
  public var validity = Lifetime.days(365)
  /// Renew only what expires within this time, or has expired; `nil` for everything.
  public var expiringWithin: Lifetime?
  /// Whether certificates keep their keys.
  public var keepsKeys = false
  /// The kind of the new keys; `nil` for the kind that each certificate has.
  public var keyAlgorithm: KeyAlgorithm?
  /// The cluster whose names certificates get, where they get others than they have.
  package var cluster: ClusterConfiguration?
  /// The certificates that get them.
  package var renamed: Set<CatalogEntry.ID> = []
  /// Whether a selected item that the tree does not have is passed over.
  package var skipsAbsent = false
  /// Kubeconfigs outside the tree which are renewed with admin.conf where they hold the same certificate.
  package var copiesOfAdmin: [String] = []

  /// A renewal that changes nothing but keys and times.
  public init() {}
}
