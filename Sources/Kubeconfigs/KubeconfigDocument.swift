internal import FileStore
internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText
package import Yams

/// A kubeconfig as YAML: its entries, not yet decoded.
package struct KubeconfigDocument {
  /// The names that a context ties together.
  package struct Context: Sendable {
    package let name: String
    package let cluster: String
    package let user: String
  }

  /// An API server, and whom to trust as one.
  package struct Cluster: Sendable {
    package let name: String
    package let server: String?
    package let certificateAuthority: Source?
  }

  /// Someone's credentials.
  package struct User: Sendable {
    package let name: String
    package let clientCertificate: Source?
    package let clientKey: Source?
    /// The names of the fields that hold credentials of other kinds: `token`, `exec`.
    package let otherCredentials: [String]
  }

  /// What an entry holds or points to.
  package struct Source: Sendable {
    package enum Content: Sendable {
      case embedded(base64: String, at: Place)
      case file(String)
    }

    /// Where a field's value stands in the text: lines and columns count from one.
    package struct Place: Sendable {
      package let line: Int
      package let column: Int
      /// The column of the field's name.
      package let nameColumn: Int
    }

    package let part: Kubeconfig.Part
    package let content: Content

    /// The file that it points to.
    package var file: String? {
      if case .file(let path) = content { path } else { nil }
    }
  }

  package let currentContext: String?
  package let contexts: [Context]
  package let clusters: [Cluster]
  package let users: [User]

  /// Reads the text of the kubeconfig at `path`; relative paths in it count from there.
  package init(_ text: SecretBytes, path: String) throws(KubeconfigProblem) {
    try self.init(Self.root(text), path: path)
  }

  /// Takes a document that is parsed already.
  package init(_ root: Node.Mapping, path: String) throws(KubeconfigProblem) {
    guard root["kind"]?.string ?? "Config" == "Config" else {
      throw KubeconfigProblem("its kind is not Config")
    }
    currentContext = root["current-context"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    let directory = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    func entries(_ list: String, _ member: String) -> [(name: String, fields: Node.Mapping)] {
      (root[list]?.sequence.map(Array.init) ?? []).compactMap { entry in
        entry.mapping?["name"]?.string.map { ($0, entry.mapping?[member]?.mapping ?? Node.Mapping([])) }
      }
    }
    contexts = entries("contexts", "context").map { name, fields in
      Context(name: name, cluster: fields["cluster"]?.string ?? "", user: fields["user"]?.string ?? "")
    }
    clusters = entries("clusters", "cluster").map { name, fields in
      Cluster(
        name: name, server: fields["server"]?.string,
        certificateAuthority: Source(.certificateAuthority, in: fields, directory))
    }
    users = entries("users", "user").map { name, fields in
      User(
        name: name, clientCertificate: Source(.clientCertificate, in: fields, directory),
        clientKey: Source(.clientKey, in: fields, directory),
        otherCredentials: fields.keys.compactMap(\.string).filter { !$0.hasPrefix("client-") })
    }
  }

  /// The current context, and the entries that it names.
  package func current() throws(KubeconfigProblem) -> (Context, Cluster, User) {
    guard let currentContext else { throw KubeconfigProblem("it has no current-context") }
    let context = try named(currentContext, in: contexts, "contexts", "context", \.name)
    guard !context.cluster.isEmpty, !context.user.isEmpty else {
      throw KubeconfigProblem(
        "its context \(context.name.debugDescription) does not name a cluster and a user")
    }
    return (
      context, try named(context.cluster, in: clusters, "clusters", "cluster", \.name),
      try named(context.user, in: users, "users", "user", \.name)
    )
  }

  private func named<Entry>(
    _ name: String, in entries: [Entry], _ list: String, _ member: String, _ key: KeyPath<Entry, String>
  ) throws(KubeconfigProblem) -> Entry {
    guard let entry = entries.first(where: { $0[keyPath: key] == name }) else {
      throw KubeconfigProblem("it has no \(member) \(name.debugDescription) in \(list)")
    }
    return entry
  }

  /// What some editors put before a text; it is not part of it.
  package static let byteOrderMark: Unicode.Scalar = "\u{feff}"

  /// The YAML mapping of a text.
  ///
  /// - Parameter resolver: tells numbers, dates and truth values from text. All that a kubeconfig has of interest is text, so
  ///   that only those need one, which takes its time, who write all of it anew.
  /// - Throws: ``KubeconfigProblem`` when it is none.
  package static func root(_ text: SecretBytes, _ resolver: Resolver = .basic) throws(KubeconfigProblem)
    -> Node.Mapping
  {
    guard let string = text.utf8 else {
      throw KubeconfigProblem("it is not UTF-8 text")
    }
    // libyaml counts the mark as a column, and would take the first line for indented.
    let scalars = string.unicodeScalars.drop(while: { $0 == byteOrderMark })
    let node: Node?
    do {
      node = try compose(yaml: String(scalars), resolver)
    } catch let error as YamlError {
      throw KubeconfigProblem("it is not YAML: \(error.problem)")
    } catch {
      throw KubeconfigProblem("it is not YAML")
    }
    guard let node else { throw KubeconfigProblem("it is empty") }
    guard let root = node.mapping else { throw KubeconfigProblem("it is not a YAML mapping") }
    return root
  }
}

extension KubeconfigDocument {
  /// Whether `edited` says what `text` says, with other values in embedded fields of the current cluster and user.
  package static func text(
    _ text: SecretBytes, becomes edited: SecretBytes, with values: [Kubeconfig.Part: String]
  ) throws(KubeconfigProblem) -> Bool {
    var expected = try root(text)
    let (_, cluster, user) = try KubeconfigDocument(expected, path: "").current()
    for (part, value) in values {
      let (list, member, name) =
        part == .certificateAuthority ? ("clusters", "cluster", cluster.name) : ("users", "user", user.name)
      guard var entries = expected[list]?.sequence,
        let index = entries.firstIndex(where: { $0.mapping?["name"]?.string == name })
      else { return false }
      entries[index].mapping?[plain(member)]?.mapping?[plain("\(part.rawValue)-data")] = plain(value)
      expected[list] = .sequence(entries)
    }
    return try root(edited) == expected
  }

  /// A node as ``root(_:_:)`` has it.
  private static func plain(_ text: String) -> Node { Node(text, Tag(.implicit, .basic)) }
}

extension KubeconfigDocument.Source {
  /// The part in an entry's fields; `nil` where the entry does not have it.
  fileprivate init?(_ part: Kubeconfig.Part, in fields: Node.Mapping, _ directory: String) {
    self.part = part
    // As in client-go, embedded data wins over a file.
    if let (name, node) = fields.first(where: { $0.key.string == "\(part.rawValue)-data" }),
      let data = node.string, !data.isEmpty
    {
      content = .embedded(
        base64: data,
        at: Place(
          line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, nameColumn: name.mark?.column ?? 1))
    } else if let path = fields[part.rawValue]?.string, !path.isEmpty {
      content = .file(path.hasPrefix("/") ? path : Path.join(directory, path))
    } else {
      return nil
    }
  }

  /// The source of a part that must be there; `owner` is the entry that has it.
  package static func required(
    _ part: Kubeconfig.Part, _ source: Self?, of owner: String
  ) throws(KubeconfigProblem) -> Self {
    guard let source else {
      throw .init("its \(owner) has neither \(part.rawValue)-data nor \(part.rawValue)")
    }
    return source
  }
}

extension KubeconfigDocument.Cluster {
  /// The server's URL, where there must be one.
  package func requiredServer() throws(KubeconfigProblem) -> String {
    guard let server, !server.isEmpty else {
      throw .init("its cluster \(name.debugDescription) has no server")
    }
    return server
  }
}
