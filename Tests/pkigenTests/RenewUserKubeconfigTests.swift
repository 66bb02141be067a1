import Foundation
import TestSupport
import Testing

/// What becomes of `~/.kube/config`.
@Suite(.timeLimit(.minutes(20)))
struct RenewUserKubeconfigTests {
  private let tree: ExpiredTree
  private var admin: String { tree.path("admin.conf") }
  private var config: String { tree.path("home/.kube/config") }

  init() async throws { tree = try await ExpiredTree() }

  /// The step about a copy, of those that are printed.
  private func step(_ outcome: Outcome) -> String? {
    outcome.stdout.split(separator: "\n").map(String.init).first { $0.contains("/.kube/config") }
  }

  @Test func `a copy of admin.conf is pointed out, with the command that mends it`() async throws {
    try tree.write(tree.text("admin.conf"), to: "home/.kube/config")
    let outcome = try await tree.renew("all")
    #expect(step(outcome) == "next: \(config) still holds the old admin certificate: cp \(admin) \(config)")
    #expect(!outcome.stdout.contains("give the new") && outcome.status == 0)
    #expect(try tree.text("home/.kube/config") != tree.text("admin.conf"))
    // It is the old one no more when the command was carried out.
    try tree.write(tree.text("admin.conf"), to: "home/.kube/config")
    let again = try await tree.renew("apiserver")
    #expect(step(again) == nil)
  }

  @Test func `a kubeconfig that has more in it is not to be overwritten`() async throws {
    let merged = try tree.text("admin.conf")
      .replacing("current-context: default-system", with: "current-context: other")
    try tree.write(merged, to: "home/.kube/config")
    let outcome = try await tree.renew("admin")
    #expect(
      step(outcome)
        == "next: \(config) still holds the old admin certificate: put client-certificate-data and"
        + " client-key-data of \(admin) into its user entry")
  }

  @Test func `others are not spoken of`() async throws {
    try tree.write(tree.text("scheduler.conf"), to: "home/.kube/config")
    #expect(try await step(tree.renew("admin")) == nil)
    try tree.write("not YAML: [", to: "home/.kube/config")
    #expect(try await step(tree.renew("admin")) == nil)
    try tree.remove("home/.kube/config")
    try FileManager.default.createSymbolicLink(atPath: config, withDestinationPath: admin)
    #expect(try await step(tree.renew("admin")) == nil)
  }

  @Test func `a copy is renewed on request, and everything else in it stays`() async throws {
    let old = try tree.text("admin.conf")
    try tree.write("# mine\n\(old)x-mine: 1\n", to: "home/.kube/config")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: config)
    let outcome = try await tree.renew("all", "--update-user-kubeconfig")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    let line = outcome.stdout.split(separator: "\n").first { $0.hasPrefix("replace  \(config) ") }
    #expect(line?.contains(" O = system:masters, CN = kubernetes-admin, until 2029-01-15 ") == true)
    #expect(!outcome.stdout.contains("still holds"))
    let new = try tree.text("admin.conf")
    #expect(try new != old && tree.text("home/.kube/config") == "# mine\n\(new)x-mine: 1\n")
    #expect(try tree.state["home/.kube/config"]?.hasPrefix("416 ") == true)
    // And comes back.
    let backup = tree.path("pki/.backup/20280116T080000Z")
    let restored = try await tree.renew("-q", "--restore", backup)
    #expect(restored.status == 0 && restored.stdout.isEmpty)
    #expect(try tree.text("home/.kube/config") == "# mine\n\(old)x-mine: 1\n")
  }

  @Test func `what is no copy is left, and a warning says so`() async throws {
    let missing = try await tree.renew("admin", "--update-user-kubeconfig")
    #expect(
      missing.stderr.hasPrefix("warning: \(config) is not renewed: ") && missing.status == 0)
    let otherFile = try tree.text("scheduler.conf")
    try tree.write(otherFile, to: "home/.kube/config")
    let other = try await tree.renew("all", "--update-user-kubeconfig")
    #expect(
      other.stderr
        == "warning: \(config) is not renewed: \(config) does not hold the certificate that \(admin) has\n")
    #expect(try other.status == 0 && tree.text("home/.kube/config") == otherFile)
  }

  @Test func `a link to admin.conf is renewed as what it is`() async throws {
    try FileManager.default.createDirectory(
      atPath: tree.path("home/.kube"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: config, withDestinationPath: admin)
    let outcome = try await tree.renew("admin", "--update-user-kubeconfig")
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: config) == admin)
  }

  @Test(arguments: [
    (": > config", "is not a usable kubeconfig: it is empty"), ("printf 'a: [' > config", "it is not YAML: "),
    ("printf '\\377' > config", "it is not UTF-8 text"),
  ])
  func `what is no kubeconfig is left, and admin.conf is renewed`(command: String, reason: String)
    async throws
  {
    let directory = URL(filePath: config).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let harmed = try await run("sh", ["-ec", command], directory: directory.path)
    try #require(harmed == Outcome(status: 0))
    let outcome = try await tree.renew("admin", "--update-user-kubeconfig")
    #expect(outcome.stderr.hasPrefix("warning: \(config) is not renewed: "))
    #expect(outcome.stderr.contains(reason) && outcome.stderr.split(separator: "\n").count == 1, "\(outcome)")
    #expect(outcome.stdout.contains("\nFiles: 1 replaced, 0 kept.\n") && outcome.status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["config"])
  }

  @Test(arguments: [
    ("mkfifo config", "is not a regular file"), ("mkdir config", "Is a directory"),
    ("ln -s config config", "Too many levels of symbolic links"),
    ("ln -s x config", "is a symbolic link to nothing"),
    ("cp ../../admin.conf config; chmod 0 config", "Permission"),
  ])
  func `what may be a copy and cannot be read is an error, and admin.conf is renewed`(
    command: String, reason: String
  ) async throws {
    try FileManager.default.createDirectory(
      atPath: tree.path("home/.kube"), withIntermediateDirectories: true)
    let harmed = try await run("sh", ["-ec", command], directory: tree.path("home/.kube"))
    try #require(harmed == Outcome(status: 0))
    let outcome = try await tree.renew(
      "admin", "--update-user-kubeconfig", by: ExpiredTree.withoutPrivileges())
    #expect(outcome.stderr.hasPrefix("error: ") && outcome.stderr.contains(config), "\(outcome)")
    #expect(outcome.stderr.contains(reason) && outcome.stderr.contains("\nhint: "), "\(outcome)")
    #expect(outcome.stdout.contains("\nFiles: 1 replaced, 0 kept.\n") && outcome.status == 1)
  }

  @Test func `where the copy cannot be written, nothing is`() async throws {
    try tree.write(tree.text("admin.conf"), to: "home/.kube/config")
    let before = try tree.state
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: tree.path("home/.kube"))
    let outcome = try await tree.renew(
      "all", "--update-user-kubeconfig", by: ExpiredTree.withoutPrivileges())
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tree.path("home/.kube"))
    #expect(outcome.stderr.hasPrefix("error: cannot create \(tree.path("home/.kube/.config.pkigen-new")): "))
    #expect(outcome.status == 77 && outcome.stdout.isEmpty)
    #expect(try tree.state.filter { !$0.key.hasSuffix(".lock") } == before)
  }

  @Test func `a kubeconfig with its own CA gets the tree's, and other contexts in it stay`()
    async throws
  {
    let authority = try Data(tree.text("pki/etcd/ca.crt").utf8).base64EncodedString()
    let other = "users:\n- name: other\n  user: {token: mine}\n"
    let old = try tree.text("admin.conf")
    try tree.write(
      old.replacing(/certificate-authority-data: .*/, with: "certificate-authority-data: \(authority)")
        .replacing("users:\n", with: other), to: "home/.kube/config")
    let outcome = try await tree.renew("admin", "--update-user-kubeconfig")
    #expect(
      outcome.stderr.hasPrefix(
        "warning: \(config) trusted another CA than \(tree.path("pki/ca.crt")); now it trusts "))
    #expect(try tree.text("home/.kube/config") == tree.text("admin.conf").replacing("users:\n", with: other))
  }

  @Test func `without a home there is nothing to update`() async throws {
    let outcome = try await tree.renew("admin", "--update-user-kubeconfig", environment: ["HOME": ""])
    #expect(
      outcome.stderr.hasPrefix("error: --update-user-kubeconfig needs a home directory, and HOME names none.")
    )
    #expect(outcome.status == 64)
  }

  /// fakeroot lets files belong to others, and nss_wrapper knows a user whose home is here.
  @Test func `under sudo it is the caller's, who stays its owner`() async throws {
    try tree.write(tree.text("admin.conf"), to: "home/.kube/config")
    try tree.write(
      "root:x:0:0::/nowhere:/bin/sh\nalice:x:4242:4343::\(tree.home):/bin/sh\n", to: "passwd")
    try tree.write("root:x:0:\nalice:x:4343:\n", to: "group")
    let script = """
      set -e
      config=$0 admin=$1; shift
      chown 4242:4343 "$config"
      chmod 640 "$config"
      "$@" > /dev/null
      stat -c '%u:%g %a %n' "$config" "$admin"
      """
    let outcome = try await tree.renew(
      "all", "--update-user-kubeconfig",
      environment: [
        "LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_PASSWD": tree.path("passwd"),
        "NSS_WRAPPER_GROUP": tree.path("group"), "HOME": "/nowhere", "SUDO_USER": "alice",
      ], by: ["fakeroot", "sh", "-c", script, config, admin])
    #expect(outcome == Outcome(status: 0, stdout: "4242:4343 640 \(config)\n0:0 600 \(admin)\n"))
    #expect(try tree.text("home/.kube/config") == tree.text("admin.conf"))
    #expect(try tree.state.keys.filter { $0.hasPrefix("home/.kube/") } == ["home/.kube/config"])
  }

  @Test func `a SUDO_USER of whom the machine knows nothing is passed over`() async throws {
    try tree.write(tree.text("admin.conf"), to: "home/.kube/config")
    let outcome = try await tree.renew("admin", environment: ["SUDO_USER": "nobody-of-that-name"])
    #expect(step(outcome)?.contains(config) == true)
  }
}
