import ArgumentParser

/// What becomes of files that are replaced.
struct ReplacementOptions: ParsableArguments {
  @Flag(help: "Make no backup of what is replaced.")
  var noBackup = false

  @Option(
    help: ArgumentHelp("After a run without errors, remove all backups but the newest.", valueName: "number"))
  var keepBackups: Int?

  @Flag(
    help: "Keep the mode of a private key that every user can read. Without it, the new key has mode 0600.")
  var keepMode = false

  func validate() throws {
    if let keepBackups, keepBackups < 1 {
      throw ValidationError("--keep-backups needs a number of at least 1.")
    }
  }
}
