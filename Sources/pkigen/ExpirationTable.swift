import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// The two tables of `kubeadm certs check-expiration`, with a further column that shows how much life is left.
struct ExpirationTable {
  typealias Row = TextTable.Row

  /// The tables, with a newline at their end.
  let text: String

  /// The tables of a report, coloured for a terminal or not.
  init(_ report: ExpirationReport, inColour: Bool) {
    let certificates = report.certificates.flatMap { entry in
      Self.rows(entry, [entry.ca ?? "", entry.isExternallyManaged ? "yes" : "no"])
    }
    let cas = report.certificateAuthorities.flatMap { entry in
      Self.rows(entry, [entry.isExternallyManaged ? "yes" : "no"])
    }
    let columns = ["EXPIRES", "RESIDUAL TIME", "CERTIFICATE AUTHORITY", "EXTERNALLY MANAGED", "LIFE LEFT"]
    let tables = [
      TextTable(header: ["CERTIFICATE"] + columns, rows: certificates),
      TextTable(
        header: ["CERTIFICATE AUTHORITY"] + columns.filter { $0 != "CERTIFICATE AUTHORITY" }, rows: cas),
    ]
    text = tables.map { $0.text(inColour: inColour) }.joined(separator: "\n")
  }

  /// The row of an entry, and one for each certificate that belongs to it besides, with what each does.
  ///
  /// - Parameter management: the cells between the residual time and the life that is left.
  static func rows(_ entry: ExpirationReport.Entry, _ management: [String]) -> [Row] {
    guard let notAfter = entry.notAfter, let residualTime = entry.residualTime, let life = entry.remainingLife
    else {
      return [Row(cells: ["!\(entry.state.rawValue.uppercased())! \(entry.name)"], colour: TextTable.red)]
    }
    let role = entry.others.isEmpty ? nil : entry.role
    let own = [entry.name, kubeadmDate(notAfter), residualTime.description] + management
    return [row(own, life, entry.state, role)]
      + entry.others.map { other in
        let cells = [
          entry.name, kubeadmDate(other.certificate.validity.notAfter), other.residualTime.description,
        ]
        return row(cells + management, other.remainingLife, other.state, other.role)
      }
  }

  private static func row(
    _ cells: [String], _ life: Double, _ state: ExpirationReport.State,
    _ role: ExpirationReport.CertificateRole?
  ) -> Row {
    let percentage = "\(Int(life * 100))%"
    let (rest, colour): (String, Int?) =
      switch state {
      case .valid: (percentage, life < shortLife ? TextTable.yellow : nil)
      case .expiring: ("\(percentage), expiring", TextTable.yellow)
      default: (state.rawValue, TextTable.red)
      }
    let role = role.map { " (\($0.rawValue))" } ?? ""
    return Row(cells: [cells[0] + role] + cells.dropFirst() + ["\(bar(life)) \(rest)"], colour: colour)
  }

  /// Below this part of its life a certificate is worth a glance: a kubelet renews its own when a tenth to three tenths are
  /// left.
  private static let shortLife = 0.2

  /// How much life is left, in ten steps; a step that is begun counts, so that only nothing looks like nothing.
  private static func bar(_ life: Double) -> String {
    let filled = Int((life * 10).rounded(.up))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: 10 - filled) + "]"
  }

  /// The instant as kubeadm writes it: `Nov 23, 2026 05:02 UTC`.
  static func kubeadmDate(_ date: Date) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let fields = date.rfc3339.split { "-T:Z".contains($0) }
    guard fields.count == 6, let month = Int(fields[1]), months.indices.contains(month - 1) else {
      return date.rfc3339
    }
    return "\(months[month - 1]) \(fields[2]), \(fields[0]) \(fields[3]):\(fields[4]) UTC"
  }
}
