package import OpenSSLX509
internal import StructuredText

/// Host names as Kubernetes takes them: RFC 1123 subdomains, lower-cased, of at most 253 characters.
package enum HostName {
  /// Why `name` is no host name, as what follows "is"; `nil` when it is one.
  package static func problem(_ name: String, allowsWildcard: Bool = false) -> String? {
    var rest = name[...]
    if name.contains("*") {
      guard allowsWildcard, name.hasPrefix("*."), !name.dropFirst(2).contains("*") else {
        return allowsWildcard
          ? "not a host name: a wildcard may only be its whole first label, as in *.example.com"
          : "not a host name: no wildcard can stand here"
      }
      rest = name.dropFirst(2)
    }
    guard !rest.isEmpty else { return "empty" }
    guard name.utf8.count <= 253 else { return "too long: a host name has at most 253 characters" }
    let labels = rest.split(separator: ".", omittingEmptySubsequences: false)
    if let problem = labels.lazy.compactMap(labelProblem).first { return problem }
    // What has only numbers is an address to every reader, and this one is none, or it would not have come here.
    if labels.count > 1, labels.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) { return "not an IP address" }
    return nil
  }

  private static func labelProblem(_ label: Substring) -> String? {
    guard let first = label.utf8.first, let last = label.utf8.last else {
      return "not a host name: there is nothing before, between or after its dots"
    }
    guard label.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }) else {
      return "not a host name: only the letters a-z, digits, '-' and '.' may be in it"
    }
    guard isLetterOrDigit(first), isLetterOrDigit(last) else {
      return "not a host name: each part between dots starts and ends with a letter or digit"
    }
    return label.utf8.count <= 63 ? nil : "not a host name: a part between dots has at most 63 characters"
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Why `address` cannot be the address of a server; `nil` when it can.
  package static func problem(_ address: IPAddress) -> String? {
    if address.isUnspecified { return "the unspecified address, which no client can connect to" }
    if address.isMulticast { return "a multicast address" }
    if address.isBroadcast { return "the broadcast address" }
    return nil
  }

  /// The general name that `text` stands for, an address or a host name; ASCII letters are lower-cased.
  ///
  /// - Returns: the name, or the problem as what follows "is".
  package static func generalName(_ text: String, allowsWildcard: Bool) -> Result<GeneralName, Problem> {
    if let address = IPAddress(text) {
      return problem(address).map { .failure(Problem($0)) } ?? .success(.ipAddress(address))
    }
    if text.contains("%") {
      return .failure(Problem("not an IP address: a zone has no meaning to other machines"))
    }
    if text.contains(":") { return .failure(Problem("neither an IP address nor a host name")) }
    let name = text.asciiLowercased
    return problem(name, allowsWildcard: allowsWildcard).map { .failure(Problem($0)) }
      ?? .success(.dnsName(name))
  }

  /// The text of a name that a reader can see.
  package static func parseText(_ text: String) -> Result<String, Problem> {
    textProblem(text).map { .failure(.init($0)) } ?? .success(text)
  }

  /// Why a text cannot be a name that a reader sees, as what follows "is"; `nil` when it can.
  static func textProblem(_ text: String) -> String? {
    guard !text.isEmpty else { return "empty" }
    return text.unicodeScalars.allSatisfy(\.canBeSeen)
      ? nil : "not a name: it has characters that cannot be seen"
  }

  /// Why a text is not an absolute path, as what follows "is"; `nil` when it is one.
  package static func pathProblem(_ text: String) -> String? {
    text.hasPrefix("/") && !text.contains("\0") ? nil : "not an absolute path"
  }

  /// Why a text is no text, number or name that it should be.
  package struct Problem: Error, Hashable, Sendable {
    /// What follows "is".
    package let text: String
    /// What to write instead, where that is not in the text.
    package var hint: String?

    /// A problem, as what follows "is".
    package init(_ text: String, hint: String? = nil) {
      self.text = text
      self.hint = hint
    }
  }
}
