package import OpenSSLX509

/// Where the rotation of a CA, or of the key of service-account tokens, stands: a function of the files alone.
///
/// One order holds everywhere: the first certificate of ca.crt is that of ca.key, the first key of sa.pub is that of sa.key.
package enum RotationStage: Hashable, Sendable {
  /// There is nothing of it.
  case absent
  /// One CA or key signs, and nothing else is trusted.
  case idle
  /// One signs, and its successor is trusted too.
  case prepared
  /// The successor signs, and its predecessor is trusted still.
  case switched
  /// What is trusted is here, and the key is not: on a worker, or where the CA is an external CA.
  case keyless
  /// The files are those of no stage.
  case irregular(Finding)

  /// The stage's name in a document: `idle`, `prepared`, `switched`.
  package var name: String {
    switch self {
    case .absent: "absent"
    case .idle: "idle"
    case .prepared: "prepared"
    case .switched: "switched"
    case .keyless: "keyless"
    case .irregular: "irregular"
    }
  }
}

extension RotationStage {
  /// What brings files to the stage; `nil` where nothing does.
  package var verb: RotationVerb? {
    switch self {
    case .idle: .retire
    case .prepared: .prepare
    case .switched: .switchOver
    case .absent, .keyless, .irregular: nil
    }
  }
}

extension RotationStage: Encodable {
  /// The stage's name.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension TreeContents {
  /// The keys of a CA and of its rotation; `nil` where its key is not here.
  package func keys(of ca: CatalogEntry.ID) -> KeySuccession? {
    self[ca].key.value.map { key in
      let files = succession(of: ca)
      return KeySuccession(
        trusted: trustedKeys(of: ca), signing: key.publicKey,
        next: files.nextKey.value?.publicKey, previous: files.previousKey.value?.publicKey)
    }
  }

  /// The keys of service-account tokens; `nil` where the one that signs is not here.
  package var serviceAccountKeys: KeySuccession? {
    serviceAccountKey.value.map { key in
      KeySuccession(
        trusted: serviceAccountPublicKeys.value ?? [], signing: key.publicKey,
        next: serviceAccountNextKey.value?.publicKey, previous: serviceAccountPreviousKey.value?.publicKey)
    }
  }

  /// Where the rotation of a CA stands.
  package func stage(of ca: CatalogEntry) -> RotationStage {
    let path = location.path(of: ca)
    let files = succession(of: ca.id)
    // The certificates beside these can be made again, so that they say nothing of the stage.
    let unusable = [
      self[ca.id].certificates.finding, self[ca.id].key.finding, files.nextKey.finding,
      files.previousKey.finding,
    ].compactMap(\.self)
    if let finding = unusable.first { return .irregular(finding) }
    guard self.ca(ca.id) != nil else {
      return self[ca.id].isAbsent
        ? .absent
        : .irregular(
          Finding(.certificateMissing, [path], "\(path) is missing, and its key is there", .putBack([path])))
    }
    guard let keys = keys(of: ca.id) else { return stageWithoutKey(ca) }
    return keys.stage(succeededBy: likelySuccessor(of: ca)) {
      Finding(
        .irregularRotation, [path], "\(path) and the keys beside it are of no stage of a rotation: \($0)",
        .rotationAdvice(ca.id))
    }
  }

  /// Of a CA whose key is elsewhere, the keys of its rotation are there too.
  private func stageWithoutKey(_ ca: CatalogEntry) -> RotationStage {
    guard let beside = keysBeside(ca).first else { return .keyless }
    let (path, keyPath) = (location.path(of: ca), location.path(of: ca, .key))
    return .irregular(
      Finding(
        .irregularRotation, [keyPath, path, beside],
        "\(keyPath) is missing, the key of \(path), and \(beside) is there",
        .putBackKey(keyPath, of: path), .keepWithCAKey(beside)))
  }

  /// The files with the keys of a rotation that are there.
  package func keysBeside(_ ca: CatalogEntry) -> [String] {
    let files = succession(of: ca.id)
    return [(files.nextKey, Layout.Part.nextKey), (files.previousKey, .previousKey)].filter { !$0.0.isAbsent }
      .map { location.path(of: ca, $0.1) }
  }

  /// Which of two CAs replaces the other, where the key that would say so is lost: the one that the other has certified, or
  /// the younger.
  private func likelySuccessor(of ca: CatalogEntry) -> PublicKey? {
    let accepted = self.ca(ca.id)?.accepted ?? []
    if let crossed = succession(of: ca.id).cross.value?.first?.publicKey,
      accepted.contains(where: { $0.publicKey == crossed })
    {
      return crossed
    }
    guard let first = accepted.first, let second = accepted.first(where: { $0.publicKey != first.publicKey })
    else { return nil }
    let (one, other) = (first.validity.notBefore, second.validity.notBefore)
    return one == other ? nil : one < other ? second.publicKey : first.publicKey
  }

  /// Where the rotation of the key of service-account tokens stands.
  package var serviceAccountStage: RotationStage {
    let unusable = [
      serviceAccountKey.finding, serviceAccountPublicKeys.finding, serviceAccountNextKey.finding,
      serviceAccountPreviousKey.finding,
    ].compactMap(\.self)
    if let finding = unusable.first { return .irregular(finding) }
    guard let keys = serviceAccountKeys else {
      return serviceAccountPublicKeys.value?.isEmpty == false ? .keyless : .absent
    }
    return keys.stage {
      Finding(
        .irregularRotation, [location.serviceAccountPublicKey],
        "\(location.serviceAccountPublicKey) and the keys beside it are of no stage of a rotation: \($0)",
        .rotationAdvice(nil))
    }
  }
}

/// The keys that a rotation is about.
package struct KeySuccession {
  /// What is trusted, in the order of the file.
  let trusted: [PublicKey]
  /// What signs.
  let signing: PublicKey
  /// What is going to sign.
  let next: PublicKey?
  /// What has signed.
  let previous: PublicKey?

  /// What a key does: `signs`, `next`, `previous`; or `trusted`, where its private half is not here.
  package func role(of key: PublicKey) -> String {
    switch key {
    case signing: "signs"
    case next: "next"
    case previous: "previous"
    default: "trusted"
    }
  }

  /// The stage; `irregular` makes a finding of what is wrong.
  ///
  /// - Parameter successor: of two keys the one that replaces the other, where no key beside says so.
  fileprivate func stage(succeededBy successor: PublicKey? = nil, irregular: (String) -> Finding)
    -> RotationStage
  {
    guard trusted.first == signing else {
      return .irregular(
        irregular(
          trusted.contains(signing)
            ? "what signs must come first in it" : "what signs is not in it"))
    }
    switch (trusted.count, next, previous) {
    case (1, nil, nil): return .idle
    case (1, .some, _):
      return .irregular(irregular("it does not hold the next key's certificate or public key"))
    case (1, nil, .some):
      return .irregular(irregular("it does not hold the previous key's certificate or public key"))
    case (2, let next?, nil) where next == trusted[1]: return .prepared
    case (2, nil, let previous?) where previous == trusted[1]: return .switched
    case (2, nil, nil) where successor == trusted[1]: return .prepared
    case (2, nil, nil) where successor == trusted[0]: return .switched
    case (2, nil, nil):
      return .irregular(irregular("the key of the second that it holds is neither next nor previous"))
    case (2, .some, .some): return .irregular(irregular("there are both a next and a previous key"))
    case (2, _, _): return .irregular(irregular("the key beside it belongs to none that it holds"))
    default: return .irregular(irregular("it holds more than two"))
    }
  }
}
