public import OpenSSLX509

/// A network of service addresses: an address range in CIDR notation, RFC 4632.
public struct ServiceSubnet: Hashable, Sendable, CustomStringConvertible {
  /// The network's own address: all bits after the prefix are zero.
  public let network: IPAddress
  /// How many leading bits all addresses share.
  public let prefixLength: Int

  /// Reads `ADDRESS/BITS`; bits of the address after the prefix are ignored.
  ///
  /// The sizes are those that kube-apiserver takes: 2^4 to 2^20 addresses.
  ///
  /// - Returns: the network, or what is wrong, as what follows "is".
  package static func parse(_ text: String) -> Result<ServiceSubnet, HostName.Problem> {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])),
      parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let prefix = Int(parts[1]), String(prefix) == parts[1],
      prefix <= (parts[0].contains(":") ? 128 : 32)
    else { return .failure(.init("not a network; write it as 10.96.0.0/12 or fd00:10:96::/112")) }
    guard address.isIPv6 == parts[0].contains(":") else {
      return .failure(.init("not a network: addresses that map IPv4 into IPv6 are not used in one"))
    }
    guard !address.isMulticast else { return .failure(.init("a network of multicast addresses")) }
    let hostBits = address.bytes.count * 8 - prefix
    guard hostBits >= 4 else {
      return .failure(
        .init(
          "too small: it needs room for an API server address, a prefix of at most /\(address.bytes.count * 8 - 4)"
        ))
    }
    guard hostBits <= 20 else {
      return .failure(
        .init("too large for kube-apiserver: its prefix must be at least /\(address.bytes.count * 8 - 20)"))
    }
    var bytes = address.bytes
    for bit in prefix..<(bytes.count * 8) { bytes[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
    return .success(ServiceSubnet(network: IPAddress(bytes: bytes) ?? address, prefixLength: prefix))
  }

  /// The network that a text writes, as `10.96.0.0/12`; `nil` where kube-apiserver takes no such network.
  public init?(_ text: String) {
    guard case .success(let subnet) = Self.parse(text) else { return nil }
    self = subnet
  }

  /// Reads networks with commas between them.
  static func parseAll(_ text: String) -> Result<[ServiceSubnet], HostName.Problem> {
    var subnets: [ServiceSubnet] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      switch parse(String(part)) {
      case .success(let subnet): subnets.append(subnet)
      case .failure(let problem): return .failure(problem)
      }
    }
    return .success(subnets)
  }

  /// Why these are not the service networks of a cluster, as what follows "is"; `nil` when they can be.
  static func problem(_ subnets: [ServiceSubnet]) -> String? {
    subnets.count <= 2 && Set(subnets.map(\.network.isIPv6)).count == subnets.count
      ? nil : "not one network, or one of IPv4 and one of IPv6"
  }

  private init(network: IPAddress, prefixLength: Int) {
    self.network = network
    self.prefixLength = prefixLength
  }

  /// The first address after the network's own: the `kubernetes` service's.
  package var firstAddress: IPAddress {
    // The last four bits are zero in every network that `parse` lets through.
    IPAddress(bytes: network.bytes.dropLast() + [(network.bytes.last ?? 0) | 1]) ?? network
  }

  /// The network in CIDR notation.
  public var description: String { "\(network)/\(prefixLength)" }
}
