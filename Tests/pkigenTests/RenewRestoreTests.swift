import Foundation
import TestSupport
import Testing

/// Transcripts of `pkigen renew --restore`.
@Suite(.timeLimit(.minutes(20)))
struct RenewRestoreTests {
  private let tree: ExpiredTree
  private var directory: String { tree.directory.path }
  private var backup: String { tree.path("pki/.backup/20280116T080000Z") }

  init() async throws { tree = try await ExpiredTree() }

  private func restore(_ backup: String, _ arguments: String..., at time: String = "2028-01-17 08:00:00")
    async throws -> Outcome
  {
    try await tree.renew(["--restore", backup] + arguments, at: time)
  }

  @Test func `a backup puts everything back, byte for byte, and so does the backup of that`() async throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o640], ofItemAtPath: tree.path("pki/apiserver.key"))
    let old = try tree.state
    #expect(try await tree.renew("all", "-q").status == 0)
    let renewed = try tree.state
    #expect(renewed.count == old.count && renewed.count { old[$0.key] != $0.value } == 18)
    let outcome = try await restore(backup)
    #expect(
      outcome.stderr.hasPrefix("warning: what comes back has expired, the first at 2028-01-15T08:00:00Z: "))
    #expect(outcome.status == 0)
    #expect(try tree.state == old)
    let other = tree.path("pki/.backup/20280117T080000Z")
    #expect(
      outcome.stdout.contains(
        "\nFiles: 18 replaced, 0 kept.\nA backup of the replaced files is in \(other)\n"))
    #expect(
      outcome.stdout.contains("next: restart kube-controller-manager, kube-scheduler, one"))
    #expect(!outcome.stdout.contains("other control-plane node"))
    #expect(try await restore(other, "-q") == Outcome(status: 0))
    #expect(try tree.state == renewed)
  }

  @Test func `what another cluster's CA signed is refused, and nothing is changed`() async throws {
    #expect(try await tree.renew("apiserver", "-q").status == 0)
    let otherDirectory = try TemporaryDirectory()
    let cluster = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
    #expect(try await Pkigen.run(["init"] + cluster + ["-q", "-d", otherDirectory.path]).status == 0)
    let (path, ca) = (otherDirectory.path("pki/apiserver.crt"), otherDirectory.path("pki/ca.crt"))
    let before = try String(contentsOfFile: path, encoding: .utf8)
    // A backup belongs to no tree by its place.
    let outcome = try await Pkigen.run("renew", "--restore", backup, "-d", otherDirectory.path)
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr.hasPrefix("error: the backup's \(path) is not signed by \(ca) but by another CA, CN = "),
      "\(outcome)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    #expect(!FileManager.default.fileExists(atPath: otherDirectory.path("pki/.backup")))
  }

  @Test func `names that go and come back are listed`() async throws {
    #expect(try await tree.renew("apiserver", "-q").status == 0)
    #expect(
      try await tree.renew("apiserver", "-q", "--apiserver-san", "new.example.com", at: "2028-01-16 09:00:00")
        .status == 0)
    let outcome = try await restore(backup)
    #expect(outcome.stdout.contains("\n           - DNS:new.example.com\n"), "\(outcome)")
  }

  @Test func `only the newest backups are kept where that is asked for, and never after a refusal`()
    async throws
  {
    for hour in 1...3 {
      let outcome = try await tree.renew("apiserver", "-q", at: "2028-01-16 0\(hour):00:00")
      #expect(outcome.status == 0)
    }
    let refused = try await tree.renew(
      ["all", "ca", "--keep-backups", "1", "-q"], at: "2028-01-16 04:00:00")
    #expect(refused.status != 0)
    let directory = tree.path("pki/.backup")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 3)
    let outcome = try await tree.renew(
      ["apiserver", "--keep-backups", "2", "-q"], at: "2028-01-16 05:00:00")
    #expect(outcome.status == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [
        "20280116T030000Z", "20280116T050000Z",
      ])
    let wrong = try await tree.renew(["apiserver", "--keep-backups", "0"], at: "2028-01-16 06:00:00")
    #expect(
      wrong.status == 64 && wrong.stderr.hasPrefix("error: --keep-backups needs a number of at least 1."))
  }

  @Test func `a key that every user could read gets its owner's mode and a warning`() async throws {
    let key = tree.path("pki/apiserver.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
    func mode() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    }
    let kept = try await tree.renew(["apiserver", "--keep-mode"], at: "2028-01-16 01:00:00")
    #expect(try kept.status == 0 && kept.stderr.isEmpty && mode() == 0o644, "\(kept)")
    let outcome = try await tree.renew(["apiserver"], at: "2028-01-16 02:00:00")
    #expect(try outcome.status == 0 && mode() == 0o600)
    #expect(outcome.stderr.hasPrefix("warning: every user could read \(key) (mode 0644); "), "\(outcome)")
  }

  @Test func `the output has every file, and the certificates in them`() async throws {
    #expect(try await tree.renew("apiserver", "admin", "-q").status == 0)
    let outcome = try await restore(backup, "--no-backup")
    #expect(
      outcome.stdout == """
        replace  \(directory)/pki/apiserver.key
        replace  \(directory)/pki/apiserver.crt  CN = kube-apiserver, until 2028-01-15
        replace  \(directory)/admin.conf

        Files: 3 replaced, 0 kept.

        """)
    #expect(try FileManager.default.contentsOfDirectory(atPath: tree.path("pki/.backup")).count == 1)
  }

  @Test func `the document has the same, for programs, and paths may be relative`() async throws {
    #expect(try await tree.renew("apiserver", "scheduler", "-q").status == 0)
    let arguments = ["renew", "-o", "json", "-q", "--restore", "pki/.backup/20280116T080000Z/", "-d", "."]
    let outcome = try await run(
      "env", ExpiredTree.at("2028-01-17 08:00:00") + [Pkigen.path] + arguments, directory: directory)
    #expect(outcome.status == 0 && outcome.stderr.hasPrefix("warning: what comes back has expired"))
    let document = try outcome.document(RunDocument.self)
    #expect(document.backup == "./pki/.backup/20280117T080000Z" && document.refusals.isEmpty)
    #expect(document.files.map(\.kind) == ["private-key", "certificate", "kubeconfig"])
    #expect(document.files[1].certificate?.notAfter == "2028-01-15T08:00:00Z")
    #expect(document.nextSteps.count == 1)
    #expect(document.nextSteps[0].hasPrefix("restart kube-scheduler: "))
  }

  @Test func `a dry run writes nothing`() async throws {
    #expect(try await tree.renew("all", "-q").status == 0)
    let before = try tree.state
    let outcome = try await restore(backup, "--dry-run")
    #expect(outcome.stdout.contains("Dry run, nothing was written; files: 18 replaced, 0 kept."))
    #expect(try outcome.status == 0 && tree.state == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: tree.path("pki/.backup")).count == 1)
  }

  @Test func `a backup of certificates that kept their keys goes back beside these keys`() async throws {
    let old = try tree.state
    #expect(try await tree.renew("all", "--reuse-key", "-q").status == 0)
    #expect(try await restore(backup, "-q").status == 0)
    #expect(try tree.state == old)
  }

  @Test func `a certificate whose key has gone since is left, and the others go back`() async throws {
    #expect(try await tree.renew("apiserver", "admin", "--reuse-key", "-q").status == 0)
    let admin = try tree.text("admin.conf")
    #expect(try await tree.renew("apiserver", "-q", at: "2028-01-16 09:00:00").status == 0)
    let certificate = try tree.text("pki/apiserver.crt")
    let outcome = try await restore(backup)
    let (path, key) = (tree.path("pki/apiserver.crt"), tree.path("pki/apiserver.key"))
    #expect(
      outcome.stderr.contains(
        "\nerror: \(path) is left as it is: the private key of the certificate that it was is neither in the backup nor"
          + " in \(key)\nhint: restore the backup of a later run first, if "), "\(outcome)")
    #expect(outcome.stdout.hasPrefix("replace  \(directory)/admin.conf\n") && outcome.status == 1)
    #expect(try tree.text("pki/apiserver.crt") == certificate && tree.text("admin.conf") != admin)
    // As the hint says.
    #expect(try await restore(tree.path("pki/.backup/20280116T090000Z"), "-q").status == 0)
    #expect(try await restore(backup, "-q").status == 0)
    #expect(try await tree.openssl("pki/apiserver.crt", "-enddate") == "notAfter=Jan 15 08:00:00 2028 GMT\n")
  }

  @Test func `a damaged backup is refused before anything is written`() async throws {
    #expect(try await tree.renew("apiserver", "admin", "-q").status == 0)
    let before = try tree.state
    let (torn, gone) = ("\(backup)/kubeconfigs/admin.conf", "\(backup)/pki/apiserver.key")
    let text = try String(contentsOfFile: torn, encoding: .utf8)
    try Data(text.dropLast(5).utf8).write(to: URL(filePath: torn))
    try FileManager.default.removeItem(atPath: gone)
    let outcome = try await restore(backup)
    #expect(
      outcome
        == Outcome(
          status: 65,
          stderr: """
            error: \(gone) is missing from the backup
            error: \(torn) is damaged: it is not what was copied
            hint: restore another backup

            """))
    #expect(try tree.state == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: tree.path("pki/.backup")).count == 1)
  }

  @Test func `what is no backup is refused, and be it a tree`() async throws {
    let before = try tree.state
    for directory in [directory, tree.path("pki"), tree.path("nowhere")] {
      let outcome = try await restore(directory)
      #expect(
        outcome
          == Outcome(
            status: 65,
            stderr: """
              error: \(directory) is not a backup of pkigen's
              hint: backups are the directories in \(tree.path("pki/.backup"))

              """))
    }
    #expect(try tree.state == before)
  }

  @Test func `without a backup none is made, where that was said`() async throws {
    let outcome = try await tree.renew("apiserver", "--no-backup")
    #expect(outcome.status == 0 && !outcome.stdout.contains("A backup"))
    #expect(!FileManager.default.fileExists(atPath: tree.path("pki/.backup")))
  }

  @Test func `a backup is for its owner's eyes, whatever the umask`() async throws {
    let outcome = try await tree.renew("all", "-q", by: ["sh", "-c", #"umask 0; exec "$0" "$@""#])
    #expect(outcome == Outcome(status: 0))
    let found = try await run("find", [tree.path("pki/.backup"), "-perm", "/077"])
    #expect(found == Outcome(status: 0))
    let keys = try await run(
      "find", [directory, "(", "-name", "*.key", "-o", "-name", "*.conf", ")", "-perm", "/077"])
    #expect(keys == Outcome(status: 0))
  }
}
