internal import OpenSSLX509
internal import Synchronization

/// Makes what a plan says, in memory: keys on all cores at once, then signatures.
public struct Issuer: Sendable {
  /// How many keys are made at the same time.
  public let jobs: Int
  /// Where new keys come from.
  let makeKey: @Sendable (KeyAlgorithm) throws(OpenSSLError) -> PrivateKey
  /// Where serial numbers come from.
  let makeSerialNumber: @Sendable () throws(OpenSSLError) -> SerialNumber

  /// An issuer with OpenSSL's keys and random serial numbers.
  public init(jobs: Int) {
    self.init(
      jobs: jobs,
      makeKey: { (algorithm) throws(OpenSSLError) in try PrivateKey.generate(algorithm) },
      makeSerialNumber: { () throws(OpenSSLError) in try SerialNumber.random() })
  }

  init(
    jobs: Int, makeKey: @escaping @Sendable (KeyAlgorithm) throws(OpenSSLError) -> PrivateKey,
    makeSerialNumber: @escaping @Sendable () throws(OpenSSLError) -> SerialNumber
  ) {
    self.jobs = max(jobs, 1)
    self.makeKey = makeKey
    self.makeSerialNumber = makeSerialNumber
  }

  /// The files of all steps that make something, in the order of the plan; a key comes before what certifies it.
  ///
  /// - Parameter progress: is told from any thread, after each key, how many keys are made.
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  public func issue(
    _ plan: Plan, progress: @Sendable (_ madeKeys: Int) -> Void = { _ in }
  ) throws(PKIError) -> [PKIFile] {
    let keys: [PrivateKey?]
    do throws(OpenSSLError) {
      keys = try makeKeys(for: plan.steps.map(\.action.newKeyAlgorithm), progress)
    } catch {
      throw .cryptography(subject: "the keys", reason: error.description)
    }
    var signing = Signing(plan: plan, makeSerialNumber: makeSerialNumber)
    var files: [PKIFile] = []
    for (step, key) in zip(plan.steps, keys) {
      do throws(OpenSSLError) {
        files += try signing.files(for: step, key: key)
      } catch {
        throw .cryptography(subject: step.name, reason: error.description)
      }
    }
    return files
  }

  /// A new key for each algorithm, in its place.
  private func makeKeys(
    for algorithms: [KeyAlgorithm?], _ progress: @Sendable (Int) -> Void
  ) throws(OpenSSLError) -> [PrivateKey?] {
    let made = Atomic(0)
    return try Parallel.map(algorithms, jobs: jobs) { (algorithm) throws(OpenSSLError) in
      guard let algorithm else { return nil }
      let key = try makeKey(algorithm)
      progress(made.add(1, ordering: .relaxed).newValue)
      return key
    }
  }
}

extension Plan.Step {
  /// kubeadm's name of the item.
  public var name: String {
    switch item {
    case .certificate(let profile): profile.id.rawValue
    case .serviceAccountKey: Catalog.serviceAccountKey
    case .kubeconfig(let profile): profile.fileName
    }
  }
}

extension Plan.Step.Action {
  /// The kind of key that has to be made for it.
  var newKeyAlgorithm: KeyAlgorithm? {
    switch self {
    case .keep, .derivePublicKey: nil
    case .create(let specification): specification.keyAlgorithm
    case .replace(let replacement):
      switch replacement.key {
      case .new(let algorithm): algorithm
      case .existing: nil
      }
    case .createKeyPair(let algorithm): algorithm
    }
  }
}
