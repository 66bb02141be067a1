internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// The stages of the key of service-account tokens.
extension RotationPlanBuilder {
  /// How long the tokens are valid that pods get, in seconds, and clients of which renew them.
  private static let tokenLifetime = 24.0 * 3600

  mutating func addServiceAccountKey() {
    let stage = examination.tree.serviceAccountStage
    if options.verb == .prepare { refuseSecondServiceAccountKey() }
    if options.verb == .retire, isPreviousKeyLost(stage) { return retireLostKey() }
    let move = move(
      Catalog.serviceAccountKey, at: location.serviceAccountKey, stage, after: "previous key")
    switch move {
    case .none: break
    // Without its private key there is no stage to go to.
    case .keyless:
      errors += examination.serviceAccountFindings().filter { $0.severity == .error }.map { .unsound($0) }
    case .keep: files.append(.keep(.serviceAccountKey))
    case .prepare: prepareServiceAccountKey()
    case .switchOver: switchServiceAccountKey()
    case .switchBack:
      rearrange { tree in
        tree.serviceAccountPreviousKey.value.map {
          ServiceAccountArrangement($0, next: tree.serviceAccountKey.value, previous: nil)
        }
      }
    case .endTrust: endTrustInServiceAccountKey()
    }
  }

  private mutating func endTrustInServiceAccountKey() {
    if options.verb == .retire { refuseYoungTokens() }
    rearrange { $0.serviceAccountKey.value.map { ServiceAccountArrangement($0) } }
  }

  /// Ends the trust in a previous key that is not here. Only the user knows that sa was switched, and when.
  private mutating func retireLostKey() {
    guard options.areTokensRenewed else {
      let path = location.path(location.layout.serviceAccountPreviousKey)
      return errors.append(
        .unsound(
          Finding(
            .predecessorInUse, [path],
            "\(path) is missing, by which the time of the switch is known: tokens of the previous key may be in use",
            remedy: examination.remedy(.putBack([path]), .sayTokensRenewed))))
    }
    endTrustInServiceAccountKey()
  }

  /// Whether neither of two keys says which of them is going to sign, or has signed.
  private func isPreviousKeyLost(_ stage: RotationStage) -> Bool {
    guard case .irregular = stage else { return false }
    let (keys, tree) = (examination.tree.serviceAccountKeys, examination.tree)
    return keys?.trusted.count == 2 && keys?.trusted.first == keys?.signing
      && tree.serviceAccountNextKey.isAbsent && tree.serviceAccountPreviousKey.isAbsent
  }

  private mutating func rearrange(_ change: (TreeContents) -> ServiceAccountArrangement?) {
    guard let arrangement = change(examination.tree) else { return }
    files.append(.rotateServiceAccountKey(.arrange(arrangement.changes(in: examination.tree))))
  }

  private mutating func prepareServiceAccountKey() {
    let faults = examination.serviceAccountFindings().filter { $0.severity == .error }
    guard faults.isEmpty else { return errors += faults.map { .unsound($0) } }
    if let given = options.successors?.serviceAccountKey.value {
      return rearrange { tree in
        tree.serviceAccountKey.value.map { ServiceAccountArrangement($0, next: given, previous: nil) }
      }
    }
    guard let algorithm = options.keyAlgorithm ?? examination.tree.serviceAccountKey.value?.type.algorithm
    else {
      return errors.append(
        .unsound(
          Finding(
            .unsupportedKey, [location.serviceAccountKey],
            "pkigen does not make keys of the kind of \(location.serviceAccountKey)",
            remedy: examination.remedy(.chooseKeyAlgorithm))))
    }
    files.append(.rotateServiceAccountKey(.prepare(algorithm)))
  }

  private mutating func switchServiceAccountKey() {
    guard let next = examination.tree.serviceAccountNextKey.value else { return }
    refuseUntrustedServiceAccountKey(next.publicKey)
    rearrange { tree in ServiceAccountArrangement(next, next: nil, previous: tree.serviceAccountKey.value) }
  }

  /// Refuses to end the trust in a key whose tokens are in use.
  private mutating func refuseYoungTokens() {
    let signer = examination.tree.serviceAccountKey.value?.publicKey
    for peer in options.peers
    where peer.serviceAccountKey.value.map({ $0.publicKey != signer }) == true {
      let path = peer.location.serviceAccountKey
      errors.append(
        .unsound(
          Finding(
            .predecessorInUse, [path], "\(path) is the previous key, and signs tokens still",
            remedy: examination.remedy(.renewBeforeRetiring))))
    }
    let path = location.path(location.layout.serviceAccountPreviousKey)
    // What cannot be looked at has been read a moment ago.
    let switched = ((try? FileSystem.status(path)) ?? nil).map { Double($0.modified) / 1e9 }
    let end = switched.map { Date(timeIntervalSince1970: $0 + Self.tokenLifetime) }
    if !options.areTokensRenewed, let end, end > examination.instant {
      errors.append(
        .unsound(
          Finding(
            .predecessorInUse, [path],
            "sa was switched less than 24 hours ago: until \(end.rfc3339), tokens of the previous key are in use",
            remedy: examination.remedy(.waitForTokens(end)))))
    }
  }
}
