import TestSupport
import Testing

/// What the tests rely on in the programs that they judge with.
@Suite(.timeLimit(.minutes(20)))
struct JudgesTests {
  @Test func `another time of day can be had where a killed one left its semaphore`() async throws {
    let left = "echo left > /dev/shm/sem.faketime_sem_$$ && echo left > /dev/shm/faketime_shm_$$"
    let command = "exec \(Judges.faketime) '2027-01-15 08:00:00' date +%F"
    let outcome = try await run("sh", ["-c", "\(left) && \(command)"], environment: ["TZ": "UTC"])
    #expect(outcome.stdout == "2027-01-15\n")
    #expect(outcome.stderr.isEmpty)
  }
}
