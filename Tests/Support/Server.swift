import Subprocess
import SystemPackage

/// Runs a server while `body` does its work, then ends it.
///
/// The server may not be listening yet when `body` begins: `body` asks until it answers.
///
/// - Parameters:
///   - executable: A path, or a name to be found in `PATH`.
///   - arguments: What the server is given, without its own name.
///   - log: The file that receives all that the server prints.
public func withServer<Value: Sendable>(
  _ executable: String, _ arguments: [String], log: String, body: () async throws -> Value
) async throws -> Value {
  let output = try FileDescriptor.open(
    FilePath(log), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
  return try await Subprocess.run(
    Configuration(executable, arguments), input: .none,
    output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .combinedWithOutput
  ) { server in
    let value = try await body()
    try server.send(signal: .kill)
    return value
  }.closureResult
}
