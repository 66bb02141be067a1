internal import StructuredText

/// The types of a kubeconfig's fields: k8s.io/client-go/tools/clientcmd/api/v1, types.go.
///
/// client-go decodes a kubeconfig with Go's encoding/json: null is as good as no field, an unknown field is skipped, names
/// are case-sensitive, and a value of another type is an error, wherever it stands.
indirect enum KubeconfigType: Sendable {
  case string
  case boolean
  /// Base64 in a string.
  case data
  /// Whatever an extension holds.
  case any
  case list(KubeconfigType)
  /// An object with fields of any name.
  case map(KubeconfigType)
  case object([String: KubeconfigType])
  /// A list of objects, in which no two may have the same name.
  case named([String: KubeconfigType])

  // These are computed: a search for leaks does not follow the marked pointers of an indirect enum that lives for ever.
  private static var extensions: KubeconfigType { .named(["name": .string, "extension": .any]) }

  /// A whole kubeconfig.
  static var config: KubeconfigType {
    .object([
      "kind": .string, "apiVersion": .string, "current-context": .string, "extensions": extensions,
      "preferences": .object(["colors": .boolean, "extensions": extensions]),
      "clusters": .named(["name": .string, "cluster": .object(cluster)]),
      "contexts": .named(["name": .string, "context": .object(context)]),
      "users": .named(["name": .string, "user": .object(user)]),
    ])
  }

  private static var cluster: [String: KubeconfigType] {
    [
      "server": .string, "tls-server-name": .string, "insecure-skip-tls-verify": .boolean,
      "certificate-authority": .string, "certificate-authority-data": .data, "proxy-url": .string,
      "disable-compression": .boolean, "extensions": extensions,
    ]
  }

  private static var context: [String: KubeconfigType] {
    [
      "cluster": .string, "user": .string, "namespace": .string, "extensions": extensions,
    ]
  }

  private static var user: [String: KubeconfigType] {
    [
      "client-certificate": .string, "client-certificate-data": .data, "client-key": .string,
      "client-key-data": .data, "token": .string, "tokenFile": .string, "as": .string, "as-uid": .string,
      "as-groups": .list(.string), "as-user-extra": .map(.list(.string)), "username": .string,
      "password": .string, "auth-provider": .object(["name": .string, "config": .map(.string)]),
      "exec": .object(exec), "extensions": extensions,
    ]
  }

  private static var exec: [String: KubeconfigType] {
    [
      "command": .string, "args": .list(.string),
      "env": .list(.object(["name": .string, "value": .string])), "apiVersion": .string,
      "installHint": .string, "provideClusterInfo": .boolean, "interactiveMode": .string,
    ]
  }
}

extension KubeconfigType {
  /// Checks a value and all that it contains.
  ///
  /// - Parameter field: the field that holds the value, for the problem.
  /// - Throws: ``KubeconfigProblem`` for the first value that client-go does not decode.
  func check(_ value: ConfigurationValue, _ field: String) throws(KubeconfigProblem) {
    switch (self, value.content) {
    case (_, .null), (.any, _), (.string, .string), (.data, .string), (.boolean, .boolean): break
    case (.list(let type), .list(let values)):
      for value in values { try type.check(value, field) }
    case (.map(let type), .object(let members)):
      for member in members where !member.isOverridden { try type.check(member.value, member.name) }
    case (.object(let fields), .object(let members)):
      for member in members where !member.isOverridden {
        try fields[member.name]?.check(member.value, member.name)
      }
    case (.named(let fields), .list(let values)): try Self.check(values, fields, field)
    default:
      throw KubeconfigProblem(
        "its \(field) in line \(value.line) is \(value.kind), where kubectl wants \(kind)\(hint(value))")
    }
  }

  private static func check(
    _ values: [ConfigurationValue], _ fields: [String: KubeconfigType], _ field: String
  ) throws(KubeconfigProblem) {
    var names: Set<String> = []
    for value in values {
      try KubeconfigType.object(fields).check(value, field)
      let name = value.string("name") ?? ""
      guard !names.contains(name) else {
        throw KubeconfigProblem(
          "its \(field) have two entries named \(name.quoted), the second in line \(value.line)")
      }
      // client-go forgets the name of an extension that has no content.
      if fields["extension"] == nil || value["extension"].map({ $0.kind != "nothing" }) == true {
        names.insert(name)
      }
    }
  }

  private var kind: String {
    switch self {
    case .string: "a string"
    case .boolean: "true or false"
    case .data: "base64"
    case .any: "anything"
    case .list, .named: "a list"
    case .map, .object: "an object"
    }
  }

  private func hint(_ value: ConfigurationValue) -> String {
    switch (self, value.content) {
    case (.string, .number), (.string, .boolean): "; write it in quotes"
    case (.boolean, .string): "; write it without quotes"
    default: ""
    }
  }
}
