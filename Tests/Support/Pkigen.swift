import FoundationEssentials

/// The program under test, as it was built together with the tests.
public enum Pkigen {
  /// The binary: what the variable PKIGEN names, else the one beside the running tests.
  public static var path: String {
    get throws {
      if let path = ProcessInfo.processInfo.environment["PKIGEN"] { return path }
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let path = URL(filePath: tests).deletingLastPathComponent().appending(path: "pkigen").path
      guard FileManager.default.isExecutableFile(atPath: path) else { throw NotBuilt(path: path) }
      return path
    }
  }

  /// Runs pkigen to its end.
  public static func run(
    _ arguments: String..., input: String? = nil, environment: [String: String] = [:],
    directory: String? = nil
  ) async throws -> Outcome {
    try await run(arguments, input: input, environment: environment, directory: directory)
  }

  /// Runs pkigen to its end.
  public static func run(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:],
    directory: String? = nil
  ) async throws -> Outcome {
    try await TestSupport.run(
      path, arguments, input: input, environment: environment, directory: directory)
  }

  private struct NotBuilt: Error, CustomStringConvertible {
    var path: String
    var description: String { "there is no \(path): build it, or name another in PKIGEN" }
  }
}
