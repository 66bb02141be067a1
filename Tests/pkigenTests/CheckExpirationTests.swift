import Foundation
import TestSupport
import Testing

/// Transcripts of `pkigen check-expiration`, at times of the tests' choice.
@Suite(.timeLimit(.minutes(20)))
struct CheckExpirationTests {
  private let directory: TemporaryDirectory

  /// A tree whose leaves were made on 2027-01-15 at 08:00 UTC and live for 365 days.
  init() async throws {
    directory = try TemporaryDirectory()
    let original = try await Self.original.value
    for name in try FileManager.default.contentsOfDirectory(atPath: original.path) {
      try FileManager.default.copyItem(atPath: original.path(name), toPath: directory.path(name))
    }
  }

  private static let original = Task {
    let directory = try TemporaryDirectory()
    let options = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
    let outcome = try await pkigen(["init", "-d", directory.path] + options, at: "2027-01-15 08:00:00")
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return directory
  }

  private static func pkigen(_ arguments: [String], at time: String) async throws -> Outcome {
    try await run(Judges.clock, [time, Pkigen.path] + arguments, environment: ["TZ": "UTC"])
  }

  private func check(_ arguments: String..., at time: String = "2027-07-16 20:00:00") async throws -> Outcome
  {
    try await Self.pkigen(["check-expiration", "-d", directory.path] + arguments, at: time)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  @Test func `a sound tree is two tables and status 0`() async throws {
    let outcome = try await check()
    #expect(
      outcome.stdout == """
        CERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED   LIFE LEFT
        admin.conf                 Jan 15, 2028 08:00 UTC   182d            ca                      no                   [#####.....] 49%
        apiserver                  Jan 15, 2028 08:00 UTC   182d            ca                      no                   [#####.....] 49%
        apiserver-etcd-client      Jan 15, 2028 08:00 UTC   182d            etcd-ca                 no                   [#####.....] 49%
        apiserver-kubelet-client   Jan 15, 2028 08:00 UTC   182d            ca                      no                   [#####.....] 49%
        controller-manager.conf    Jan 15, 2028 08:00 UTC   182d            ca                      no                   [#####.....] 49%
        etcd-healthcheck-client    Jan 15, 2028 08:00 UTC   182d            etcd-ca                 no                   [#####.....] 49%
        etcd-peer                  Jan 15, 2028 08:00 UTC   182d            etcd-ca                 no                   [#####.....] 49%
        etcd-server                Jan 15, 2028 08:00 UTC   182d            etcd-ca                 no                   [#####.....] 49%
        front-proxy-client         Jan 15, 2028 08:00 UTC   182d            front-proxy-ca          no                   [#####.....] 49%
        kubelet.conf               Jan 15, 2028 08:00 UTC   182d            ca                      no                   [#####.....] 49%
        scheduler.conf             Jan 15, 2028 08:00 UTC   182d            ca                      no                   [#####.....] 49%

        CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED   LIFE LEFT
        ca                      Jan 12, 2037 08:00 UTC   9y              no                   [##########] 94%
        etcd-ca                 Jan 12, 2037 08:00 UTC   9y              no                   [##########] 94%
        front-proxy-ca          Jan 12, 2037 08:00 UTC   9y              no                   [##########] 94%

        """)
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
  }

  @Test func `what is missing, unreadable or externally managed shows, with the reason on stderr`()
    async throws
  {
    try FileManager.default.removeItem(atPath: directory.path("pki/etcd/peer.crt"))
    try FileManager.default.removeItem(atPath: directory.path("pki/front-proxy-ca.key"))
    try Data("nothing".utf8).write(to: URL(filePath: directory.path("pki/ca.crt")))
    let outcome = try await check()
    let lines = outcome.stdout.split(separator: "\n")
    #expect(lines.contains("!MISSING! etcd-peer") && lines.contains("!UNREADABLE! ca"))
    let managed = lines.filter { $0.contains("  yes  ") }.map { $0.prefix { $0 != " " } }
    #expect(managed == ["front-proxy-client", "front-proxy-ca"])
    let path = directory.path("pki/ca.crt")
    #expect(
      outcome.stderr == """
        error: \(path) does not hold a certificate that can be used: cannot read the certificate: \
        there is no CERTIFICATE block in it
        hint: put back a good copy of \(path)

        """)
    #expect(outcome.status == 1)
  }

  @Test func `expired leaves are status 1, and their CAs are still good`() async throws {
    let outcome = try await check(at: "2028-01-15 08:01:00")
    let lines = outcome.stdout.split(separator: "\n")
    #expect(lines.count { $0.hasSuffix(" [..........] expired") && $0.contains(" <invalid> ") } == 11)
    #expect(
      lines.suffix(3).allSatisfy { $0.contains(" 8y364d ") || $0.contains(" 8y ") || $0.contains(" 9y ") })
    #expect(outcome.stderr.isEmpty && outcome.status == 1)
  }

  @Test func `a clock that is late finds certificates that are not yet valid`() async throws {
    let outcome = try await check(at: "2027-01-15 07:50:00")
    #expect(outcome.stdout.split(separator: "\n").count { $0.hasSuffix(" not-yet-valid") } == 14)
    #expect(outcome.status == 1)
  }

  @Test func `with --warn the status says that something expires soon, and the table what`() async throws {
    #expect(try await check("--warn", "182d").status == 0)
    let outcome = try await check("--warn", "183d")
    #expect(outcome.status == 1 && outcome.stderr.isEmpty)
    #expect(outcome.stdout.split(separator: "\n").count { $0.hasSuffix("49%, expiring") } == 11)
    #expect(
      try await check("--warn", "10y").stdout.split(separator: "\n").count { $0.hasSuffix("expiring") } == 14)
  }

  @Test func `quiet leaves the status, and the reasons of what cannot be read`() async throws {
    #expect(try await check("--quiet", "--warn", "183d") == Outcome(status: 1))
    #expect(try await check("-q") == Outcome(status: 0))
    try Data("nothing".utf8).write(to: URL(filePath: directory.path("pki/ca.crt")))
    let outcome = try await check("-q")
    #expect(outcome.stdout.isEmpty && outcome.stderr.hasPrefix("error: ") && outcome.status == 1)
  }

  @Test func `a directory without a tree is all missing, and a hint`() async throws {
    let nowhere = directory.path("nowhere")
    let outcome = try await Self.pkigen(["expiry", "-d", nowhere], at: "2027-01-15 08:00:00")
    #expect(outcome.stdout.split(separator: "\n").count { $0.hasPrefix("!MISSING! ") } == 9)
    #expect(
      outcome.stderr == """
        error: there is no PKI of a control plane in \(nowhere)/pki and \(nowhere)
        hint: name the tree's directory with -d; or make a tree with pkigen init -d \(nowhere)

        """)
    #expect(outcome.status == 1)
  }

  @Test(arguments: [
    ("json", "{\n  \"apiVersion\" : \"output.kubeadm.k8s.io/v1alpha3\",\n"),
    ("yaml", "apiVersion: output.kubeadm.k8s.io/v1alpha3\n"),
    ("prometheus", "# HELP x509_cert_error "), ("text", "CERTIFICATE "),
  ])
  func `a document is the whole output, or the whole file, whatever the status`(
    format: String, start: String
  ) async throws {
    try FileManager.default.removeItem(atPath: directory.path("scheduler.conf"))
    let printed = try await check("-o", format)
    #expect(printed.stdout.hasPrefix(start) && printed.stderr.isEmpty && printed.status == 1)
    // To a second: the time goes on between the runs.
    let file = directory.path("result")
    let written = try await check("-o", format, "--output-file", file, "--quiet")
    #expect(written == Outcome(status: 1))
    #expect(try text("result").hasPrefix(start))
    #expect(try text("result").split(separator: "\n").count == printed.stdout.split(separator: "\n").count)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
    #expect(mode?.intValue == 0o644)
  }

  @Test(arguments: [
    (
      ["--warn", "soon"], 64,
      #"error: --warn: "soon" is not a length of time; write 365d, 10y, 8760h or 1h30m"#
    ),
    (["--warn", "0d"], 64, #"error: --warn: "0d" is less than one second; it must be more than zero"#),
    (["--warn=-1d"], 64, #"error: --warn: "-1d" is negative; it must be more than zero"#),
    (["-o", "xml"], 64, "error: The value 'xml' is invalid for '-o <format>'"),
    (["apiserver"], 64, "error: Unexpected argument 'apiserver'"),
    (["--output-file", "/proc"], 64, #"error: --output-file: "/proc" is not a file"#),
    (
      ["--output-file", "/nowhere/x.prom"], 74,
      "error: cannot write /nowhere/x.prom: No such file or directory"
    ),
  ])
  func `bad options are reported, and print nothing`(options: [String], status: Int32, error: String)
    async throws
  {
    let outcome = try await Self.pkigen(
      ["check-expiration", "-d", directory.path] + options, at: "2027-07-16 20:00:00")
    #expect(outcome.stderr.hasPrefix(error), "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty && outcome.status == status)
  }

  @Test func `a terminal gets colours, unless it is asked not to`() async throws {
    func lines(_ environment: [String: String] = [:]) async throws -> [Substring] {
      let command = try
        "\(Judges.clock) '2027-07-16 20:00:00' \(Pkigen.path) expiry -d \(directory.path) --warn 183d"
      return try await run(
        "script", ["-qec", command, "/dev/null"],
        environment: ["TERM": "xterm", "TZ": "UTC", "NO_COLOR": ""].merging(environment) { $1 }
      ).stdout.split(whereSeparator: \.isNewline)
    }
    try FileManager.default.removeItem(atPath: directory.path("scheduler.conf"))
    let coloured = try await lines()
    #expect(coloured.contains("\u{1b}[31m!MISSING! scheduler.conf\u{1b}[0m"))
    #expect(coloured.count { $0.hasPrefix("\u{1b}[33m") && $0.hasSuffix("49%, expiring\u{1b}[0m") } == 10)
    #expect(coloured.count { $0.contains("\u{1b}") } == 11)
    #expect(try await lines(["NO_COLOR": "1"]).allSatisfy { !$0.contains("\u{1b}") })
  }
}
