internal import FileStore
package import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509
package import StructuredText

extension CertificateSigningRequest {
  /// Whether it was read as an object of the API.
  package var isObject: Bool { object != nil }

  /// The object for the API, as `kubectl apply` takes it.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when the request cannot be encoded.
  package func manifest() throws(PKIError) -> JSONValue {
    let pem: [UInt8]
    do throws(OpenSSLError) {
      pem = try request.pem().copy
    } catch {
      throw .cryptography(subject: origin, reason: error.description)
    }
    var spec: JSONValue = [
      "request": .string(Data(pem).base64EncodedString()), "signerName": .string(signerName ?? ""),
      "usages": .array((usages ?? []).map { .string($0) }),
    ]
    if let expirationSeconds { spec["expirationSeconds"] = .integer(expirationSeconds) }
    return [
      "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
      "metadata": name.map { ["name": .string($0)] } ?? [:], "spec": spec,
    ]
  }

  /// The object with its approval, and with a certificate where one was signed.
  package func approved(_ pem: [UInt8]? = nil, at instant: Date) -> JSONValue? {
    guard var object = writable else { return nil }
    if state != .approved {
      object.add(
        condition: "Approved", reason: "PkigenApprove", message: "This CSR was approved by pkigen.",
        at: instant)
    }
    if let pem { object["status", default: [:]]["certificate"] = .string(Data(pem).base64EncodedString()) }
    return object
  }

  /// The object with its denial; `nil` for one that was decided before.
  package func denied(_ denials: [Denial], at instant: Date) -> JSONValue? {
    guard var object = writable, state == .pending else { return nil }
    let message = denials.map { "\($0.code.rawValue): \($0.message)" }.joined(separator: "; ")
    object.add(condition: "Denied", reason: "PkigenDeny", message: message, at: instant)
    return object
  }

  /// The object without what would tie it to one moment of the cluster: it can be put to `/approval` and then to `/status`.
  ///
  /// Its uid stays, so that the API refuses it for another object of the same name.
  private var writable: JSONValue? {
    var object = object
    object?["metadata"]?["resourceVersion"] = nil
    object?["metadata"]?["managedFields"] = nil
    return object
  }
}

extension JSONValue {
  fileprivate mutating func add(condition type: String, reason: String, message: String, at instant: Date) {
    let now = JSONValue.string(instant.rfc3339)
    let condition: JSONValue = [
      "type": .string(type), "status": "True", "reason": .string(reason), "message": .string(message),
      "lastUpdateTime": now, "lastTransitionTime": now,
    ]
    self["status", default: [:]]["conditions", default: []].append(condition)
  }

  fileprivate mutating func append(_ element: JSONValue) { self = .array((array ?? []) + [element]) }

  fileprivate subscript(name: String, default value: JSONValue) -> JSONValue {
    get { self[name] ?? value }
    set { self[name] = newValue }
  }
}
