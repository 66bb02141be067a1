import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Disks, rights and neighbours as they are found.
@Suite(.timeLimit(.minutes(20)))
struct SurroundingsTests {
  private let directory: TemporaryDirectory
  private let options: [String]

  init() throws {
    directory = try TemporaryDirectory()
    options = [
      "-d", directory.path("out"), "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
      "ecdsa-p256",
    ]
  }

  private func modes() async throws -> [Substring] {
    try await run("find", ["-printf", "%m %P\n"], directory: directory.path("out")).stdout.split(
      separator: "\n")
  }

  @Test(arguments: ["0", "077", "0777", "027"])
  func `modes do not depend on the umask`(umask: String) async throws {
    let outcome = try await run(
      "sh", ["-c", "umask \(umask); exec \"$@\"", "sh", Pkigen.path, "init"] + options)
    #expect(outcome.status == 0, "\(outcome)")
    for line in try await modes() {
      let name = line.drop { $0 != " " }
      let isSecret = name.hasSuffix(".key") || name.hasSuffix(".conf")
      let isFile = isSecret || name.hasSuffix(".crt") || name.hasSuffix(".pub")
      #expect(line.hasPrefix(isSecret ? "600 " : isFile ? "644 " : "755 "), "\(line)")
    }
  }

  /// A key that is readable for a moment has been read.
  @Test func `a key is closed to others from its first byte`() async throws {
    let log = directory.path("log")
    let outcome = try await run(
      "sh",
      [
        "-c", "umask 0; exec \"$@\"", "sh", Judges.strace, "-f", "-o", log, "-e", "trace=openat,open,creat",
        Pkigen.path, "init", "--jobs", "1",
      ]
        + options)
    try #require(outcome.status == 0, "\(outcome)")
    let opened = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").filter {
      $0.contains("O_CREAT") && $0.contains(directory.path("out"))
    }
    #expect(opened.count >= 26 && opened.allSatisfy { $0.contains(", 0600) = ") }, "\(opened)")
  }

  // MARK: Rights

  @Test func `a directory that cannot be written to is said, and nothing is left there`() async throws {
    try FileManager.default.createDirectory(atPath: directory.path("out"), withIntermediateDirectories: false)
    try #require(chmod(directory.path("out"), 0o555) == 0)
    let outcome = try await runUnprivileged(["init"] + options)
    #expect(outcome.status == 77 && outcome.stdout.isEmpty, "\(outcome)")
    #expect(
      outcome.stderr == """
        error: cannot create \(directory.path("out/pki")): Permission denied
        hint: run the command as the owner of the directory, with sudo, or name another directory with -d

        """)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("out")).isEmpty)
  }

  @Test func `what cannot be read is said, all of it, and nothing is made in its place`() async throws {
    try await makeTree()
    for name in ["out/pki/ca.key", "out/admin.conf"] { try #require(chmod(directory.path(name), 0) == 0) }
    let outcome = try await runUnprivileged(["init"] + options)
    #expect(outcome.status == 77 && outcome.stdout.isEmpty, "\(outcome)")
    for name in ["out/pki/ca.key", "out/admin.conf"] {
      #expect(outcome.stderr.contains("error: cannot open \(directory.path(name)): Permission denied\n"))
    }
    #expect(outcome.stderr.split(separator: "\n").count { $0.hasPrefix("error: ") } == 2)
  }

  @Test(arguments: ["out/pki", "out/pki/etcd", "out"])
  func `a directory that is closed is said once`(name: String) async throws {
    try await makeTree()
    try #require(chmod(directory.path(name), 0o600) == 0)
    let outcome = try await runUnprivileged(["init"] + options)
    try #require(chmod(directory.path(name), 0o755) == 0)
    #expect(outcome.status == 77, "\(outcome)")
    let errors = outcome.stderr.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    #expect(errors.first == "error: cannot search \(directory.path(name)): Permission denied")
    #expect(!errors.contains { $0.contains("cannot look") } && Set(errors).count == errors.count)
  }

  /// kubeadm's `init phase certs` does not need /etc/kubernetes either.
  @Test func `certificates are made where the kubeconfigs' directory is another's`() async throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("conf"), withIntermediateDirectories: false)
    try #require(chmod(directory.path("conf"), 0o555) == 0)
    for conf in ["conf", "nowhere"] {
      let outcome = try await runUnprivileged([
        "phase", "cert", "all", "--cert-dir", directory.path("pki-\(conf)"), "--kubeconfig-dir",
        directory.path(conf), "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
        "ecdsa-p256",
      ])
      #expect(outcome.status == 0, "\(outcome)")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(names == ["conf", "pki-conf", "pki-nowhere"])
  }

  // MARK: Disks

  @Test(arguments: [(4, 73...77), (40, 74...74)])
  func `a full disk leaves no keys behind`(kilobytes: Int, statuses: ClosedRange<Int32>) async throws {
    let script = """
      mkdir full && mount -t tmpfs -o size=\(kilobytes)k tmpfs full || exit 200
      "$@" -d full/out; status=$?
      find full -type f >&2
      exit $status
      """
    let isRoot = geteuid() == 0
    let outcome = try await run(
      "unshare",
      [
        isRoot ? "-m" : "-rm", "sh", "-c", script, "sh", Pkigen.path, "init", "--node-name", "cp1",
        "--advertise-ip", "10.0.0.10",
      ],
      directory: directory.path)
    guard outcome.status != 200, !outcome.stderr.contains("unshare: ") else {
      // A container may forbid mounts even to root.
      try Test.cancel("no file system can be mounted here: \(outcome.stderr)")
    }
    #expect(statuses.contains(outcome.status) && outcome.stdout.isEmpty, "\(outcome)")
    #expect(
      outcome.stderr.contains("No space left on device\nhint: free some space, then run the command again\n"))
    #expect(outcome.stderr.split(separator: "\n").count == 2, "\(outcome.stderr)")
  }

  /// A disk that fails may keep a run from removing what it has staged; it ends, and its lock with it.
  @Test(arguments: [
    "pki/.apiserver.key.pkigen-new", "pki/.backup/.20270101T000000Z.pkigen-new", ".admin.conf.pkigen-new",
  ])
  func `what a run could not remove the next one does, even if it has nothing else to do`(path: String)
    async throws
  {
    let made = try await Pkigen.run(["init"] + options)
    try #require(made.status == 0, "\(made)")
    let leftover = directory.path("out/\(path)")
    try FileManager.default.createDirectory(atPath: leftover, withIntermediateDirectories: true)
    let outcome = try await Pkigen.run(["init"] + options)
    #expect(outcome.status == 0 && outcome.stdout.contains("Files: 26 kept."), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: leftover))
  }

  /// NFS does not know how to rename without replacing; nor do others.
  @Test func `a file system that cannot rename without replacing will do`() async throws {
    let inject = ["-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e", "inject=renameat2:error=EINVAL"]
    let outcome = try await run(Judges.strace, inject + [Pkigen.path, "init"] + options)
    #expect(outcome.status == 0, "\(outcome)")
    let again = try await Pkigen.run(["init"] + options)
    #expect(again.status == 0 && again.stdout.contains("Files: 26 kept."))
    #expect(try await modes().count == 29)
  }

  @Test func `output that cannot be written is an error, and the tree is whole`() async throws {
    let outcome = try await run("sh", ["-c", "exec \"$@\" > /dev/full", "sh", Pkigen.path, "init"] + options)
    #expect(outcome.status == 74)
    // No hint to run it again: what it had to do is done.
    #expect(outcome.stderr == "error: cannot write the output: No space left on device\n")
    let again = try await Pkigen.run(["init"] + options)
    #expect(again.stdout.contains("Files: 26 kept."))
  }

  // MARK: Neighbours

  @Test(arguments: ["out/pki", "out"])
  func `a directory in use is left alone, and its user named`(name: String) async throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("out/pki"), withIntermediateDirectories: true)
    let lock = directory.path(name) + "/.pkigen.lock"
    try Data("pkigen, process 4711\n".utf8).write(to: URL(filePath: lock))
    let outcome = try await run("flock", [lock, Pkigen.path, "init"] + options)
    #expect(
      outcome
        == Outcome(
          status: 75,
          stderr: """
            error: \(directory.path(name)) is in use by pkigen, process 4711
            hint: wait until that run has ended, then try again

            """))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path("out/pki")).allSatisfy {
        $0.hasPrefix(".")
      })
    let after = try await Pkigen.run(["init"] + options)
    #expect(after.status == 0, "the lock of a process that has ended blocks no other run")
  }

  @Test func `of many runs at once one makes the tree, and the others keep it or stand back`() async throws {
    let outcomes = try await withThrowingTaskGroup { group in
      for _ in 0..<6 { group.addTask { [options] in try await Pkigen.run(["init"] + options) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for outcome in outcomes { #expect([0, 75].contains(outcome.status), "\(outcome)") }
    #expect(outcomes.count { $0.stdout.contains("Files: 26 created, 0 kept.") } == 1)
    let again = try await Pkigen.run(["init"] + options)
    #expect(again.stdout.contains("Files: 26 kept."))
    #expect(try await modes().count == 29)
  }

  // MARK: Paths

  @Test(arguments: [
    ["-d", "out"], ["-d", "./out/"], ["-d", "out///"], ["-d", "."], ["-d", "../HERE/out"], ["-d", "a/../b"],
    ["--cert-dir", "same", "--kubeconfig-dir", "same"],
    ["--cert-dir", "same", "--kubeconfig-dir", "./same/"],
    ["--cert-dir", "a", "--kubeconfig-dir", "a/b"], ["--cert-dir", "a/b", "--kubeconfig-dir", "a"],
    ["--cert-dir", "a/etcd", "--kubeconfig-dir", "a/etcd/etcd"], ["-d", "x", "--cert-dir", "y"],
    ["-d", "x", "--kubeconfig-dir", "link"],
  ])
  func `a tree may lie anywhere`(place: [String]) async throws {
    let here = URL(filePath: directory.path).lastPathComponent
    try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: "target")
    try FileManager.default.createDirectory(
      atPath: directory.path("target"), withIntermediateDirectories: false)
    let place = place.map { $0.replacing("HERE", with: here) }
    for summary in ["Files: 26 created, 0 kept.", "Files: 26 kept."] {
      let outcome = try await Pkigen.run(
        ["init"] + place + options.dropFirst(2), directory: directory.path)
      #expect(outcome.status == 0 && outcome.stdout.contains(summary), "\(outcome)")
    }
    let files = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
    #expect(files.count { $0.hasSuffix(".key") } == 11 && files.count { $0.hasSuffix(".conf") } == 4)
    #expect(!files.contains { $0.contains("pkigen") })
  }

  private func makeTree() async throws {
    let outcome = try await Pkigen.run(["init"] + options)
    try #require(outcome.status == 0, "\(outcome)")
  }

  /// Runs pkigen so that modes bind it: root without the capabilities to pass them over, or the current user.
  private func runUnprivileged(_ arguments: [String]) async throws -> Outcome {
    guard geteuid() == 0 else { return try await Pkigen.run(arguments) }
    return try await run(
      "setpriv", ["--bounding-set=-dac_override,-dac_read_search", "--", Pkigen.path] + arguments)
  }
}
