internal import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

extension CSRExamination {
  /// Whose name this is, as what follows "is", where a kubelet asks for it in its serving certificate and it is another
  /// server's, or may be: with such a certificate, a node could pose as that server. The node's own names are its name and
  /// those that begin with the same label, in any domain.
  ///
  /// - Parameter apiServer: the names of the API server's certificate, where they are known.
  package func foreignOwner(of name: GeneralName, apiServer: [GeneralName]) -> String? {
    guard rules?.signerName == SignerRules.kubeletServing else { return nil }
    let node = String(content.commonName.dropFirst(rules?.commonNamePrefix.count ?? 0)).asciiLowercased
    switch name {
    case .dnsName(let host):
      if host.hasPrefix("*.") { return Self.owner(ofAllIn: String(host.dropFirst(2)), node, apiServer) }
      if Self.isAPIServer(host) { return "a name of the API server" }
      if host == node { return nil }
      // A node may be called as the load balancer is: its user chooses its name.
      if apiServer.contains(where: { $0.isDNSName(host) }) { return "a name of the API server" }
      if host.hasPrefix(node + ".") || node.hasPrefix(host + ".") { return nil }
      if host == "localhost" { return "a name of every machine" }
      if Self.firstLabel(host) == Self.firstLabel(node) { return nil }
      return Self.isSibling(host, of: node)
        ? "the name of another machine" : "not known as a name of the node \(node)"
    case .ipAddress(let address):
      if apiServer.contains(name) { return "an address of the API server" }
      return address.isLoopback ? "an address of every machine" : nil
    case .rfc822Name, .uniformResourceIdentifier, .other: return nil
    }
  }

  /// Whose names a wildcard for a domain covers; `nil` for the domain of the node alone.
  private static func owner(ofAllIn domain: String, _ node: String, _ apiServer: [GeneralName]) -> String? {
    if isAPIServer("kubernetes." + domain) || apiServer.contains(where: { $0.isDNSName(in: domain) }) {
      return "a name of the API server"
    }
    return domain == node || domain.hasSuffix("." + node) ? nil : "a name of every machine of its domain"
  }

  /// The names of the Service of the API server, whatever the cluster's domain.
  private static func isAPIServer(_ host: String) -> Bool {
    ["kubernetes", "kubernetes.default", "kubernetes.default.svc"].contains(host)
      || host.hasPrefix("kubernetes.default.svc.")
  }

  private static func firstLabel(_ host: String) -> Substring { host.prefix { $0 != "." } }

  /// Whether both are names of machines of one domain; a name without a dot can be that of a machine of any.
  private static func isSibling(_ host: String, of node: String) -> Bool {
    let domain = { (name: String) in name.firstIndex(of: ".").map { name[$0...] } ?? "" }
    return domain(host).isEmpty || domain(host) == domain(node)
  }
}

extension GeneralName {
  fileprivate func isDNSName(_ host: String) -> Bool {
    if case .dnsName(let name) = self { name.asciiLowercased == host } else { false }
  }

  /// Whether it is a name directly below a domain, which a wildcard for that covers.
  fileprivate func isDNSName(in domain: String) -> Bool {
    guard case .dnsName(let name) = self else { return false }
    return name.asciiLowercased.drop { $0 != "." } == "." + domain
  }
}
