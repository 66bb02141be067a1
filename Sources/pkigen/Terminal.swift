import ArgumentParser
import FileStore
import FoundationEssentials
import Glibc
import KubernetesPKI
import OpenSSLX509
import StructuredText
import Synchronization

/// The contract with readers: the result goes to stdout; progress, warnings and errors go to stderr. An error is
/// `error: ` and one sentence, then `hint: ` lines. Colour and progress only on a terminal, and not with NO_COLOR.
enum Terminal {
  /// Writes the result.
  static func output(_ text: String) throws { try write(text, to: STDOUT_FILENO) }

  /// Writes the result, byte by byte as it is.
  static func output(_ content: SecretBytes) throws { try write(content.copy, to: STDOUT_FILENO) }

  /// Writes lines of the result, in which names of files and what files say may stand as they are: none of it can begin a
  /// line of its own or move the cursor.
  static func output(lines: [String]) throws { try output(lines.map { $0.printable + "\n" }.joined()) }

  /// Writes a warning.
  static func warn(_ text: String) { writeError(label: "warning", colour: TextTable.yellow, text.printable) }

  /// Writes a line that is neither result nor warning: what was done on the way.
  static func note(_ text: String) { try? write("\(text.printable)\n", to: STDERR_FILENO) }

  /// Reports an error and ends with its status; what ArgumentParser throws for help and version ends well.
  static func exit(reporting error: any Error) -> Never {
    switch error {
    case let errors as PKIErrors:
      for (error, next) in zip(errors.errors, errors.errors.dropFirst().map(\.hint) + [nil]) {
        report(error, saysHint: error.hint != next)
      }
    case let error as PKIError: report(error)
    case let error as FileError: report(.files(error))
    case let failure as OutputFailure: writeError(label: "error", colour: TextTable.red, "\(failure)")
    case let code as ExitCode: Glibc.exit(code.rawValue)
    default: exitParsing(error)
    }
    Glibc.exit(ExitStatus(error).rawValue)
  }

  /// Writes an error, and its hint unless the next error has the same.
  ///
  /// - Parameter subject: which of several trees it is about.
  static func report(_ error: PKIError, saysHint: Bool = true, of subject: String? = nil) {
    let prefix = subject.map { "\($0): " } ?? ""
    writeError(label: "error", colour: TextTable.red, (prefix + error.message).printable)
    if saysHint, let hint = error.hint { writeError(label: "hint", colour: 36, hint.printable) }
  }

  private static func exitParsing(_ error: any Error) -> Never {
    if Pkigen.exitCode(for: error) == .success {
      let text = HelpPage.ownOptionsFirst(Pkigen.fullMessage(for: error))
      // Without a reader of stderr, a failure cannot be reported.
      try? output(text.hasSuffix("\n") ? text : text + "\n")
      Glibc.exit(0)
    }
    exit(reporting: Mistake(Pkigen.message(for: error), in: Main.arguments))
  }

  /// Reports what is wrong with the command line.
  static func exit(reporting mistake: Mistake) -> Never {
    // A message may have several lines; none of them looks as if another error began there.
    let message = mistake.message.split(separator: "\n", omittingEmptySubsequences: false)
    writeError(
      label: "error", colour: TextTable.red, message.map { String($0).printable }.joined(separator: "\n  "))
    writeError(label: "hint", colour: 36, mistake.hint.printable)
    Glibc.exit(ExitStatus.usage.rawValue)
  }

  private static func writeError(label: String, colour: Int, _ text: String) {
    let label = usesColour(STDERR_FILENO) ? "\u{1b}[1;\(colour)m\(label):\u{1b}[0m" : "\(label):"
    try? write("\(label) \(text)\n", to: STDERR_FILENO)
  }

  /// Whether a stream takes colours: <https://no-color.org>.
  static func usesColour(_ stream: Int32) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(stream) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }

  /// Whether the result may be coloured.
  static var outputUsesColour: Bool { usesColour(STDOUT_FILENO) }

  /// Whether it is root who calls.
  static var isRoot: Bool { geteuid() == 0 }

  /// The home directory of a user, by the system's list of users.
  static func homeDirectory(of user: String) -> String? {
    guard let entry = unsafe getpwnam(user), let home = unsafe entry.pointee.pw_dir else { return nil }
    return unsafe String(cString: home)
  }

  private static func write(_ text: String, to stream: Int32) throws {
    try write(Array(text.utf8), to: stream)
  }

  private static func write(_ bytes: [UInt8], to stream: Int32) throws {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(stream, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw OutputFailure(cause: SystemError(errno))
      }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// The result cannot be written. Whatever the command had to do is done by then, so that nothing has to be run again for it.
struct OutputFailure: Error, CustomStringConvertible {
  let cause: SystemError

  var description: String { "cannot write the output: \(cause)" }
}

extension Terminal {
  /// A line that says how far a run is, on a terminal and after half a second only.
  final class Progress: Sendable {
    private let start = ContinuousClock.now
    private let label: String
    private let total: Int
    private let isShown = Mutex(false)
    private let isOn: Bool

    /// - Parameter label: what is counted.
    init(_ label: String, total: Int, isQuiet: Bool) {
      self.label = label
      self.total = total
      isOn = !isQuiet && total > 1 && Terminal.usesColour(STDERR_FILENO)
    }

    /// Says that so many are done.
    func update(_ count: Int) {
      guard isOn, ContinuousClock.now - start > .milliseconds(500) else { return }
      isShown.withLock { shown in
        shown = true
        try? Terminal.write("\r\u{1b}[K\(label): \(count) of \(total)", to: STDERR_FILENO)
      }
    }

    /// Takes the line away.
    func finish() {
      isShown.withLock { shown in
        if shown { try? Terminal.write("\r\u{1b}[K", to: STDERR_FILENO) }
        shown = false
      }
    }
  }
}
