internal import FileStore
internal import StructuredText
package import OpenSSLX509

extension KubeconfigDocument {
  /// What an entry holds or points to.
  package struct Source: Sendable {
    /// Where the value is.
    package enum Content: Sendable {
      /// In the kubeconfig, in base64.
      case embedded(base64: String)
      /// In the file at a path.
      case file(String)
      /// In a file that is outside of the tree to which the kubeconfig belongs; the path is as it is written.
      case outside(String)
    }

    /// Where a field stands in the text: lines and columns count from one.
    package struct Place: Sendable {
      /// The line of the value.
      package let line: Int
      /// The column of the value.
      package let column: Int
      /// The line of the field's name.
      package let nameLine: Int
      /// The column of the field's name.
      package let nameColumn: Int

      init(_ member: ConfigurationValue.Member) {
        (line, column) = (member.value.line, member.value.column)
        (nameLine, nameColumn) = (member.line, member.column)
      }
    }

    /// Which part of the kubeconfig it is.
    package let part: Kubeconfig.Part
    /// The value, or where it is.
    package let content: Content
    /// The file that the entry names beside the embedded value, which client-go refuses.
    package let contradictingFile: String?
    /// Where its field stands.
    let place: Place
    /// The name of its field.
    let field: String
    /// The way from the root of the kubeconfig to the value of the field.
    let steps: [ConfigurationValue.Step]

    /// The file that it points to.
    package var file: String? {
      if case .file(let path) = content { path } else { nil }
    }

    /// The file outside of the tree that it points to, as the path is written.
    package var outside: String? {
      if case .outside(let path) = content { path } else { nil }
    }

    /// Whether the value is in the kubeconfig.
    package var isEmbedded: Bool {
      if case .embedded = content { true } else { false }
    }
  }
}

extension Kubeconfig.Part {
  /// The field that embeds the part.
  var embeddedField: String { "\(rawValue)-data" }
}

extension KubeconfigDocument.Source {
  /// The part in an entry's fields; `nil` where the entry does not have it.
  init?(
    _ part: Kubeconfig.Part, in fields: ConfigurationValue?, _ place: [ConfigurationValue.Step],
    _ folder: KubeconfigFolder
  ) {
    self.part = part
    let path = fields?.nonEmpty(part.rawValue)
    // As in client-go, embedded data wins over a file, and base64 of nothing is as good as no field.
    if let member = fields?.member(part.embeddedField), case .string(let data) = member.value.content,
      data.utf8.contains(where: { !Base64.isBreak($0) })
    {
      content = .embedded(base64: data)
      contradictingFile = path.map { Self.path($0, from: folder.path) }
      (self.place, field) = (Place(member), part.embeddedField)
    } else if let path, let member = fields?.member(part.rawValue) {
      content = folder.content(path)
      contradictingFile = nil
      (self.place, field) = (Place(member), part.rawValue)
    } else {
      return nil
    }
    steps = place + [.field(field)]
  }

  /// Where a path leads that counts from a directory. As client-go does, `..` is taken for the folder that is written
  /// before it, also where that is a symbolic link.
  static func path(_ path: String, from directory: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    let joined = Path.join(directory, path)
    guard path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else { return joined }
    var folders: [Substring] = []
    for folder in joined.split(separator: "/") where folder != "." {
      if folder == "..", let last = folders.last, last != ".." {
        folders.removeLast()
      } else if folder != ".." || !joined.hasPrefix("/") {
        folders.append(folder)
      }
    }
    return (joined.hasPrefix("/") ? "/" : "") + folders.joined(separator: "/")
  }

  /// The source of a part that must be there; `owner` is the entry that has it.
  ///
  /// - Throws: ``KubeconfigProblem`` when it is not.
  package static func required(
    _ part: Kubeconfig.Part, _ source: Self?, of owner: String
  ) throws(KubeconfigProblem) -> Self {
    guard let source else {
      throw .init("its \(owner) has neither \(part.rawValue)-data nor \(part.rawValue)")
    }
    return source
  }

  /// That the entry both embeds the value and names a file.
  var contradiction: String? {
    contradictingFile.map {
      "it has both \(part.rawValue)-data and \(part.rawValue) (\($0)), which kubectl refuses; remove one of them"
    }
  }

  /// The certificates that are embedded or in the file.
  ///
  /// - Throws: ``KubeconfigProblem`` when they cannot be read.
  package func certificates() throws(KubeconfigProblem) -> [Certificate] {
    try decoded { (pem) throws(OpenSSLError) in try Certificate.all(pem: pem, as: reader) }
  }

  /// client-go reads CAs into a pool, and a client's certificate with `crypto/tls`.
  private var reader: Certificate.Reader { part == .certificateAuthority ? .pool : .keyPair }

  /// The private key that is embedded or in the file.
  ///
  /// - Throws: ``KubeconfigProblem`` when it cannot be read.
  package func privateKey() throws(KubeconfigProblem) -> PrivateKey {
    try decoded { (pem) throws(OpenSSLError) in try PrivateKey(pem: pem) }
  }

  /// What clients skip of a text of which they use the rest, in sentences.
  var skipped: [String] {
    guard let pem = try? text() else { return [] }
    let (blocks, problems) = PEMBlock.read(pem)
    let certificates = blocks.count { $0.label == "CERTIFICATE" }
    guard part == .certificateAuthority, let used = try? self.certificates().count, used < certificates else {
      return problems.map(\.description)
    }
    let unused = certificates - used
    return problems.map(\.description)
      + ["\(unused == 1 ? "one certificate has" : "\(unused) certificates have") headers or cannot be parsed"]
  }

  private func decoded<Value>(
    _ read: (SecretBytes) throws(OpenSSLError) -> Value
  ) throws(KubeconfigProblem) -> Value {
    let pem = try text()
    do throws(OpenSSLError) {
      return try read(pem)
    } catch {
      let field = file.map { "\(part.rawValue) \($0)" } ?? part.embeddedField
      throw .init("its \(field) is unusable: \(error)")
    }
  }

  /// The text in PEM.
  private func text() throws(KubeconfigProblem) -> SecretBytes {
    switch content {
    case .embedded(let base64):
      guard let data = Base64.decode(base64) else { throw .init("its \(part.embeddedField) is not base64") }
      return data
    case .outside(let path): throw .init("its \(part.rawValue) \(path) is outside of the tree")
    case .file(let path):
      do throws(FileError) {
        return try FileSystem.read(path)
      } catch {
        throw .init("its \(part.rawValue) cannot be used: \(error)")
      }
    }
  }
}

/// The directory of a kubeconfig, from which its relative paths count, and which files they may lead to.
struct KubeconfigFolder {
  /// The directory.
  let path: String
  private let reach: FileReach

  /// The folder of the kubeconfig at `path`.
  init(of path: String, _ reach: FileReach) {
    self.path = Path.directory(of: path)
    self.reach = reach
  }

  /// What stands behind a path that a kubeconfig names.
  func content(_ path: String) -> KubeconfigDocument.Source.Content {
    let place =
      path.hasPrefix("/")
      ? reach.place(ofAbsolute: path)
      : reach.place(ofRelative: KubeconfigDocument.Source.path(path, from: self.path))
    return place.map { .file($0) } ?? .outside(path)
  }
}
