/// A length of time in whole seconds, more than zero.
public struct Lifetime: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The length in seconds.
  public let seconds: Int

  /// So many days of 24 hours.
  public static func days(_ days: Int) -> Lifetime { Lifetime(seconds: days * 86_400) }

  /// So many seconds.
  public init(seconds: Int) { self.seconds = seconds }

  /// Nanoseconds in each unit; a year has 365 days, as in kubeadm's ten years of 87600 hours, and a month 30.
  private static let units: [String: Int] = [
    "y": 31_536_000_000_000_000, "mo": 2_592_000_000_000_000, "d": 86_400_000_000_000,
    "h": 3_600_000_000_000, "min": 60_000_000_000, "m": 60_000_000_000,
    "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "µs": 1_000, "μs": 1_000, "ns": 1,
  ]

  /// The length that `text` writes: `365d`, `6mo`, `10y`, or Go's `8760h0m0s`: numbers with units, which are added up.
  ///
  /// - Throws: ``Problem`` with what is wrong, as what follows "is".
  public init(_ text: String) throws(Problem) {
    if text.hasPrefix("-") { throw Problem("negative; it must be more than zero") }
    var rest = text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard !rest.isEmpty else { throw Problem("empty; write a length of time such as 365d, 10y or 8760h") }
    var nanoseconds = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
      rest = rest.dropFirst(unit.count)
      guard let amount = Double(number), let size = Self.units[String(unit)] else {
        // Go alone has a zero without a unit.
        if text == "0" { break }
        throw Problem("not a length of time; write 365d, 10y, 8760h or 1h30m")
      }
      nanoseconds += amount * Double(size)
    }
    // A whole run counts from one instant, and RFC 5280 cannot write a time after the year 9999.
    guard nanoseconds < 8_000 * Double(Self.units["y"] ?? 1) else { throw Problem("longer than 8000 years") }
    // Rounded first: 4.35m is 261 seconds, and as a binary fraction a little less.
    seconds = Int(nanoseconds.rounded() / 1e9)
    guard seconds > 0 else { throw Problem("less than one second; it must be more than zero") }
  }

  /// The length of a setting that says days or more: a certificate's lifetime, or the time before its end.
  ///
  /// - Throws: ``PKIErrors`` with what is wrong with it.
  package init(_ setting: Setting) throws(PKIErrors) {
    switch Self.parseLong(setting.text) {
    case .success(let lifetime): self = lifetime
    case .failure(let problem): throw PKIErrors([setting.invalid(problem.text, hint: problem.hint)])
    }
  }

  /// Reads a length of time.
  package static func parse(_ text: String) -> Result<Lifetime, HostName.Problem> {
    do throws(Problem) {
      return .success(try Lifetime(text))
    } catch {
      return .failure(.init(error.text))
    }
  }

  /// Reads a length of days or more. Minutes alone are refused: who writes `6m` means months.
  package static func parseLong(_ text: String) -> Result<Lifetime, HostName.Problem> {
    parse(text).flatMap { lifetime in
      let number = text.dropLast()
      guard text.hasSuffix("m"), number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "." || $0 == "+") })
      else { return .success(lifetime) }
      return .failure(
        .init(
          "minutes or months", hint: "write \(number)mo for months of 30 days, or \(number)min for minutes"))
    }
  }

  /// Why no certificate can live so long, as what follows "is"; `nil` when one can.
  var problem: String? {
    guard seconds > 0 else { return "less than one second; it must be more than zero" }
    return seconds < Self.days(8_000 * 365).seconds ? nil : "longer than 8000 years"
  }

  /// Why a text is no length of time.
  public struct Problem: Error, Hashable, Sendable {
    /// What follows "is".
    public let text: String
    package init(_ text: String) { self.text = text }
  }

  /// The length in Go's notation: `8760h0m0s`.
  public var description: String { "\(seconds / 3600)h\(seconds / 60 % 60)m\(seconds % 60)s" }

  /// The length in days, where it is whole days, or else in Go's notation.
  var shortest: String { seconds % 86_400 == 0 ? "\(seconds / 86_400)d" : description }

  /// Whether one is shorter than the other.
  public static func < (one: Lifetime, other: Lifetime) -> Bool { one.seconds < other.seconds }
}
