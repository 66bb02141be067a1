public import OpenSSLX509

/// Where a server is reached: a host, which is an address or a name, and maybe a port.
public struct Endpoint: Hashable, Sendable {
  /// The host, as a certificate names it.
  public let host: GeneralName
  /// The port, where one was given.
  public let port: Int?

  /// An endpoint from its parts.
  public init(host: GeneralName, port: Int?) {
    self.host = host
    self.port = port
  }

  /// The endpoint of an `https` URL; `nil` when it is none.
  package init?(url: String) {
    guard url.hasPrefix("https://"),
      case .success(let endpoint) = Self.parse(String(url.dropFirst("https://".count).prefix { $0 != "/" }))
    else { return nil }
    self = endpoint
  }

  /// The URL of the API server there, with this port unless the endpoint has its own.
  package func url(defaultPort: Int) -> String {
    switch host {
    case .ipAddress(let address): "https://\(address.urlHost):\(port ?? defaultPort)"
    case .dnsName(let name): "https://\(name):\(port ?? defaultPort)"
    default: "https://\(host):\(port ?? defaultPort)"
    }
  }

  /// Reads `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`.
  ///
  /// - Returns: the endpoint, or what is wrong, as what follows "is".
  package static func parse(_ text: String) -> Result<Endpoint, HostName.Problem> {
    let (host, port) = split(text)
    var number: Int?
    if let port, !port.isEmpty {
      guard case .success(let value) = Port.parse(port) else {
        return .failure(.init("not HOST:PORT: a port is a number from 1 to 65535"))
      }
      number = value
    }
    if text.hasPrefix("["), IPAddress(host)?.isIPv6 != true {
      return .failure(.init("not an IPv6 address in brackets"))
    }
    return HostName.generalName(host, allowsWildcard: false).map { Endpoint(host: $0, port: number) }
  }

  /// The endpoint as the user writes it.
  var text: String {
    guard let port else { return host.valueText }
    if case .ipAddress(let address) = host { return "\(address.urlHost):\(port)" }
    return "\(host.valueText):\(port)"
  }

  /// Why the endpoint cannot be a server's, as what follows "is"; `nil` when it can.
  var problem: String? { HostName.problem(host, allowsWildcard: false) ?? port.flatMap(Port.problem) }

  private static func split(_ text: String) -> (host: String, port: String?) {
    if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      let host = String(text[text.index(after: text.startIndex)..<end])
      if rest.isEmpty { return (host, nil) }
      return rest.hasPrefix(":") ? (host, String(rest.dropFirst())) : (text, nil)
    }
    // More than one colon without brackets is an IPv6 address, whole.
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (text, nil)
  }
}

/// TCP ports.
package enum Port {
  /// The port that `text` writes in decimal.
  package static func parse(_ text: String) -> Result<Int, HostName.Problem> {
    guard let port = Int(text), String(port) == text, problem(port) == nil else {
      return .failure(.init(rule))
    }
    return .success(port)
  }

  /// Why a number is not a port, as what follows "is"; `nil` when it is one.
  static func problem(_ port: Int) -> String? { (1...65_535).contains(port) ? nil : rule }

  private static let rule = "not a port: a number from 1 to 65535"
}
