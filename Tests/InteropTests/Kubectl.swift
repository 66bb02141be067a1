import FoundationEssentials
import TestSupport
import Testing

/// kubectl with one kubeconfig, and a home of its own to keep its cache in.
struct Kubectl {
  let kubeconfig: String
  let home: TemporaryDirectory

  init(kubeconfig: String) throws {
    self.kubeconfig = kubeconfig
    home = try TemporaryDirectory()
  }

  func callAsFunction(_ arguments: String...) async throws -> Outcome {
    try await self(arguments)
  }

  func callAsFunction(_ arguments: [String]) async throws -> Outcome {
    try await run(
      Judges.kubectl, arguments + ["--kubeconfig", kubeconfig],
      environment: ["HOME": home.path, "KUBECONFIG": ""])
  }

  /// Asks until the server listens; until then each attempt is refused at once.
  func waitForServer() async throws {
    var outcome = Outcome(status: 0)
    for _ in 1...100 {
      outcome = try await self("get", "--raw", "/version")
      if !outcome.stderr.contains("connection refused") && !outcome.stderr.contains("was refused") { break }
    }
    try #require(outcome.status == 0 && outcome.stdout.contains("v1.36.0"), "\(outcome)")
  }

  /// Who the server takes the caller for, as the subject of a certificate.
  func subject() async throws -> String {
    let outcome = try await self("auth", "whoami", "-o", "json")
    try #require(outcome.status == 0, "\(kubeconfig): \(outcome.stderr)")
    let user = try outcome.document(Review.self).status.userInfo
    return (user.groups ?? []).map { "O = \($0), " }.joined() + "CN = \(user.username)"
  }
}

private struct Review: Decodable {
  struct Status: Decodable { var userInfo: UserInfo }
  struct UserInfo: Decodable {
    var username: String
    var groups: [String]?
  }
  var status: Status
}
