internal import Glibc
internal import Synchronization

/// Work on several threads at once, on as many as the system gives.
///
/// Where it gives none (`ulimit -u`, `pids.max`), all work is done on the thread that asks for it. Dispatch waits for a thread
/// for ever then.
package enum Threads {
  /// Does `work` for each number from 0 up to `count`, at most `limit` of them at once.
  ///
  /// - Parameter limit: with one, no thread is made.
  package static func forEach(upTo count: Int, limit: Int, _ work: @Sendable (Int) -> Void) {
    let next = Atomic(0)
    // Each thread takes the next number until there is none, so that it does not matter how many threads there are.
    let loop = { @Sendable () -> Void in
      while case let number = next.add(1, ordering: .relaxed).oldValue, number < count { work(number) }
    }
    withoutActuallyEscaping(loop) { loop in
      let body = Body(loop)
      let threads = (1..<max(1, min(limit, count))).compactMap { _ in start(body) }
      loop()
      for thread in threads { pthread_join(thread, nil) }
    }
  }

  /// Does `work` on a thread of its own, which nothing waits for; not at all where the system gives none.
  package static func detach(_ work: @escaping @Sendable () -> Void) {
    if let thread = start(Body(work)) { pthread_detach(thread) }
  }

  /// What a thread does.
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func start(_ body: Body) -> pthread_t? {
    var thread = pthread_t()
    // The thread releases what is retained here.
    let context = unsafe Unmanaged.passRetained(body)
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
      }, context.toOpaque())
    if status == 0 { return thread }
    unsafe context.release()
    return nil
  }
}
