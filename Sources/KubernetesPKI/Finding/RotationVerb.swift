/// What a run of a rotation should reach: a stage, of which it does what is missing.
package enum RotationVerb: String, CaseIterable, Sendable {
  /// A successor is there, and trusted.
  case prepare
  /// The successor signs, and everything was issued again.
  case switchOver = "switch"
  /// The predecessor is not trusted any more.
  case retire
  /// The stage before.
  case back
}
