package import FileStore
package import OpenSSLX509

extension Kubeconfig {
  /// Reads a kubeconfig, and the files that it names instead of embedding.
  ///
  /// - Throws: ``KubeconfigProblem`` with what is wrong with the kubeconfig as a whole.
  package init(_ text: SecretBytes, path: String, reach: FileReach = .machine) throws(KubeconfigProblem) {
    try self.init(KubeconfigDocument(text, path: path, reach: reach))
  }

  /// Reads the current context of a parsed kubeconfig, and the files that it names instead of embedding; what kubectl
  /// does not use of these is noted in ``problems``, so that one broken part does not hide the others.
  ///
  /// - Throws: ``KubeconfigProblem`` with what is wrong with the kubeconfig as a whole.
  package init(_ document: KubeconfigDocument) throws(KubeconfigProblem) {
    let (context, cluster, user) = try document.current()
    let owner = "user \(context.user.debugDescription)"
    var notes = Notes()
    let server = notes.read(.server, cluster.requiredServer)
    let cas = notes.read(.certificateAuthority) { () throws(KubeconfigProblem) -> [Certificate] in
      // Without verification, that there is no CA is not what is wrong.
      if cluster.skipsVerification, cluster.certificateAuthority == nil { return [] }
      let source = try KubeconfigDocument.Source.required(
        .certificateAuthority, cluster.certificateAuthority, of: "cluster \(context.cluster.debugDescription)"
      )
      return source.outside == nil ? try source.certificates() : []
    }
    let certificates = notes.read(.clientCertificate) { () throws(KubeconfigProblem) in
      let source = try KubeconfigDocument.Source.required(
        .clientCertificate, user.clientCertificate, of: owner)
      return source.outside == nil ? try source.certificates() : []
    }
    let key =
      notes.read(.clientKey) { () throws(KubeconfigProblem) -> PrivateKey? in
        let source = try KubeconfigDocument.Source.required(.clientKey, user.clientKey, of: owner)
        return source.outside == nil ? try source.privateKey() : nil
      } ?? nil
    notes.add(.server, cluster.proxyProblem)
    notes.add(.certificateAuthority, cluster.trustProblem)
    let sources = [cluster.certificateAuthority, user.clientCertificate, user.clientKey].compactMap(\.self)
    for source in sources { notes.add(source.part, source.contradiction) }
    for problem in user.problems { notes.add(.clientCertificate, problem) }
    self.init(
      names: context, server: server ?? cluster.server, tlsServerName: cluster.tlsServerName,
      certificateAuthorities: cas, clientCertificates: certificates, clientKey: key,
      problems: notes.problems,
      skipped: Dictionary(
        sources.filter { notes.problems[$0.part] == nil }.map { ($0.part, $0.skipped) }
          .filter { !$1.isEmpty }
      ) { first, _ in first },
      files: Self.paths(sources, \.file), outside: Self.paths(sources, \.outside),
      isAwaitingCertificate: user.clientCertificate == nil && key != nil)
  }
}

extension Kubeconfig {
  private static func paths(
    _ sources: [KubeconfigDocument.Source], _ path: (KubeconfigDocument.Source) -> String?
  ) -> [Part: String] {
    Dictionary(sources.compactMap { source in path(source).map { (source.part, $0) } }) { first, _ in first }
  }
}

/// What is wrong with the parts of a kubeconfig.
private struct Notes {
  private var texts: [Kubeconfig.Part: [String]] = [:]

  /// What is wrong with each part, as a sentence's second half.
  var problems: [Kubeconfig.Part: String] { texts.mapValues { $0.joined(separator: "; ") } }

  /// Notes a problem of a part, where there is one.
  mutating func add(_ part: Kubeconfig.Part, _ problem: String?) {
    if let problem { texts[part, default: []].append(problem) }
  }

  /// What `read` returns; `nil` and a note where it throws.
  mutating func read<Value>(_ part: Kubeconfig.Part, _ read: () throws(KubeconfigProblem) -> Value) -> Value?
  {
    do throws(KubeconfigProblem) {
      return try read()
    } catch {
      add(part, error.text)
      return nil
    }
  }
}
