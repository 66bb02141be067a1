internal import OpenSSLX509

extension FileDescription: Encodable {
  private enum CodingKeys: String, CodingKey {
    case path, items
  }

  /// Encodes the path and the items.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(items, forKey: .items)
  }
}

extension FileDescription.Item: Encodable {
  private enum CodingKeys: String, CodingKey {
    case kind, label, problem, key, isEncrypted, source
  }

  /// The stable name of the kind of thing.
  private var kind: String {
    switch self {
    case .certificate: "certificate"
    case .request: "certificate-request"
    case .privateKey, .encryptedPrivateKey: "private-key"
    case .publicKey: "public-key"
    case .kubeconfig: "kubeconfig"
    case .signingRequest: "certificate-signing-request"
    case .unknownBlock: "unknown"
    case .unusable: "unusable"
    case .part(_, let item): item.kind
    }
  }

  /// Encodes the kind, and beside it the fields of what it is.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .certificate(let certificate): try certificate.encode(to: encoder)
    case .request(let request): try request.encode(to: encoder)
    case .kubeconfig(let kubeconfig): try kubeconfig.encode(to: encoder)
    case .signingRequest(let request): try request.encode(to: encoder)
    case .part(_, let item): try item.encode(to: encoder)
    default: break
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    if case .part(let source, _) = self { return try container.encode(source, forKey: .source) }
    try container.encode(kind, forKey: .kind)
    switch self {
    case .privateKey(let key):
      try container.encode(key, forKey: .key)
      try container.encode(false, forKey: .isEncrypted)
    case .encryptedPrivateKey(let label):
      try container.encode(label, forKey: .label)
      try container.encode(true, forKey: .isEncrypted)
    case .publicKey(let key): try container.encode(key, forKey: .key)
    case .unknownBlock(let label): try container.encode(label, forKey: .label)
    case .unusable(let label, let problem):
      try container.encode(label, forKey: .label)
      try container.encode(problem, forKey: .problem)
    default: break
    }
  }
}
