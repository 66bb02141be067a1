internal import OpenSSLX509
internal import StructuredText

extension KubeconfigDocument {
  /// The current context, and the entries that it names.
  ///
  /// - Throws: ``KubeconfigProblem`` when there is none, or another entry has base64 that client-go cannot decode: it
  ///   decodes the whole file.
  package func current() throws(KubeconfigProblem) -> (Context, Cluster, User) {
    // A context may lack a name, too.
    guard currentContext != nil || contexts.contains(where: \.name.isEmpty) else {
      throw KubeconfigProblem("it has no current-context")
    }
    let context = try named(currentContext ?? "", in: contexts, "contexts", "context", \.name)
    guard !context.cluster.isEmpty, !context.user.isEmpty else {
      throw KubeconfigProblem(
        "its context \(context.name.debugDescription) does not name a cluster and a user")
    }
    let cluster = try named(context.cluster, in: clusters, "clusters", "cluster", \.name)
    let user = try named(context.user, in: users, "users", "user", \.name)
    for other in clusters where other.name != cluster.name {
      try check([other.certificateAuthority], "cluster", other.name)
    }
    for other in users where other.name != user.name {
      try check([other.clientCertificate, other.clientKey], "user", other.name)
    }
    return (context, cluster, user)
  }

  private func check(_ sources: [Source?], _ kind: String, _ name: String) throws(KubeconfigProblem) {
    for case let source? in sources {
      guard case .embedded(let base64) = source.content, Base64.decode(base64) == nil else { continue }
      throw KubeconfigProblem(
        "the \(source.part.rawValue)-data of its \(kind) \(name.debugDescription) is not base64, for which"
          + " kubectl refuses the whole file")
    }
  }

  private func named<Entry>(
    _ name: String, in entries: [Entry], _ list: String, _ member: String, _ key: KeyPath<Entry, String>
  ) throws(KubeconfigProblem) -> Entry {
    guard let entry = entries.first(where: { $0[keyPath: key] == name }) else {
      throw KubeconfigProblem("it has no \(member) \(name.debugDescription) in \(list)")
    }
    return entry
  }
}

extension KubeconfigDocument.Cluster {
  /// The server's URL, where there must be one.
  ///
  /// - Throws: ``KubeconfigProblem`` when there is none, or clients do not speak TLS with it.
  package func requiredServer() throws(KubeconfigProblem) -> String {
    guard let server, !server.isEmpty else {
      throw .init("its cluster \(name.debugDescription) has no server")
    }
    guard let url = ServerURL(server), url.scheme == "https", !url.host.isEmpty else {
      throw .init(
        "the server of its cluster \(name.debugDescription) is not an https:// URL; kubectl presents client"
          + " certificates to no other")
    }
    return server
  }

  /// What else client-go refuses of the way to the server.
  var proxyProblem: String? {
    guard let proxyURL else { return nil }
    if let url = ServerURL(proxyURL), ["http", "https", "socks5"].contains(url.scheme) { return nil }
    return "the proxy-url of its cluster \(name.debugDescription) is not a URL with http, https or socks5"
  }

  /// Why the way in which the cluster trusts its CA cannot be used.
  var trustProblem: String? {
    guard skipsVerification else { return nil }
    guard certificateAuthority == nil else {
      return
        "its cluster \(name.debugDescription) has insecure-skip-tls-verify beside a CA, which kubectl refuses"
    }
    return
      "its cluster \(name.debugDescription) does not verify the API server: insecure-skip-tls-verify is true"
  }
}
