package import FoundationEssentials
package import OpenSSLX509

extension Validity {
  /// How much earlier than it is made a certificate is valid, in seconds, for clocks that are late.
  package static let backdate = 300.0

  /// The validity of every certificate that is made: from five minutes before `instant` to the end of a lifetime, but not
  /// past the end of the issuer, nor past what RFC 5280 can write.
  ///
  /// - Parameter limit: the last instant of the issuer; `nil` for a certificate that signs itself.
  /// - Returns: the validity, and whether the issuer cuts the lifetime.
  package static func starting(
    _ instant: Date, lifetime: Lifetime, within limit: Date?
  ) -> (validity: Validity, isCut: Bool) {
    let end = min(instant.addingTimeInterval(Double(lifetime.seconds)), endOfTime)
    let isCut = limit.map { $0 < end } ?? false
    return (
      Validity(notBefore: instant.addingTimeInterval(-backdate), notAfter: min(end, limit ?? end)), isCut
    )
  }
}
