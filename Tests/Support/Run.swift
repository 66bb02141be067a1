import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// What a finished process left behind.
public struct Outcome: Sendable, Equatable {
  /// The exit status, or 128 and the signal that ended the process, as a shell counts.
  public var status: Int32
  /// All that the process wrote to its standard output.
  public var stdout: String
  /// All that the process wrote to its standard error.
  public var stderr: String

  /// Says what a process is expected to leave behind.
  public init(status: Int32, stdout: String = "", stderr: String = "") {
    self.status = status
    self.stdout = stdout
    self.stderr = stderr
  }
}

/// Runs a program to its end.
///
/// - Parameters:
///   - executable: A path, or a name to be found in `PATH`.
///   - arguments: What the program is given, without its own name.
///   - input: Its standard input; without it there is nothing to read.
///   - environment: Variables set over those inherited from this process.
///   - directory: Its working directory; without it, this process's.
public func run(
  _ executable: String, _ arguments: [String] = [], input: String? = nil,
  environment: [String: String] = [:], directory: String? = nil
) async throws -> Outcome {
  await slots.take()
  defer { Task { await slots.give() } }
  let result = try await Subprocess.run(
    Configuration(executable, arguments, environment: environment, directory: directory),
    input: .fileDescriptor(try standardInput(input), closeAfterSpawningProcess: true),
    output: .string(limit: outputLimit), error: .string(limit: outputLimit))
  return Outcome(
    status: result.terminationStatus.shellStatus, stdout: result.standardOutput, stderr: result.standardError)
}

private let outputLimit = 64 << 20

/// Tests start hundreds of programs at once. More than a few for each core only wait for each other, and for memory.
private let slots = Slots(4 * ProcessInfo.processInfo.activeProcessorCount)

/// Lets so many run at a time, in the order in which they ask.
private actor Slots {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func take() async {
    guard free == 0 else { return free -= 1 }
    await withCheckedContinuation { waiting.append($0) }
  }

  func give() {
    guard !waiting.isEmpty else { return free += 1 }
    waiting.removeFirst().resume()
  }
}

extension Configuration {
  init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    directory: String? = nil
  ) {
    let overrides = environment.map { (Environment.Key(stringLiteral: $0), String?.some($1)) }
    self.init(
      executable: executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
      arguments: Arguments(arguments),
      environment: .inherit.updating(Dictionary(uniqueKeysWithValues: overrides)),
      workingDirectory: directory.map { FilePath($0) })
  }
}

extension TerminationStatus {
  fileprivate var shellStatus: Int32 {
    switch self {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}

/// The reading end of a pipe that already holds all of the text.
///
/// Written before the program starts, the text cannot meet a program that has ended without reading it, whose
/// SIGPIPE would end the tests. In return it must fit into the pipe's buffer: at most a mebibyte.
private func standardInput(_ text: String?) throws -> FileDescriptor {
  guard let text else { return try FileDescriptor.open("/dev/null", .readOnly) }
  let (reading, writing) = try FileDescriptor.pipe()
  defer { try? writing.close() }
  guard fcntl(writing.rawValue, setPipeSize, CInt(text.utf8.count)) >= text.utf8.count else {
    throw Errno(rawValue: errno)
  }
  try writing.writeAll(text.utf8)
  return reading
}

/// Linux's `F_SETPIPE_SZ`, which Glibc's module leaves out.
private let setPipeSize: CInt = 1031
