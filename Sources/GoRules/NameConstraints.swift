internal import OpenSSLX509

/// The name constraints of a CA as Go reads and applies them.
///
/// Follows parseNameConstraintsExtension in src/crypto/x509/parser.go and src/crypto/x509/constraints.go, Go 1.27.
struct NameConstraints {
  /// The subtrees of one kind of name, each in the form in which the extension has it.
  struct Subtrees {
    var dnsNames: [ArraySlice<UInt8>] = []
    var mailboxes: [ArraySlice<UInt8>] = []
    var uriDomains: [ArraySlice<UInt8>] = []
    /// Address and mask, one after the other.
    var networks: [ArraySlice<UInt8>] = []
  }

  private(set) var permitted = Subtrees()
  private(set) var excluded = Subtrees()
  /// Whether a kind of name is constrained that Go does not handle: a critical extension is refused then.
  private(set) var hasUnknownKinds = false

  /// Reads the extension's value.
  init(_ value: [UInt8]) throws(Problem) {
    var outer = DERReader(value)
    guard var fields = outer.read(Tag.sequence), outer.isEmpty else { throw Self.malformed }
    let first = fields.isNext(Tag.constructed(0)) ? fields.read(Tag.constructed(0)) : DERReader([])
    let second = fields.isNext(Tag.constructed(1)) ? fields.read(Tag.constructed(1)) : DERReader([])
    guard let first, let second, fields.isEmpty else { throw Self.malformed }
    guard !first.isEmpty || !second.isEmpty else {
      throw Problem(.malformedExtension, "its name constraints are empty")
    }
    permitted = try read(first)
    excluded = try read(second)
  }

  private static let malformed = Problem(.malformedExtension, "its name constraints are malformed")

  private mutating func read(_ subtrees: DERReader) throws(Problem) -> Subtrees {
    var rest = subtrees
    var found = Subtrees()
    while !rest.isEmpty {
      guard var subtree = rest.read(Tag.sequence), let (tag, content, _) = subtree.next() else {
        throw Self.malformed
      }
      let value = content.rest
      switch tag {
      case Tag.context(1): found.mailboxes.append(try Self.mailbox(value))
      case Tag.context(2): found.dnsNames.append(try Self.domain(value))
      case Tag.context(6): found.uriDomains.append(try Self.uriDomain(value))
      case Tag.context(7): found.networks.append(try Self.network(value))
      default: hasUnknownKinds = true
      }
    }
    return found
  }

  private static func wrong(_ value: ArraySlice<UInt8>) -> Problem {
    Problem(.malformedExtension, "its name constraint \(value.quoted) is malformed")
  }

  private static func domain(_ value: ArraySlice<UInt8>) throws(Problem) -> ArraySlice<UInt8> {
    guard value.allSatisfy({ $0 < 0x80 }), DomainRules.isDomain(value, isConstraint: true) else {
      throw wrong(value)
    }
    return value
  }

  private static func mailbox(_ value: ArraySlice<UInt8>) throws(Problem) -> ArraySlice<UInt8> {
    guard value.contains(UInt8(ascii: "@")) else { return try domain(value) }
    guard value.allSatisfy({ $0 < 0x80 }), DomainRules.mailbox(value) != nil else { throw wrong(value) }
    return value
  }

  private static func uriDomain(_ value: ArraySlice<UInt8>) throws(Problem) -> ArraySlice<UInt8> {
    guard IPAddress(String(decoding: value, as: UTF8.self)) == nil else { throw wrong(value) }
    return try domain(value)
  }

  private static func network(_ value: ArraySlice<UInt8>) throws(Problem) -> ArraySlice<UInt8> {
    let half = value.count / 2
    let (address, mask) = (value.prefix(half), value.suffix(half))
    let ones = mask.prefix { $0 == 0xff }
    let rest = mask.dropFirst(ones.count)
    // The first octet that is not full has its ones on the left; nothing but zeros follows it.
    let isMask =
      rest.dropFirst().allSatisfy { $0 == 0 }
      && rest.first.map { (~$0).nonzeroBitCount == $0.trailingZeroBitCount } ?? true
    guard value.count == 8 || value.count == 32, isMask, !address.isMappedAddress else {
      throw Problem(.malformedExtension, "its name constraint \(Array(value).hexadecimal) is no network")
    }
    return value
  }
}
