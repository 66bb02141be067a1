internal import Yams

/// Objects of the Kubernetes API as files for `kubectl apply`.
public enum Manifest {
  /// The objects in YAML, keys sorted, one document each.
  ///
  /// - Throws: `EncodingError` when an object cannot be encoded.
  public static func yaml(_ objects: [some Encodable]) throws -> String {
    let encoder = YAMLEncoder()
    encoder.options = YAMLEncoder.Options(width: -1, sortKeys: true)
    return try objects.map { try encoder.encode($0) }.joined(separator: "---\n")
  }
}
