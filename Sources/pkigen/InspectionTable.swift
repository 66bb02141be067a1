import KubernetesPKI
import PKIInspection
import StructuredText

/// The certificates of many files, for people: a line for each.
struct InspectionTable {
  /// The table, with a newline at its end.
  let text: String

  /// The table of the files below a directory, coloured for a terminal or not.
  init(_ files: [FileDescription], inColour: Bool) {
    let rows = files.flatMap { file in file.certificates.map { Self.row(file.path, $0) } }
    text = TextTable(header: ["FILE", "SUBJECT", "VALID UNTIL", "STATE"], rows: rows).text(inColour: inColour)
  }

  private static func row(_ path: String, _ certificate: CertificateDescription) -> TextTable.Row {
    let isValid = certificate.state == .valid
    let state = isValid ? "\(certificate.residualTime) left" : certificate.state.rawValue
    let cells = [path, certificate.summary.subject, certificate.summary.notAfter, state]
    return TextTable.Row(cells: cells.map(\.printable), colour: isValid ? nil : TextTable.red)
  }
}
