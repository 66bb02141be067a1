import ArgumentParser
import FileStore
import Glibc
import KubernetesPKI
import OpenSSLX509

/// A password for something that is made.
struct NewPasswordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Its first line is the password. (default: asked for at the terminal)", valueName: "file"),
    completion: .file())
  var passwordFile: String?

  /// The password, from the file or, twice, from the terminal.
  func password() throws -> SecretBytes {
    if let passwordFile { return try Password.read(passwordFile, for: "--password-file") }
    let password = try Password.ask("Password", option: "--password-file")
    guard try Password.ask("Password again", option: "--password-file").hasSameBytes(as: password) else {
      throw ValidationError("The two passwords differ.")
    }
    return password
  }
}

/// Passwords that the user gives: in a file or at the terminal, never in an argument.
enum Password {
  /// The first line of a file.
  ///
  /// - Throws: ``PKIErrors`` when it is empty, or what keeps the file from being read.
  static func read(_ path: String, for option: String) throws -> SecretBytes {
    let line = try FileSystem.readStream(path).copy.prefix { $0 != 0x0a && $0 != 0x0d }
    guard !line.isEmpty, !line.contains(0) else {
      throw PKIErrors([
        .invalidSetting(
          .option(option), value: path, problem: "without a password in its first line", hint: nil)
      ])
    }
    return SecretBytes(line)
  }

  /// What the user types at the terminal, which does not show it.
  ///
  /// - Throws: `ValidationError` when there is no terminal, or nothing is typed.
  static func ask(_ prompt: String, option: String) throws -> SecretBytes {
    let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    var before = termios()
    guard terminal >= 0, unsafe tcgetattr(terminal, &before) == 0 else {
      if terminal >= 0 { close(terminal) }
      throw ValidationError("\(option) is needed: there is no terminal at which to ask for the password.")
    }
    defer { close(terminal) }
    var silent = before
    // Ctrl-C would end the program before the terminal shows again what is typed; here it ends the line.
    silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
    unsafe tcsetattr(terminal, TCSAFLUSH, &silent)
    defer { unsafe tcsetattr(terminal, TCSAFLUSH, &before) }
    try FileSystem.write("\(prompt): ", to: terminal, "/dev/tty")
    defer { try? FileSystem.write("\n", to: terminal, "/dev/tty") }
    let typed = try line(from: terminal)
    guard typed.count > 0 else {
      throw ValidationError("No password was typed.")
    }
    return typed
  }

  /// The bytes up to the end of the line; none after Ctrl-C.
  private static func line(from terminal: Int32) throws(FileError) -> SecretBytes {
    let (limit, interrupt) = (1024, UInt8(3))
    return try unsafe SecretBytes(capacity: limit) { (buffer) throws(FileError) in
      var count = 0
      while count < limit {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let step = try FileSystem.call("read", "/dev/tty") {
          unsafe Glibc.read(terminal, rest.baseAddress, 1)
        }
        guard step == 1, unsafe buffer[count] != 0x0a, unsafe buffer[count] != 0x0d else { return count }
        if unsafe buffer[count] == interrupt { return 0 }
        count += 1
      }
      return count
    }
  }
}
