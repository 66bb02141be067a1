internal import FileStore
package import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509
package import StructuredText

/// The terms of a token, unchecked.
package struct TokenTerms: Sendable {
  /// How long it is valid; with `0` it does not expire. By default 24 hours.
  package var lifetime: Setting?
  /// Its usages: `signing`, `authentication`. By default both.
  package var usages: [Setting] = []
  /// The groups of its user.
  package var groups: [Setting] = []
  /// A description for people.
  package var text: Setting?
  /// The user's name in a static token file.
  package var user: Setting?
  /// The user's uid in a static token file.
  package var uid: Setting?

  /// Terms that say nothing.
  package init() {}

  /// The group of kubeadm's tokens, which every cluster of kubeadm knows.
  package static let defaultGroup = "system:bootstrappers:kubeadm:default-node-token"

  /// The terms of a token in a Secret.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong.
  package func secret(_ token: BootstrapToken, at instant: Date) throws(PKIErrors) -> TokenSecret {
    var check = ClusterSettings.Check()
    let lifetime = lifetime ?? Setting("24h", from: .value("ttl"))
    var seconds: Int?
    if !["0", "0s", "0m", "0h", "0d", "0m0s", "0h0m0s"].contains(lifetime.text) {
      seconds = check.optional(lifetime, Lifetime.parse)?.seconds
    }
    let usages =
      usages.isEmpty ? TokenSecret.usageNames : usages.compactMap { check.optional($0, Self.parseUsage) }
    let canAuthenticate = usages.contains("authentication")
    var groups = groups.compactMap { check.optional($0, Self.parseGroup) }
    if !canAuthenticate {
      check.errors += self.groups.map {
        $0.invalid("of no use to a token that does not have the usage authentication")
      }
    } else if self.groups.isEmpty {
      groups = [Self.defaultGroup]
    }
    let text = check.optional(text, HostName.parseText)
    guard check.errors.isEmpty else { throw PKIErrors(check.errors) }
    return TokenSecret(
      token: token, expiration: seconds.map { instant.addingTimeInterval(Double($0)) },
      usages: TokenSecret.usageNames.filter(usages.contains), groups: groups, text: text)
  }

  /// The line of a static token file: `TOKEN,USER,UID,"GROUP,GROUP"`, RFC 4180.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong.
  package func line(_ token: BootstrapToken) throws(PKIErrors) -> String {
    var check = ClusterSettings.Check()
    if !token.canHave128Bits {
      check.errors.append(
        token.invalid(
          "the file of a token too short for 128 random bits, which one that never expires needs",
          hint: "leave --token-file out for a new token"))
    }
    let user = check.optional(user, HostName.parseText) ?? "kubelet-bootstrap"
    let uid = check.optional(uid, HostName.parseText) ?? "10001"
    let groups = groups.compactMap { check.optional($0, HostName.parseText) }
    guard check.errors.isEmpty else { throw PKIErrors(check.errors) }
    let fields = [token.text, user, uid, groups.isEmpty ? Self.staticGroup : groups.joined(separator: ",")]
    return fields.map(Self.quoted).joined(separator: ",") + "\n"
  }

  /// The group of the documentation's static token.
  package static let staticGroup = "system:kubelet-bootstrap"

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"".contains($0) }) || field.hasPrefix(" ") || field.hasPrefix("#") else {
      return field
    }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }

  private static func parseUsage(_ text: String) -> Result<String, HostName.Problem> {
    TokenSecret.usageNames.contains(text)
      ? .success(text) : .failure(.init("not a usage of a token; use signing, authentication or both"))
  }

  /// `\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z`, as the API server takes it.
  private static func parseGroup(_ text: String) -> Result<String, HostName.Problem> {
    let prefix = "system:bootstrappers:"
    let rest = text.utf8.dropFirst(prefix.utf8.count)
    let isName = rest.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || ":-".utf8.contains($0)
    }
    guard text.hasPrefix(prefix), (1...256).contains(rest.count), isName,
      rest.last.map({ !":-".utf8.contains($0) }) == true
    else { return .failure(.init("not a group of bootstrap tokens; write it as system:bootstrappers:NAME")) }
    return .success(text)
  }
}

/// A token as kube-controller-manager and the API server know it: a Secret in kube-system.
package struct TokenSecret: Sendable {
  /// The usages that a token can have.
  package static let usageNames = ["authentication", "signing"]

  package let token: BootstrapToken
  package let expiration: Date?
  package let usages: [String]
  package let groups: [String]
  package let text: String?

  /// The Secret of type `bootstrap.kubernetes.io/token`.
  ///
  /// - Throws: ``PKIError/invalidSetting(_:value:problem:hint:)`` for a token that is not of the form that a Secret can hold.
  package func manifest() throws(PKIError) -> JSONValue {
    guard let id = token.id, let secret = token.secret else {
      throw token.invalid(
        "not the file of a token of the form abcdef.0123456789abcdef, and a Secret can hold no other",
        hint: "leave --token-file out for a new token; or print the line of a static token file with -o csv")
    }
    var data: JSONValue = ["token-id": .string(id), "token-secret": .string(secret)]
    if let expiration { data["expiration"] = .string(expiration.rfc3339) }
    if let text { data["description"] = .string(text) }
    if !groups.isEmpty { data["auth-extra-groups"] = .string(groups.joined(separator: ",")) }
    for usage in usages { data["usage-bootstrap-\(usage)"] = "true" }
    return [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": ["name": .string("bootstrap-token-\(id)"), "namespace": "kube-system"],
      "stringData": data, "type": "bootstrap.kubernetes.io/token",
    ]
  }
}

extension TokenSecret: Encodable {
  private enum CodingKeys: String, CodingKey {
    case token, id, expiration, usages, groups
    case text = "description"
  }

  /// Writes the token and its terms.
  package func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: CodingKeys.self)
    try object.encode(token.text, forKey: .token)
    try object.encodeIfPresent(token.id, forKey: .id)
    try object.encode(expiration?.rfc3339, forKey: .expiration)
    try object.encode(usages, forKey: .usages)
    try object.encode(groups, forKey: .groups)
    try object.encode(text ?? "", forKey: .text)
  }
}
