import ArgumentParser
import PKIExport

/// `pkigen export k0s`.
struct ExportK0s: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "k0s",
    abstract: "Write the CAs and the service-account key as k0s reads them, in a tar archive.",
    discussion: """
      Unpack the archive on each controller before its first start: k0s keeps the \
      eight files that it finds, gives them to its users, and makes all other \
      certificates from them.

      EXAMPLES
        pkigen export k0s -d out --out k0s.tar
        tar -xpf k0s.tar -C /var/lib/k0s
      """)

  @OptionGroup var export: ExportOptions

  func run() throws {
    try export.write(TarArchive.archive(try export.source().k0sFiles()))
  }
}
