import FoundationEssentials
import TestSupport
import Testing

/// Trees made with nothing but openssl, by the script that pkigen is measured against.
enum OpenSSLTree: CaseIterable {
  /// As the script makes them.
  case asScripted
  /// As documentation has it: keys in PKCS#8, names in UTF8String, no authority key identifiers.
  case asDocumented

  /// Makes the tree.
  ///
  /// - Parameter clock: a program, with its arguments, that runs others at another time.
  func make(_ clock: [String] = []) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let script = directory.path("openssl-tree.sh")
    var source = try text(of: Judges.repository + "/bench/openssl-tree.sh")
    if self == .asDocumented {
      let changes = [
        ("string_mask = default", "string_mask = utf8only"), ("authorityKeyIdentifier = keyid:always", ""),
        (
          "make_key=(openssl ecparam -name prime256v1 -genkey -noout -out KEY)",
          "make_key=(openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY)"
        ),
      ]
      for (old, new) in changes {
        try #require(source.contains(old), "the script no longer has \(old)")
        source = source.replacing(old, with: new)
      }
    }
    try source.write(toFile: script, atomically: true, encoding: .utf8)
    let outcome = try await run("env", clock + ["bash", script, directory.path, "ecdsa-p256"])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return directory
  }
}
