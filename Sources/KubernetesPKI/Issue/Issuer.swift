internal import OpenSSLX509
internal import Synchronization

/// Makes what a plan says, in memory: keys on all cores at once, the CAs, then all else on all cores again.
public struct Issuer: Sendable {
  /// How many keys, and then how many certificates, are made at the same time.
  public let jobs: Int
  package let random: RandomSource

  /// An issuer with OpenSSL's keys and random serial numbers.
  public init(jobs: Int) { self.init(jobs: jobs, random: .openSSL) }

  package init(jobs: Int, random: RandomSource) {
    self.jobs = jobs
    self.random = random
  }

  /// The files of all steps that make something, in the order of the plan; a key comes before what certifies it.
  ///
  /// - Parameter progress: is called from any thread, after each key, with the number of keys that are made.
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  public func issue(
    _ plan: Plan, progress: @Sendable (_ madeKeys: Int) -> Void = { _ in }
  ) throws(PKIError) -> [PKIFile] {
    let keys: [PrivateKey?]
    do throws(OpenSSLError) {
      keys = try makeKeys(for: plan.steps, progress)
    } catch {
      throw .cryptography(subject: "the keys", reason: error.description)
    }
    let steps = Array(zip(plan.steps, keys))
    var signing = Signing(plan: plan, random: random)
    for (step, key) in steps {
      try Self.naming(step) { () throws(IssueError) in try signing.prepare(step, key: key) }
    }
    return try Parallel.map(steps, jobs: jobs) { [signing] (item) throws(PKIError) in
      let (step, key) = item
      return try Self.naming(step) { () throws(IssueError) in try signing.files(for: step, key: key) }
    }.flatMap(\.self)
  }

  /// Names the step in an error.
  private static func naming<Result>(
    _ step: Plan.Step, _ work: () throws(IssueError) -> Result
  ) throws(PKIError) -> Result {
    do throws(IssueError) {
      return try work()
    } catch {
      throw error.error(of: step.name)
    }
  }

  /// A new key for each step that needs one, in its place.
  private func makeKeys(
    for steps: [Plan.Step], _ progress: @Sendable (Int) -> Void
  ) throws(OpenSSLError) -> [PrivateKey?] {
    let made = Atomic(0)
    return try Parallel.map(steps, jobs: jobs) { (step) throws(OpenSSLError) in
      guard let algorithm = step.newKeyAlgorithm else { return nil }
      let key = try random.makeKey(algorithm, step.name)
      progress(made.add(1, ordering: .relaxed).newValue)
      return key
    }
  }
}
