internal import OpenSSLX509

/// The names that a pattern such as `w[001-997]` stands for.
struct NumberedNames {
  /// The names, in order; the pattern itself, where it has no numbers.
  let names: [String]
  /// Whether they are numbered.
  let isNumbered: Bool

  /// Why a pattern cannot be used, as what follows "is".
  struct Problem: Error {
    let text: String
  }

  /// More than any cluster has: Kubernetes supports 5,000 nodes, <https://kubernetes.io/docs/setup/best-practices/cluster-large/>.
  private static let limit = 100_000

  /// Reads a pattern.
  ///
  /// - Throws: ``Problem``.
  init(_ pattern: String) throws(Problem) {
    guard pattern.contains(where: { "[]".contains($0) }) else {
      (names, isNumbered) = ([pattern], false)
      return
    }
    let parts = pattern.split(separator: "[", omittingEmptySubsequences: false)
    let rest = parts.count == 2 ? parts[1].split(separator: "]", omittingEmptySubsequences: false) : []
    let bounds = rest.count == 2 ? rest[0].split(separator: "-", omittingEmptySubsequences: false) : []
    guard bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1]) else {
      throw Problem(text: "not a name or a pattern: numbered nodes are written as in w[001-997]")
    }
    guard first <= last else { throw Problem(text: "a pattern whose last number is below the first") }
    guard last - first < Self.limit else {
      throw Problem(text: "a pattern for more than \(Self.limit) nodes")
    }
    let width = bounds[0].count
    names = (first...last).map { number in
      let digits = String(number)
      return parts[0] + String(repeating: "0", count: max(0, width - digits.count)) + digits + rest[1]
    }
    isNumbered = true
  }

  private static func number(_ text: Substring) -> Int? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}

extension IPAddress {
  /// The address so many places further; `nil` beyond the last one.
  func advanced(by count: Int) -> IPAddress? {
    var (bytes, carry) = (bytes, count)
    for index in bytes.indices.reversed() where carry > 0 {
      let sum = Int(bytes[index]) + carry
      bytes[index] = UInt8(sum & 0xff)
      carry = sum >> 8
    }
    return carry == 0 ? IPAddress(bytes: bytes) : nil
  }
}
