import ArgumentParser
import KubernetesPKI
import PKIExport

/// `pkigen export tar`.
struct ExportTar: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tar",
    abstract: "Write all files of a PKI as a tar archive.",
    discussion: """
      The archive has the files of the PKI and their modes as in /etc/kubernetes, \
      sorted, owned by 0:0; not backups, nor files that are not of the PKI. The \
      same PKI is the same archive.

      EXAMPLES
        pkigen export tar --out - | age -r age1… > pki.tar.age
        age -d -i key.txt pki.tar.age | tar -xp -C /etc/kubernetes
      """)

  @OptionGroup var export: ExportOptions

  func run() throws {
    let source = try export.source()
    try export.write(TarArchive.archive(TreeArchive.members(of: source.tree.location)))
  }
}
