import FoundationEssentials
import TestSupport
import Testing

/// A certificate as `openssl x509` prints it.
struct CertificateText {
  /// Hexadecimal.
  let serial: String
  let subject: String
  let issuer: String
  let notBefore: Date
  let notAfter: Date
  let version: String
  let signature: String
  /// Title without "X509v3", with ": critical" where it is, and content.
  let extensions: [String: String]

  init(_ path: String) async throws {
    let omitted = [
      "no_header", "no_serial", "no_validity", "no_subject", "no_issuer", "no_pubkey", "no_sigdump", "no_aux",
    ]
    let outcome = try await run(
      Judges.openssl,
      [
        "x509", "-in", path, "-noout", "-serial", "-subject", "-issuer", "-nameopt", "oneline", "-dates",
        "-dateopt", "iso_8601", "-text", "-certopt", omitted.joined(separator: ","),
      ])
    try #require(outcome.status == 0, "\(path): \(outcome.stderr)")
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    func field(_ name: String) throws -> String {
      let line = try #require(lines.first { $0.trimmed.hasPrefix(name) }, "\(path) has no \(name)")
      return String(line.trimmed.dropFirst(name.count))
    }
    serial = try field("serial=")
    subject = try field("subject=")
    issuer = try field("issuer=")
    notBefore = try Self.date(field("notBefore="))
    notAfter = try Self.date(field("notAfter="))
    version = try field("Version: ")
    signature = try field("Signature Algorithm: ")
    extensions = Self.extensions(lines)
  }

  private static func date(_ text: String) throws -> Date {
    try Date(text.replacing(" ", with: "T"), strategy: .iso8601)
  }

  /// Titles stand at twelve spaces, contents below them at sixteen.
  private static func extensions(_ lines: [String]) -> [String: String] {
    var extensions: [String: String] = [:]
    var title = ""
    for line in lines.drop(while: { $0.trimmed != "X509v3 extensions:" }).dropFirst() {
      if line.hasPrefix("                ") {
        extensions[title, default: ""] += line.trimmed
      } else {
        title = line.trimmed.replacing("X509v3 ", with: "")
        if title.hasSuffix(":") { title.removeLast() }
        extensions[title] = ""
      }
    }
    return extensions
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
