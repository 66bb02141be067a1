/// How long before it expires a certificate counts as ``ExpirationReport/State/expiring``.
public enum ExpiryMargin: Sendable {
  /// With so much time left, or less.
  case time(Lifetime)
  /// With less than this part of its life left, from 0 to 1.
  case share(Double)

  /// With so many days left, or less.
  public static func days(_ count: Int) -> ExpiryMargin { .time(.days(count)) }
}
