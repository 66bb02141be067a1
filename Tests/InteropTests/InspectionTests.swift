import FoundationEssentials
import TestSupport
import Testing

/// What `pkigen inspect` shows of certificates is what openssl shows of them.
@Suite(.timeLimit(.minutes(20)))
struct InspectionTests {
  @Test(arguments: Algorithm.quick)
  func `hashes, serial numbers and times are those of openssl`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    for (path, keyPath) in [
      (tree.certificate("ca"), tree.key("ca")), (tree.certificate("apiserver"), tree.key("apiserver")),
    ] {
      let outcome = try await Pkigen.run("inspect", "-o", "json", path, keyPath)
      let items = try outcome.document(InspectionDocument.self).files.flatMap(\.items)
      try #require(items.count == 2)
      let certificate = try await CertificateText(path)
      #expect(items[0].subject == certificate.subject && items[0].issuer == certificate.issuer)
      #expect(items[0].serialNumber?.uppercased() == certificate.serial)
      #expect(items[0].signatureAlgorithm == certificate.signature)
      #expect(items[0].notAfter == certificate.notAfter.formatted(.iso8601))
      let fingerprint = try await openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256")
      #expect(items[0].sha256 == hexadecimal(fingerprint))
      let identifier = try #require(certificate.extensions["Subject Key Identifier"])
      #expect(items[0].subjectKeyIdentifier == hexadecimal(identifier))
      try await openssl(
        "pkey", "-in", keyPath, "-pubout", "-outform", "DER", "-out", tree.directory.path("spki"))
      let digest = try await openssl("dgst", "-sha256", "-r", tree.directory.path("spki"))
      #expect(items.map { $0.key?.sha256 } == Array(repeating: String(digest.prefix(64)), count: 2))
      #expect(items.map { $0.key?.algorithm } == [algorithm.rawValue, algorithm.rawValue])
    }
  }

  @discardableResult
  private func openssl(_ arguments: String...) async throws -> String {
    let outcome = try await run(Judges.openssl, arguments)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return outcome.stdout
  }

  /// What follows the equals sign, if there is one, without its colons.
  private func hexadecimal(_ text: String) -> String? {
    text.split(separator: "=").last?.lowercased().filter(\.isHexDigit)
  }

}
