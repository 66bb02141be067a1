internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// The stages of the key of service-account tokens.
extension RotationPlanBuilder {
  /// How long the tokens are valid that pods get, in seconds, and clients of which renew them.
  private static let tokenLifetime = 24.0 * 3600

  mutating func addServiceAccountKey() {
    switch (options.verb, examination.tree.serviceAccountStage) {
    case (_, .irregular(let finding)): errors.append(.unsound(finding))
    case (_, .absent), (_, .keyless): break
    case (.prepare, .idle): prepareServiceAccountKey()
    case (.prepare, .prepared), (.switchOver, .switched), (.retire, .idle):
      files.append(.keep(.serviceAccountKey))
    case (.switchOver, .prepared): switchServiceAccountKey()
    case (.retire, .switched): retireServiceAccountKey()
    case (.back, .switched):
      rearrange { tree in
        tree.serviceAccountPreviousKey.value.map {
          ServiceAccountArrangement($0, next: tree.serviceAccountKey.value, previous: nil)
        }
      }
    case (.back, .prepared): rearrange { $0.serviceAccountKey.value.map { ServiceAccountArrangement($0) } }
    case (.prepare, .switched):
      refuseServiceAccountKey(
        "sa is switched to its successor already: retire the previous key, or go back, first")
    case (.switchOver, .idle): refuseServiceAccountKey("sa has no successor: prepare one first")
    case (.retire, .prepared):
      refuseServiceAccountKey("sa has a successor that does not sign yet: switch to it first")
    case (.back, .idle):
      refuseServiceAccountKey("sa is not being rotated: there is no stage to go back to")
    }
  }

  private mutating func refuseServiceAccountKey(_ message: String) {
    errors.append(
      .unsound(
        Finding(
          .rotationOrder, [location.serviceAccountKey], message, remedy: examination.remedy(.showRotation))))
  }

  private mutating func rearrange(_ change: (TreeContents) -> ServiceAccountArrangement?) {
    guard let arrangement = change(examination.tree) else { return }
    files.append(.rotateServiceAccountKey(.arrange(ServiceAccountRearrangement(arrangement: arrangement))))
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
    for peer in options.peers
    where peer.serviceAccountPublicKeys.value?.contains(next.publicKey) != true {
      errors.append(.unsound(successorNotTrusted(peer.location.serviceAccountPublicKey)))
    }
    rearrange { tree in ServiceAccountArrangement(next, next: nil, previous: tree.serviceAccountKey.value) }
  }

  private mutating func retireServiceAccountKey() {
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
    rearrange { $0.serviceAccountKey.value.map { ServiceAccountArrangement($0) } }
  }
}
