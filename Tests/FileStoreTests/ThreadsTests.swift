@testable import FileStore
import Glibc
import Synchronization
import Testing

struct ThreadsTests {
  @Test(arguments: [0, 1, 2, 100], [0, 1, 2, 64])
  func `every number has its turn once, on any number of threads`(count: Int, limit: Int) {
    let turns = Mutex([Int](repeating: 0, count: count))
    Threads.forEach(upTo: count, limit: limit) { number in turns.withLock { $0[number] += 1 } }
    #expect(turns.withLock { $0 } == [Int](repeating: 1, count: count))
  }

  @Test func `one at a time is done on the thread of the caller`() {
    let caller = pthread_self()
    let threads = Mutex<Set<pthread_t>>([])
    Threads.forEach(upTo: 9, limit: 1) { _ in threads.withLock { _ = $0.insert(pthread_self()) } }
    #expect(threads.withLock { $0 } == [caller])
  }
}
