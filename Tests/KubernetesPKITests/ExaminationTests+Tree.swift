import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

extension ExaminationTests {
  static func errors(in tree: MadeTree) throws -> [String] {
    let errors = try #require(throws: PKIErrors.self) { try tree.plan() }
    return errors.errors.map { error in
      guard case .unsound(let finding) = error else { return error.description }
      return "\(finding.code.rawValue): \(finding.message.replacing(tree.directory.path + "/", with: ""))"
    }
  }

  static func validity(_ start: Double, _ end: Double) -> Validity {
    Validity(
      notBefore: MadeTree.instant.addingTimeInterval(start),
      notAfter: MadeTree.instant.addingTimeInterval(end))
  }

  /// The key in SEC1 with another private half beside the same public half.
  static func mangled(_ key: PrivateKey) throws -> SecretBytes {
    var der = try PEMBlock.blocks(in: key.pem())[0].der.copy
    der[20] ^= 1
    let base64 = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return SecretBytes(
      Array("-----BEGIN EC PRIVATE KEY-----\n\(base64)\n-----END EC PRIVATE KEY-----\n".utf8))
  }
}
