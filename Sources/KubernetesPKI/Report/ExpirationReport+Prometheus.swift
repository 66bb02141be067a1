internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

// The metrics of <https://github.com/enix/x509-certificate-exporter>, version 4, so that dashboards and alerts made for it
// work, in the text format of <https://prometheus.io/docs/instrumenting/exposition_formats/>.

extension ExpirationReport {
  /// The metrics of every certificate that was found, chains and the CAs in kubeconfigs too, and an error for every
  /// place where one is missing or cannot be read.
  public var prometheusText: String { ExpirationMetrics.text([ExpirationMetrics(self)]) }
}

/// The metrics of one tree, with labels that tell it from others.
package struct ExpirationMetrics: Sendable {
  /// A gauge: its help is that of the exporter, as one process may read both and must find no contradiction.
  private enum Metric: String, CaseIterable {
    case error = "x509_cert_error"
    case expired = "x509_cert_expired"
    case expiresIn = "x509_cert_expires_in_seconds"
    case notAfter = "x509_cert_not_after"
    case notBefore = "x509_cert_not_before"

    var help: String {
      switch self {
      case .error: "1 if the corresponding bundle item failed to parse, 0 otherwise."
      case .expired: "1 if the certificate is expired, 0 otherwise."
      case .expiresIn: "Seconds until the certificate's NotAfter."
      case .notAfter: "Unix timestamp of the certificate's NotAfter."
      case .notBefore: "Unix timestamp of the certificate's NotBefore."
      }
    }

    /// The value for a certificate that was read, or for a place where none could be.
    func value(_ certificate: Certificate?, at instant: Date) -> Int? {
      guard let validity = certificate?.validity else { return self == .error ? 1 : nil }
      return switch self {
      case .error: 0
      case .expired: instant > validity.notAfter ? 1 : 0
      case .expiresIn: ResidualTime(from: instant, to: validity.notAfter).seconds
      case .notAfter: Int(validity.notAfter.timeIntervalSince1970)
      case .notBefore: Int(validity.notBefore.timeIntervalSince1970)
      }
    }
  }

  /// The lines of each metric, in the order of all metrics.
  private let lines: [String]
  /// The lines of a run that has ended before its time.
  private let unfinished: String

  /// The metrics of a report.
  ///
  /// - Parameter labels: which tree it is; every sample has them.
  package init(_ report: ExpirationReport, labels: [(name: String, value: String)] = []) {
    lines = Metric.allCases.map { metric in
      var seen: Set<String> = []
      return report.entries.flatMap { $0.samples(labels) { metric.value($0, at: $1) } }
        // Prometheus refuses all of a text in which a series stands twice, as a CA that is twice in a file would.
        .filter { seen.insert($0.labels).inserted }
        .map { "\(metric.rawValue){\($0.labels)} \($0.value)\n" }.joined()
    }
    unfinished = Self.unfinished(report, labels)
  }

  /// The text that node_exporter reads, of one tree or several.
  package static func text(_ trees: [ExpirationMetrics]) -> String {
    zip(Metric.allCases, Metric.allCases.indices).map { metric, index in
      text(metric.rawValue, metric.help, trees.map { $0.lines[index] }.joined())
    }.joined()
      + text(
        unfinishedName, "1 for each file that a run of pkigen was to replace, and has not.",
        trees.map(\.unfinished).joined())
  }

  private static func text(_ name: String, _ help: String, _ lines: String) -> String {
    lines.isEmpty ? "" : "# HELP \(name) \(help)\n# TYPE \(name) gauge\n" + lines
  }

  private static let unfinishedName = "pkigen_unfinished_run"

  /// The metric of a run that has ended before its time: a line for each file that it was to replace.
  private static func unfinished(
    _ report: ExpirationReport, _ labels: [(name: String, value: String)]
  ) -> String {
    guard let unfinishedRun = report.unfinishedRun else { return "" }
    let lines = unfinishedRun.paths.map { path in
      let place = [("filename", Path.name(of: path)), ("filepath", path)]
      return "\(unfinishedName){\(ExpirationReport.Entry.text(labels + place))} 1\n"
    }
    let own = labels.isEmpty ? "" : "{\(ExpirationReport.Entry.text(labels))}"
    return lines.isEmpty ? "\(unfinishedName)\(own) 1\n" : lines.joined()
  }
}

extension ExpirationReport.Entry {
  /// One sample for each certificate of the entry, and for each place without any.
  fileprivate func samples(
    _ tree: [(name: String, value: String)], _ value: (Certificate?, Date) -> Int?
  ) -> [(labels: String, value: Int)] {
    contents.flatMap { content in
      let place = tree + placeLabels(content)
      guard !content.certificates.isEmpty else {
        return value(nil, instant).map { [(Self.text(place), $0)] } ?? []
      }
      return Self.labeled(content.certificates, place).compactMap { labels, certificate in
        value(certificate, instant).map { (labels, $0) }
      }
    }
  }

  /// Certificates by their labels, in order: of several with the same names and the same number, the one that expires first.
  private static func labeled(
    _ certificates: [Certificate], _ place: [(name: String, value: String)]
  ) -> [(labels: String, certificate: Certificate)] {
    let labeled = certificates.map { (labels: text(place + labels($0)), certificate: $0) }
    let ends = Dictionary(
      labeled.map { ($0.labels, $0.certificate.validity.notAfter) }, uniquingKeysWith: min)
    return labeled.filter { ends[$0.labels] == $0.certificate.validity.notAfter }
  }

  private func placeLabels(_ content: ExpirationReport.Content) -> [(name: String, value: String)] {
    let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    let embedding =
      content.embedding.map { [("embedded_kind", $0.kind.rawValue), ("embedded_key", $0.name)] } ?? []
    return [("filename", name), ("filepath", path)] + embedding
  }

  private static func labels(_ certificate: Certificate) -> [(name: String, value: String)] {
    let attributes = [
      ("C", "2.5.4.6"), ("ST", "2.5.4.8"), ("L", "2.5.4.7"), ("O", "2.5.4.10"), ("OU", "2.5.4.11"),
      ("CN", "2.5.4.3"),
    ]
    let names = [("issuer", certificate.issuer), ("subject", certificate.subject)].flatMap { prefix, name in
      attributes.compactMap { short, type in name.values(of: type).first.map { ("\(prefix)_\(short)", $0) } }
    }
    return names + [("serial_number", certificate.serialNumber.decimal)]
  }

  /// The labels sorted, without those that are empty, which to Prometheus are not there.
  fileprivate static func text(_ labels: [(name: String, value: String)]) -> String {
    labels.filter { !$0.value.isEmpty }.sorted { $0.name < $1.name }
      .map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
  }

  private static func escaped(_ value: String) -> String {
    value.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      default: String(scalar)
      }
    }.joined()
  }
}
