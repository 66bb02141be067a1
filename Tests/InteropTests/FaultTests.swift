import TestSupport
import Testing

/// The programs of `Tests/faults`, in a form that takes seconds; `make faults` runs them whole. Each makes its own trees,
/// and prints what it has done and what went wrong. The commands are swept side by side, on one core each.
@Suite(.timeLimit(.minutes(20)))
struct FaultTests {
  private func expectSoundness(_ script: String, _ arguments: String...) async throws {
    let outcome = try await run(
      Judges.python, ["-B", "\(Judges.repository)/Tests/faults/\(script)", Pkigen.path] + arguments)
    #expect(outcome.status == 0, "\(outcome.stdout)\(outcome.stderr)")
  }

  @Test(arguments: [
    "init", "phase", "renew", "renew --reuse-key", "renew --restore", "renew --update-user-kubeconfig",
    "csr create", "csr create NAME", "csr install", "check-expiration", "rotate prepare", "rotate switch",
    "rotate retire", "rotate back", "rotate back to idle",
  ])
  func `a run that dies, or whose disk is full or broken, loses nothing and mixes nothing`(command: String)
    async throws
  {
    // A stage of everything replaces nearly all files of a tree.
    let every = command.hasPrefix("rotate ") ? "211" : "79"
    try await expectSoundness(
      "sweep.py", "--only", command, "--every", every, "--faults", "KILL,ENOSPC,EIO+", "--jobs", "1")
  }

  @Test func `nothing is committed or called done before it is on the disk`() async throws {
    try await expectSoundness("order.py")
  }

  @Test func `runs at once never mix, and readers never see half a pair`() async throws {
    try await expectSoundness("races.py", "--rounds", "1")
  }

  @Test func `disks, links, names and users of all kinds are met`() async throws {
    try await expectSoundness("places.py")
  }

  @Test func `RSA keys are as FIPS 186-5 wants them`() async throws {
    try await expectSoundness("rsa-proof.py", "--keys", "15")
  }
}
