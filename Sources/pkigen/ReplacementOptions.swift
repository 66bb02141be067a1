import ArgumentParser

/// What becomes of files that are replaced.
struct ReplacementOptions: ParsableArguments {
  @Flag(help: "Make no backup of what is replaced.")
  var noBackup = false

  @Option(
    help: ArgumentHelp("Remove older backups after a run without errors.", valueName: "number"))
  var keepBackups: Int?

  @Flag(help: "Keep the mode of a key that every user can read.")
  var keepMode = false

  func validate() throws {
    if let keepBackups, keepBackups < 1 {
      throw ValidationError("--keep-backups needs a number of at least 1.")
    }
  }
}

/// Whether another CA may sign than the one that signed what is there.
struct NewCAOptions: ParsableArguments {
  @Flag(name: .customLong("allow-new-ca"), help: "Let another CA sign than the one that signed before.")
  var allowsNewCA = false
}
