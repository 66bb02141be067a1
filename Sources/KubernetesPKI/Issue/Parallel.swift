internal import FileStore
internal import Synchronization

/// Work on all cores.
package enum Parallel {
  /// The results of `transform` for all `inputs`, in their order, at most `jobs` of them in the making; with one job, on the
  /// thread of the caller.
  ///
  /// - Throws: the error of the first input whose transformation failed.
  package static func map<Input: Sendable, Output: Sendable, Failure: Error>(
    _ inputs: [Input], jobs: Int, _ transform: @Sendable (Input) throws(Failure) -> Output
  ) throws(Failure) -> [Output] {
    let results = Mutex([Result<Output, Failure>?](repeating: nil, count: inputs.count))
    Threads.forEach(upTo: inputs.count, limit: jobs) { index in
      let result: Result<Output, Failure>
      do throws(Failure) {
        result = .success(try transform(inputs[index]))
      } catch {
        result = .failure(error)
      }
      results.withLock { $0[index] = result }
    }
    var outputs: [Output] = []
    for case let result? in results.withLock({ $0 }) { outputs.append(try result.get()) }
    return outputs
  }
}
