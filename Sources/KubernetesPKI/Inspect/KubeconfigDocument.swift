internal import FoundationEssentials
internal import OpenSSLX509
internal import Yams

/// A kubeconfig as YAML: its entries, not yet decoded.
struct KubeconfigDocument {
  /// The names that a context ties together.
  struct Context: Sendable {
    let name: String
    let cluster: String
    let user: String
  }

  /// An API server, and whom to trust as one.
  struct Cluster: Sendable {
    let name: String
    let server: String?
    let certificateAuthority: Source?
  }

  /// Someone's credentials.
  struct User: Sendable {
    let name: String
    let clientCertificate: Source?
    let clientKey: Source?
    /// The names of the fields that hold credentials of other kinds: `token`, `exec`.
    let otherCredentials: [String]
  }

  /// What an entry holds or points to.
  struct Source: Sendable {
    enum Content: Sendable {
      case embedded(base64: String, at: Place)
      case file(String)
    }

    /// Where a field's value stands in the text: lines and columns count from one.
    struct Place: Sendable {
      let line: Int
      let column: Int
      /// The column of the field's name.
      let nameColumn: Int
    }

    let part: Kubeconfig.Part
    let content: Content

    /// The file that it points to.
    var file: String? {
      if case .file(let path) = content { path } else { nil }
    }
  }

  /// Why a kubeconfig cannot be used, as a sentence's second half.
  struct Problem: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  let currentContext: String?
  let contexts: [Context]
  let clusters: [Cluster]
  let users: [User]

  /// Reads the text of the kubeconfig at `path`; relative paths in it count from there.
  init(_ text: SecretBytes, path: String) throws(Problem) {
    try self.init(Self.root(text), path: path)
  }

  /// Takes a document that is parsed already.
  init(_ root: Node.Mapping, path: String) throws(Problem) {
    guard root["kind"]?.string ?? "Config" == "Config" else { throw Problem("its kind is not Config") }
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
  func current() throws(Problem) -> (Context, Cluster, User) {
    guard let currentContext else { throw Problem("it has no current-context") }
    let context = try named(currentContext, in: contexts, "contexts", "context", \.name)
    guard !context.cluster.isEmpty, !context.user.isEmpty else {
      throw Problem("its context \(context.name.debugDescription) does not name a cluster and a user")
    }
    return (
      context, try named(context.cluster, in: clusters, "clusters", "cluster", \.name),
      try named(context.user, in: users, "users", "user", \.name)
    )
  }

  private func named<Entry>(
    _ name: String, in entries: [Entry], _ list: String, _ member: String, _ key: KeyPath<Entry, String>
  ) throws(Problem) -> Entry {
    guard let entry = entries.first(where: { $0[keyPath: key] == name }) else {
      throw Problem("it has no \(member) \(name.debugDescription) in \(list)")
    }
    return entry
  }

  /// What some editors put before a text; it is not part of it.
  static let byteOrderMark: Unicode.Scalar = "\u{feff}"

  /// The YAML mapping of a text.
  ///
  /// - Parameter resolver: tells numbers, dates and truth values from text. All that a kubeconfig has of interest is text, so
  ///   that only those need one, which takes its time, who write all of it anew.
  /// - Throws: ``Problem`` when it is none.
  static func root(_ text: SecretBytes, _ resolver: Resolver = .basic) throws(Problem) -> Node.Mapping {
    guard let string = text.utf8 else {
      throw Problem("it is not UTF-8 text")
    }
    // libyaml counts the mark as a column, and would take the first line for indented.
    let scalars = string.unicodeScalars.drop(while: { $0 == byteOrderMark })
    let node: Node?
    do {
      node = try compose(yaml: String(scalars), resolver)
    } catch let error as YamlError {
      throw Problem("it is not YAML: \(error.problem)")
    } catch {
      throw Problem("it is not YAML")
    }
    guard let node else { throw Problem("it is empty") }
    guard let root = node.mapping else { throw Problem("it is not a YAML mapping") }
    return root
  }
}

extension KubeconfigDocument {
  /// Whether `edited` says what `text` says, with other values in embedded fields of the current cluster and user.
  static func text(
    _ text: SecretBytes, becomes edited: SecretBytes, with values: [Kubeconfig.Part: String]
  ) throws(Problem) -> Bool {
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
      content = .file(path.hasPrefix("/") ? path : TreeLocation.join(directory, path))
    } else {
      return nil
    }
  }

  /// The source of a part that must be there; `owner` is the entry that has it.
  static func required(
    _ part: Kubeconfig.Part, _ source: Self?, of owner: String
  ) throws(KubeconfigDocument.Problem) -> Self {
    guard let source else {
      throw .init("its \(owner) has neither \(part.rawValue)-data nor \(part.rawValue)")
    }
    return source
  }
}

extension KubeconfigDocument.Cluster {
  /// The server's URL, where there must be one.
  func requiredServer() throws(KubeconfigDocument.Problem) -> String {
    guard let server, !server.isEmpty else {
      throw .init("its cluster \(name.debugDescription) has no server")
    }
    return server
  }
}

extension YamlError {
  /// What is wrong and in which line, without the text around it: that may be a private key.
  var problem: String {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    case .duplicatedKeysInMapping(_, let context): "line \(context.mark.line): a key stands twice"
    default: "it cannot be read"
    }
  }
}
