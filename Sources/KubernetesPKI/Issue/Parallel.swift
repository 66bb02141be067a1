internal import Dispatch
internal import Synchronization

/// Work on all cores.
package enum Parallel {
  /// The results of `transform` for all `inputs`, in their order, at most `jobs` of them in the making.
  ///
  /// - Throws: the error of the first input whose transformation failed.
  package static func map<Input: Sendable, Output: Sendable, Failure: Error>(
    _ inputs: [Input], jobs: Int, _ transform: @Sendable (Input) throws(Failure) -> Output
  ) throws(Failure) -> [Output] {
    let next = Atomic(0)
    let results = Mutex([Result<Output, Failure>?](repeating: nil, count: inputs.count))
    DispatchQueue.concurrentPerform(iterations: min(max(jobs, 1), inputs.count)) { _ in
      while case let index = next.add(1, ordering: .relaxed).oldValue, index < inputs.count {
        let result: Result<Output, Failure>
        do throws(Failure) {
          result = .success(try transform(inputs[index]))
        } catch {
          result = .failure(error)
        }
        results.withLock { $0[index] = result }
      }
    }
    var outputs: [Output] = []
    for case let result? in results.withLock({ $0 }) { outputs.append(try result.get()) }
    return outputs
  }
}
