package import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// What an approver grants: a text in which `*` stands for one character or more.
///
/// A `*` never crosses a separator, so that a pattern for one level of names grants nothing below it: `:` in common names
/// and organizations, `.` in host names, `@` in mail addresses, `/` in URIs.
package struct NamePattern: Hashable, Sendable {
  private enum Kind: Hashable, Sendable {
    case text
    case dnsName
    case email
    case uri
    case network(IPAddress, prefixLength: Int)
  }

  private let kind: Kind
  private let text: String

  /// A pattern for common names or organizations.
  package init(text: String) {
    kind = .text
    self.text = text
  }

  /// A pattern for SANs: a DNS name, an address or a network (`10.0.0.0/16`), or with its kind before
  /// it, `email:` or `URI:`.
  ///
  /// - Returns: `nil` when it can match nothing: a malformed network, or an empty text.
  package init?(alternativeName pattern: String) {
    if pattern.hasPrefix("email:") {
      (kind, text) = (.email, String(pattern.dropFirst(6)))
    } else if pattern.hasPrefix("URI:") {
      (kind, text) = (.uri, String(pattern.dropFirst(4)))
    } else if let address = IPAddress(pattern) {
      (kind, text) = (.network(address, prefixLength: address.bytes.count * 8), pattern)
    } else if pattern.contains("/") || pattern.contains(":") {
      guard let network = Self.network(pattern) else { return nil }
      (kind, text) = (network, pattern)
    } else {
      (kind, text) = (.dnsName, pattern.asciiLowercased)
    }
    guard !text.isEmpty else { return nil }
  }

  private static func network(_ text: String) -> Kind? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let address = IPAddress(parts[0]), let length = Int(parts[1]),
      String(length) == parts[1], (0...address.bytes.count * 8).contains(length)
    else { return nil }
    return .network(address, prefixLength: length)
  }

  /// Whether the pattern stands for one name and no other: it has no `*`, and is no network.
  package var isExact: Bool {
    if case .network(let address, let length) = kind {
      length == address.bytes.count * 8
    } else {
      !text.contains("*")
    }
  }

  /// Whether the pattern grants a common name or an organization.
  package func matches(_ value: String) -> Bool {
    kind == .text && matches(value, separator: ":")
  }

  /// Whether the pattern grants a SAN.
  package func matches(_ name: GeneralName) -> Bool {
    switch (kind, name) {
    case (.dnsName, .dnsName(let value)): matches(value, separator: ".")
    case (.email, .rfc822Name(let value)): matches(value, separator: "@")
    case (.uri, .uniformResourceIdentifier(let value)): matches(value, separator: "/")
    case (.network(let network, let length), .ipAddress(let address)):
      address.bytes.count == network.bytes.count
        && (0..<length).allSatisfy { bit in
          (address.bytes[bit / 8] ^ network.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    default: false
    }
  }

  /// Compares part by part, and bytes: to Swift, some different texts are equal.
  private func matches(_ value: String, separator: Unicode.Scalar) -> Bool {
    let separator = UInt8(ascii: separator)
    let patterns = text.utf8.split(separator: separator, omittingEmptySubsequences: false)
    let values = value.utf8.split(separator: separator, omittingEmptySubsequences: false)
    return patterns.count == values.count
      && zip(patterns, values).allSatisfy { Self.matches(Array($0)[...], Array($1)[...]) }
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
    var (pattern, value) = (pattern, value)
    // What comes after the last `*`, and where to try it next: one character on each time.
    var retry: (pattern: ArraySlice<UInt8>, value: ArraySlice<UInt8>)?
    while !pattern.isEmpty || !value.isEmpty {
      if pattern.first == UInt8(ascii: "*"), !value.isEmpty {
        (pattern, value) = (pattern.dropFirst(), value.dropFirst())
        retry = (pattern, value)
      } else if let next = pattern.first, next == value.first {
        (pattern, value) = (pattern.dropFirst(), value.dropFirst())
      } else {
        guard let last = retry, !last.value.isEmpty else { return false }
        (pattern, value) = (last.pattern, last.value.dropFirst())
        retry = (pattern, value)
      }
    }
    return true
  }
}

extension NamePattern {
  /// The patterns for common names or organizations.
  ///
  /// - Throws: ``PKIErrors`` with the empty ones.
  package static func texts(_ settings: [Setting]) throws(PKIErrors) -> [NamePattern] {
    let errors = settings.filter { $0.text.isEmpty }.map { $0.invalid("not a pattern: it is empty") }
    if !errors.isEmpty { throw PKIErrors(errors) }
    return settings.map { NamePattern(text: $0.text) }
  }

  /// The patterns for SANs.
  ///
  /// - Throws: ``PKIErrors`` with those that are malformed.
  package static func list(_ settings: [Setting]) throws(PKIErrors) -> [NamePattern] {
    let patterns = settings.map { NamePattern(alternativeName: $0.text) }
    let errors = zip(settings, patterns).filter { $0.1 == nil }.map { setting, _ in
      setting.invalid("neither a pattern for DNS names nor an address or a network")
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
    return patterns.compactMap(\.self)
  }
}
