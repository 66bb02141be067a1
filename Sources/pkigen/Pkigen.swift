import ArgumentParser
import FileStore
import KubernetesPKI

/// The command line's root.
struct Pkigen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkigen",
    abstract: "Makes and looks after the certificates of a Kubernetes control plane: offline, without root.",
    discussion: """
      EXAMPLES
        A complete tree in ./out, for the node cp1:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 -d out

        One certificate, made again after its files were moved away:
          pkigen phase cert apiserver --node-name cp1 --advertise-ip 10.0.0.10 -d out

        When the certificates of a tree expire:
          pkigen check-expiration -d out

      \(ExitStatus.help)
      """,
    version: Version.current,
    subcommands: [
      Init.self,
      Phase.self,
      CheckExpiration.self, Inspect.self,
      Renew.self,
      Verify.self,
      RBAC.self,
      Fixtures.self,
      CSR.self,
      Bootstrap.self, KubeconfigCommand.self, CAHash.self,
    ])
}

/// The version of this build.
enum Version {
  /// Semantic version, <https://semver.org>.
  static let current = "0.1.0"
}

@main
enum Main {
  /// Swift replaces what is not UTF-8 in an argument, and the path that comes of it is another path.
  private static func checkArguments() throws {
    for argument in CommandLine.arguments.dropFirst() where argument.unicodeScalars.contains("\u{fffd}") {
      throw ValidationError("The argument '\(argument)' is not UTF-8.")
    }
  }

  static func main() {
    // Before any key is read or made.
    ProcessMemory.protect()
    // While the command line is read.
    Cryptography.start()
    do {
      try checkArguments()
      var command = try Pkigen.parseAsRoot()
      try command.run()
    } catch {
      Terminal.exit(reporting: error)
    }
  }
}
