/// Objects of the Kubernetes API as files for `kubectl apply`.
public enum Manifest {
  /// The objects in YAML, keys sorted, one document each.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when an object cannot be encoded.
  public static func yaml(_ objects: [some Encodable]) throws(PKIError) -> String {
    var values: [JSONValue] = []
    for object in objects { values.append(try JSONValue(encoding: object)) }
    return try JSONValue.yaml(values)
  }
}
