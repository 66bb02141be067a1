internal import OpenSSLX509

extension NameConstraints {
  /// Why a certificate with these names may not stand below this CA, if so.
  func problem(_ names: AlternativeNames) -> Problem? {
    for address in names.addresses {
      let isIn = { (networks: [ArraySlice<UInt8>]) in networks.contains { Self.contains($0, address) } }
      let name = IPAddress(bytes: address)?.description ?? Array(address).hexadecimal
      if let problem = Self.problem(name, isIn, permitted.networks, excluded.networks) { return problem }
    }
    for name in names.dnsNames {
      guard DomainRules.isDomain(name) else {
        return Problem(.nameConstraint, "its DNS name \(name.quoted) is malformed, and a CA constrains names")
      }
      if let problem = domainProblem(name, name.quoted, permitted.dnsNames, excluded.dnsNames) {
        return problem
      }
    }
    for uri in names.uris {
      guard let host = Self.constrainedHost(uri) else {
        return Problem(
          .nameConstraint, "its URI \(uri.quoted) has no host that name constraints could apply to")
      }
      let problem = domainProblem(host, uri.quoted, permitted.uriDomains, excluded.uriDomains)
      if let problem { return problem }
    }
    for text in names.mailboxes {
      guard let mailbox = DomainRules.mailbox(text) else {
        return Problem(
          .nameConstraint, "its mail address \(text.quoted) is malformed, and a CA constrains names")
      }
      if let problem = mailboxProblem(mailbox, text.quoted) { return problem }
    }
    return nil
  }

  /// Whether a name is in none of the permitted subtrees, where there are any, or in an excluded one.
  private static func problem(
    _ name: String, _ isIn: ([ArraySlice<UInt8>]) -> Bool, _ permitted: [ArraySlice<UInt8>],
    _ excluded: [ArraySlice<UInt8>]
  ) -> Problem? {
    if !permitted.isEmpty, !isIn(permitted) {
      return Problem(
        .nameConstraint, "its name \(name) is not among those that a CA of its chain may certify")
    }
    return excluded.isEmpty || !isIn(excluded)
      ? nil
      : Problem(.nameConstraint, "its name \(name) is among those that a CA of its chain must not certify")
  }

  private func domainProblem(
    _ domain: ArraySlice<UInt8>, _ name: String, _ permitted: [ArraySlice<UInt8>],
    _ excluded: [ArraySlice<UInt8>]
  ) -> Problem? {
    if !permitted.isEmpty, !permitted.contains(where: { Self.isSuffix($0, of: domain) }) {
      return Self.problem(name, { _ in false }, permitted, [])
    }
    let isExcluded = excluded.contains { Self.isSuffix($0, of: domain) || Self.couldStandFor($0, domain) }
    return isExcluded ? Self.problem(name, { _ in true }, [], excluded) : nil
  }

  private func mailboxProblem(_ mailbox: (local: [UInt8], domain: ArraySlice<UInt8>), _ name: String)
    -> Problem?
  {
    func isIn(_ subtrees: [ArraySlice<UInt8>], isExcluded: Bool) -> Bool {
      subtrees.contains { subtree in
        guard subtree.contains(UInt8(ascii: "@")) else {
          return Self.isSuffix(subtree, of: mailbox.domain)
            || isExcluded && Self.couldStandFor(subtree, mailbox.domain)
        }
        guard let other = DomainRules.mailbox(subtree) else { return false }
        return other.local == mailbox.local
          && Self.lowercased(other.domain) == Self.lowercased(mailbox.domain)
      }
    }
    let permitted = permitted.mailboxes
    if !permitted.isEmpty, !isIn(permitted, isExcluded: false) {
      return Self.problem(name, { _ in false }, permitted, [])
    }
    let excluded = excluded.mailboxes
    return isIn(excluded, isExcluded: true) ? Self.problem(name, { _ in true }, [], excluded) : nil
  }

  /// Whether the domain is the constraint or lies below it; below it only, where it begins with a dot.
  private static func isSuffix(_ constraint: ArraySlice<UInt8>, of domain: ArraySlice<UInt8>) -> Bool {
    guard let first = constraint.first else { return true }
    let (suffix, whole) = (lowercased(constraint), lowercased(domain))
    guard suffix.count <= whole.count, whole.suffix(suffix.count).elementsEqual(suffix) else { return false }
    let dot = UInt8(ascii: ".")
    return first == dot || suffix.count == whole.count || whole[whole.count - suffix.count - 1] == dot
  }

  /// Whether a wildcard could stand for an excluded name: both are the same but for the first label.
  private static func couldStandFor(_ constraint: ArraySlice<UInt8>, _ domain: ArraySlice<UInt8>) -> Bool {
    let dot = UInt8(ascii: ".")
    guard domain.first == UInt8(ascii: "*"), let one = constraint.firstIndex(of: dot),
      let other = domain.firstIndex(of: dot)
    else { return false }
    return lowercased(constraint[one...]) == lowercased(domain[other...])
  }

  private static func lowercased(_ text: ArraySlice<UInt8>) -> [UInt8] {
    text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }

  private static func contains(_ network: ArraySlice<UInt8>, _ address: ArraySlice<UInt8>) -> Bool {
    guard network.count == 2 * address.count else { return false }
    return zip(address, zip(network.prefix(address.count), network.suffix(address.count))).allSatisfy {
      $0 & $1.1 == $1.0 & $1.1
    }
  }

  /// The host of a URI without its port; `nil` where there is none, or it is an address.
  private static func constrainedHost(_ uri: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let host = URIRules.host(uri), !host.isEmpty, host.last != UInt8(ascii: "]") else { return nil }
    let name = host.firstIndex(of: UInt8(ascii: ":")).map { host[..<$0] } ?? host
    guard host.first != UInt8(ascii: "["), host.count(where: { $0 == UInt8(ascii: ":") }) <= 1 else {
      return nil
    }
    return IPAddress(String(decoding: name, as: UTF8.self)) == nil ? name : nil
  }
}
