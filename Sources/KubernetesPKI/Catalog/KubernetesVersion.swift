/// A version of Kubernetes: `v1.36.2`, <https://semver.org>.
public struct KubernetesVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The first number, which has always been 1.
  public let major: Int
  /// The second number.
  public let minor: Int
  /// The third number.
  public let patch: Int

  /// A version from its numbers.
  public init(_ major: Int, _ minor: Int, _ patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// The newest version whose identities this build knows.
  public static let newestKnown = KubernetesVersion(1, 36, 2)

  /// The version that `text` writes, `v1.36.2` or `1.36.2`, or `nil`.
  ///
  /// What follows a dash or a plus, as in `v1.36.0-rc.1` and `v1.30.4+k3s1`, does not change identities.
  public init?(_ text: String) {
    let numbers = text.drop { $0 == "v" }.prefix { $0 != "-" && $0 != "+" }.split(
      separator: ".", omittingEmptySubsequences: false
    ).map { Int($0) }
    guard !text.hasPrefix("vv"), numbers.count == 3, let major = numbers[0], let minor = numbers[1],
      let patch = numbers[2], major >= 0, minor >= 0, patch >= 0
    else { return nil }
    self.init(major, minor, patch)
  }

  /// The version with its usual `v`.
  public var description: String { "v\(major).\(minor).\(patch)" }

  /// Whether one is older.
  public static func < (one: Self, other: Self) -> Bool {
    (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
  }
}
