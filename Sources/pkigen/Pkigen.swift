import ArgumentParser
import CArguments
import FileStore
import KubernetesPKI

/// The command line's root.
struct Pkigen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkigen",
    abstract: "Makes and looks after the certificates of a Kubernetes control plane: offline, without root.",
    discussion: """
      EXAMPLES
        A complete PKI in ./out, for the node cp1:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 -d out

        One certificate, made again after its files were moved away:
          pkigen phase cert apiserver --node-name cp1 --advertise-ip 10.0.0.10 -d out

        When the certificates expire:
          pkigen check-expiration -d out

      \(ExitStatus.help)
      """,
    version: Version.current,
    subcommands: [
      Init.self,
      Phase.self,
      CheckExpiration.self, Inspect.self,
      Renew.self,
      Rotate.self,
      Verify.self,
      RBAC.self,
      Fixtures.self,
      CSR.self,
      Export.self,
      Bootstrap.self, KubeconfigCommand.self, CAHash.self,
      CompletionScript.self,
    ])
}

/// The version of this build.
enum Version {
  /// Semantic version, <https://semver.org>.
  static let current = "0.1.0"
}

@main
enum Main {
  /// The arguments after the program's name, as the kernel has handed them over, in pkigen's words.
  static let arguments = KubeadmWords.translated(
    (1..<max(arguments_count(), 1)).map { unsafe String(cString: arguments_value($0)) })

  /// An argument that is not UTF-8 is refused, as the path that comes of it would be another path; and so is a start
  /// without even a name, for which Linux puts an empty one.
  private static func checkArguments() throws {
    let count = arguments_count()
    guard count > 0, unsafe arguments_value(0).pointee != 0 || count > 1 else {
      throw ValidationError("The program was started without arguments, not even its own name.")
    }
    // Swift replaces what is not UTF-8 by this character.
    for argument in arguments where argument.unicodeScalars.contains("\u{fffd}") {
      throw ValidationError("The argument '\(argument)' is not UTF-8.")
    }
  }

  /// Whether the user wants one thing done at a time. It is asked before the command line is read, as OpenSSL starts then.
  private static func wantsOneThread(_ arguments: [String]) -> Bool {
    arguments.contains("--jobs=1")
      || zip(arguments, arguments.dropFirst()).contains { $0 == "--jobs" && $1 == "1" }
  }

  /// `help WORDS` of words that are no command is a mistake, not a wish for the root's page.
  private static func checkHelp(_ arguments: [String]) throws {
    guard arguments.first == "help" else { return }
    let words = arguments.dropFirst().filter { !$0.hasPrefix("-") }
    let path = CommandPath(Array(words))
    guard let word = path.rest.first else { return }
    Terminal.exit(reporting: Mistake(unknown: word, after: path))
  }

  /// The command that the arguments name, with its options.
  ///
  /// To parse the command by itself is faster than from the root, for which ArgumentParser makes the tables of all others.
  /// Only the root words its errors and pages with the whole name of the command.
  private static func command(_ arguments: [String]) throws -> any ParsableCommand {
    let path = CommandPath(arguments)
    if path.subcommands.isEmpty, let command = try? path.command.parseAsRoot(path.rest),
      type(of: command) == path.command
    {
      return command
    }
    return try Pkigen.parseAsRoot(arguments)
  }

  static func main() {
    // Before any key is read or made.
    ProcessMemory.protect()
    do {
      try checkArguments()
      Cryptography.start(besideThisThread: !wantsOneThread(arguments))
      try checkHelp(arguments)
      var command = try command(arguments)
      try command.run()
    } catch {
      Terminal.exit(reporting: error)
    }
  }
}
