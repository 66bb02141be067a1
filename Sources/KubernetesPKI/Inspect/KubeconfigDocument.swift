internal import FoundationEssentials
internal import OpenSSLX509
internal import Yams

/// A kubeconfig as YAML: the entries of its current context, not yet decoded.
struct KubeconfigDocument: Sendable {
  /// The names that the current context ties together.
  struct Context: Sendable {
    let name: String
    let cluster: String
    let user: String
  }

  /// A field with a single value, and where it stands in the text: lines and columns count from one.
  struct Field: Sendable {
    let value: String
    let line: Int
    let column: Int
    /// The column of the field's name.
    let nameColumn: Int
  }

  /// What an entry holds or points to.
  enum Source {
    case embedded(base64: String)
    case file(String)
  }

  /// Where it is.
  let path: String
  /// Its text, untouched.
  let text: SecretBytes
  /// The names.
  let context: Context
  /// The fields of the cluster, by name.
  let cluster: [String: Field]
  /// The fields of the user, by name.
  let user: [String: Field]
  private let directory: String

  /// Why a kubeconfig cannot be used, as a sentence's second half.
  struct Problem: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  /// Reads the text of the kubeconfig at `path`; relative paths in it count from there.
  init(_ text: SecretBytes, path: String) throws(Problem) {
    self.path = path
    self.text = text
    directory = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    let root = try Self.root(text)
    guard root["kind"]?.string ?? "Config" == "Config" else { throw Problem("its kind is not Config") }
    guard let current = root["current-context"]?.string, !current.isEmpty else {
      throw Problem("it has no current-context")
    }
    let entry = try Self.entry(current, in: root, list: "contexts", member: "context")
    guard let clusterName = entry["cluster"]?.value, let userName = entry["user"]?.value else {
      throw Problem("its context \(current.debugDescription) does not name a cluster and a user")
    }
    context = Context(name: current, cluster: clusterName, user: userName)
    cluster = try Self.entry(clusterName, in: root, list: "clusters", member: "cluster")
    user = try Self.entry(userName, in: root, list: "users", member: "user")
  }

  /// The API server's URL.
  func server() throws(Problem) -> String {
    guard let server = cluster["server"]?.value, !server.isEmpty else {
      throw Problem("its cluster \(context.cluster.debugDescription) has no server")
    }
    return server
  }

  /// The trusted authorities.
  func certificateAuthority() throws(Problem) -> Source {
    try source("certificate-authority", in: cluster, of: "cluster \(context.cluster.debugDescription)")
  }

  /// The client's certificate.
  func clientCertificate() throws(Problem) -> Source {
    try source("client-certificate", in: user, of: "user \(context.user.debugDescription)")
  }

  /// The client's private key.
  func clientKey() throws(Problem) -> Source {
    try source("client-key", in: user, of: "user \(context.user.debugDescription)")
  }

  private func source(_ name: String, in fields: [String: Field], of owner: String) throws(Problem) -> Source {
    // As in client-go, embedded data wins over a file.
    if let data = fields["\(name)-data"]?.value, !data.isEmpty { return .embedded(base64: data) }
    if let path = fields[name]?.value, !path.isEmpty {
      return .file(path.hasPrefix("/") ? path : TreeLocation.join(directory, path))
    }
    throw Problem("its \(owner) has neither \(name)-data nor \(name)")
  }

  private static func root(_ text: SecretBytes) throws(Problem) -> Node.Mapping {
    guard let string = String(validating: text.copy, as: UTF8.self) else {
      throw Problem("it is not UTF-8 text")
    }
    let node: Node?
    do {
      node = try compose(yaml: string)
    } catch let error as YamlError {
      throw Problem("it is not YAML: \(error.problem)")
    } catch {
      throw Problem("it is not YAML")
    }
    guard let node else { throw Problem("it is empty") }
    guard let root = node.mapping else { throw Problem("it is not a YAML mapping") }
    return root
  }

  private static func entry(
    _ name: String, in root: Node.Mapping, list: String, member: String
  ) throws(Problem) -> [String: Field] {
    let entries = root[list]?.sequence.map(Array.init) ?? []
    guard let entry = entries.first(where: { $0.mapping?["name"]?.string == name }) else {
      throw Problem("it has no \(member) \(name.debugDescription) in \(list)")
    }
    guard let mapping = entry.mapping?[member]?.mapping else {
      throw Problem("its \(member) \(name.debugDescription) is empty")
    }
    return fields(of: mapping)
  }

  private static func fields(of mapping: Node.Mapping) -> [String: Field] {
    var fields: [String: Field] = [:]
    for (name, node) in mapping {
      guard let key = name.string, let value = node.scalar, let mark = node.mark else { continue }
      fields[key] = Field(
        value: value.string, line: mark.line, column: mark.column, nameColumn: name.mark?.column ?? 1)
    }
    return fields
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
