internal import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509
package import StructuredText

/// A Secret, as the API server takes it; see <https://kubernetes.io/docs/concepts/configuration/secret/>.
package struct SecretObject: Sendable {
  /// Its name and its namespace.
  package let name, namespace: String
  /// Its type; `nil` for `Opaque`.
  package var type: String?
  /// Its labels.
  package var labels: [String: String] = [:]
  /// Its values by their keys.
  package var data: [String: SecretBytes] = [:]

  /// A Secret without values.
  package init(_ name: String, in namespace: String, type: String? = nil) {
    self.name = name
    self.namespace = namespace
    self.type = type
  }

  /// The object, with the values in base64.
  package var object: JSONValue {
    var metadata: JSONValue = ["name": .string(name), "namespace": .string(namespace)]
    if !labels.isEmpty { metadata["labels"] = .object(labels.mapValues { .string($0) }) }
    return [
      "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": .string(type ?? "Opaque"),
      "data": .object(data.mapValues { .string(Data($0.copy).base64EncodedString()) }),
    ]
  }
}

/// Names of objects.
package enum ObjectName {
  /// The name that a setting has, a DNS subdomain of RFC 1123.
  ///
  /// - Throws: ``PKIError/invalidSetting(_:value:problem:hint:)`` for what the API server refuses.
  package static func subdomain(_ setting: Setting) throws(PKIError) -> String {
    guard !setting.text.isEmpty, setting.text.utf8.count <= 253,
      setting.text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel($0) })
    else { throw invalid(setting) }
    return setting.text
  }

  /// The name that a setting has, a DNS label of RFC 1123, as namespaces have.
  ///
  /// - Parameter room: how many characters have to follow it in other names.
  /// - Throws: ``PKIError/invalidSetting(_:value:problem:hint:)`` for what the API server refuses.
  package static func label(_ setting: Setting) throws(PKIError) -> String {
    guard isLabel(setting.text[...]), setting.text.utf8.count <= 63 else { throw invalid(setting) }
    return setting.text
  }

  private static func invalid(_ setting: Setting) -> PKIError {
    setting.invalid(
      "not a name that Kubernetes takes: only a-z, 0-9 and '-' may be in it, 63 characters at most")
  }

  private static func isLabel(_ text: Substring) -> Bool {
    let isEnd = { (byte: UInt8) in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard let first = text.utf8.first, let last = text.utf8.last, isEnd(first), isEnd(last) else {
      return false
    }
    return text.utf8.allSatisfy { isEnd($0) || $0 == UInt8(ascii: "-") }
  }
}
