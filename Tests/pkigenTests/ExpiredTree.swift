import Foundation
import TestSupport
import Testing

/// A tree for the node cp1 whose leaves were made on 2027-01-15 at 08:00 UTC and expired the day before now.
struct ExpiredTree {
  static let now = "2028-01-16 08:00:00"

  let directory: TemporaryDirectory

  /// The home directory of the caller; it does not exist.
  var home: String { directory.path("home") }

  init(_ style: String = "documented") async throws {
    directory = try TemporaryDirectory()
    let original = try await (style == "kubeadm" ? Self.kubeadm : Self.documented).value
    for name in try FileManager.default.contentsOfDirectory(atPath: original.path) {
      try FileManager.default.copyItem(atPath: original.path(name), toPath: directory.path(name))
    }
  }

  /// Made once each.
  private static let documented = Task { try await make("documented") }
  private static let kubeadm = Task { try await make("kubeadm") }

  private static func make(_ style: String) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let options = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
    let command =
      try at("2027-01-15 08:00:00") + [Pkigen.path, "init", "-d", directory.path, "--style", style]
    let outcome = try await run("env", command + options)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return directory
  }

  /// What to put before a command so that it runs at a time in UTC, in which no second passes.
  static func at(_ time: String) -> [String] {
    ["TZ=UTC", Judges.clock, time]
  }

  /// Has pkigen renew something, as a user whose home is empty.
  ///
  /// - Parameter wrapper: a program, with its arguments, that runs the command.
  func renew(
    _ arguments: String..., at time: String = now, environment: [String: String] = [:],
    by wrapper: [String] = []
  ) async throws -> Outcome {
    try await renew(arguments, at: time, environment: environment, by: wrapper)
  }

  /// Has pkigen renew something, as a user whose home is empty.
  func renew(
    _ arguments: [String], at time: String = now, environment: [String: String] = [:],
    by wrapper: [String] = []
  ) async throws -> Outcome {
    let command = try Self.at(time) + [Pkigen.path, "renew", "-d", directory.path] + arguments
    return try await run(
      wrapper.first ?? "env", wrapper.dropFirst() + (wrapper.isEmpty ? command : ["env"] + command),
      environment: ["HOME": home, "SUDO_USER": ""].merging(environment) { $1 })
  }

  /// What runs a command for a user who has no rights but those of an owner, even where root runs the tests.
  static func withoutPrivileges() async throws -> [String] {
    let isRoot = try await run("id", ["-u"]).stdout == "0\n"
    return isRoot ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : ["env"]
  }

  func path(_ name: String) -> String { directory.path(name) }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  func write(_ text: String, to name: String) throws {
    try FileManager.default.createDirectory(
      at: URL(filePath: path(name)).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }

  func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(atPath: path(name)) }
  }

  /// The replacement of everything between the quotes of embedded data, so that the rest of a kubeconfig can be compared.
  func outline(_ name: String) throws -> String {
    try text(name).replacing(/(data: )[A-Za-z0-9+\/=]+/) { "\($0.1)…" }
  }

  /// Every file below the directory, but for backups: its mode and its bytes.
  var state: [String: String] {
    get throws {
      var state: [String: String] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path)
      where !name.contains(".backup") {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        let isFile = attributes[.type] as? FileAttributeType == .typeRegular
        state[name] = "\(attributes[.posixPermissions] ?? "") \(isFile ? try text(name) : "")"
      }
      return state
    }
  }

  /// What `openssl x509` prints of a certificate.
  func openssl(_ name: String, _ options: String...) async throws -> String {
    let outcome = try await run(Judges.openssl, ["x509", "-in", path(name), "-noout"] + options)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return outcome.stdout
  }
}
