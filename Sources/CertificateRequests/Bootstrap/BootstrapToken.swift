internal import FileStore
internal import Glibc
package import KubernetesPKI
internal import OpenSSLX509

/// A token with which a machine that has no certificate yet asks the API server for one.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/>.
package struct BootstrapToken: Sendable, Hashable, CustomStringConvertible {
  /// The token, which is a secret.
  package let text: String

  /// The file that it was read from.
  package let origin: Setting?

  /// The public half of a token that a Secret can hold, `abcdef` of `abcdef.0123456789abcdef`; else `nil`.
  package var id: String? { Self.isBootstrapForm(text) ? String(text.prefix(6)) : nil }

  /// The private half of such a token.
  package var secret: String? { Self.isBootstrapForm(text) ? String(text.suffix(16)) : nil }

  /// A text without the token.
  package var description: String { "a bootstrap token" }

  /// A new token of the form `abcdef.0123456789abcdef`.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when there are no random bytes.
  package static func generate() throws(PKIError) -> BootstrapToken {
    try generate { (count) throws(OpenSSLError) in try RandomBytes.generate(count) }
  }

  /// A new token of 128 random bits, for a static token file, which nothing expires.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when there are no random bytes.
  package static func generateStatic() throws(PKIError) -> BootstrapToken {
    do throws(OpenSSLError) {
      return BootstrapToken(text: try RandomBytes.generate(16).hexadecimal)
    } catch {
      throw .cryptography(subject: "the token", reason: error.description)
    }
  }

  static func generate(
    _ makeBytes: (Int) throws(OpenSSLError) -> [UInt8]
  ) throws(PKIError) -> BootstrapToken {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    // Bytes above the last multiple of 36 would make the first letters likelier than the rest.
    let limit = 256 / alphabet.count * alphabet.count
    var characters: [Character] = []
    do throws(OpenSSLError) {
      while characters.count < 22 {
        for byte in try makeBytes(32) where byte < limit && characters.count < 22 {
          characters.append(alphabet[Int(byte) % alphabet.count])
        }
      }
    } catch {
      throw .cryptography(subject: "the token", reason: error.description)
    }
    return BootstrapToken(text: String(characters.prefix(6)) + "." + String(characters.suffix(16)))
  }

  private init(text: String, origin: Setting? = nil) {
    self.text = text
    self.origin = origin
  }

  /// The error that the token has this problem; it does not print the token.
  package func invalid(_ problem: String, hint: String) -> PKIError {
    (origin ?? Setting("", from: .value("token-file"))).invalid(problem, hint: hint)
  }
}

extension BootstrapToken {
  /// The token in a file that holds nothing else, or that is a static token file of one line.
  ///
  /// - Parameter file: its path; `-` for standard input.
  /// - Throws: ``PKIError/unsound(_:)`` when it holds no token, or what the operating system refuses.
  package init(reading file: Setting) throws(PKIError) {
    let path = file.text
    let lines = String(decoding: try files(FileSystem.readStream(path)).copy, as: UTF8.self)
      .split(whereSeparator: \.isNewline).map { $0.filter { $0 != " " && $0 != "\t" } }.filter { !$0.isEmpty }
    let text = lines.first.map { String($0.prefix { $0 != "," }) } ?? ""
    guard lines.count == 1, text.utf8.allSatisfy(Self.isAllowed), text.utf8.count >= 16 else {
      let name = path == "-" ? "standard input" : path
      throw .unsound(
        Finding(
          .malformedFile, [name], "\(name) does not hold one token and nothing else",
          .advice("make one with: pkigen bootstrap token --out FILE")))
    }
    self.init(text: text, origin: file)
  }

  /// Whether so many characters of its kinds can come from 128 random bits.
  package var canHave128Bits: Bool {
    let kinds: [(size: Double, has: Bool)] = [
      (6, text.utf8.contains { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }),
      (20, text.utf8.contains { (UInt8(ascii: "g")...UInt8(ascii: "z")).contains($0) }),
      (26, text.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }),
      (10, text.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      (2, text.utf8.contains { "-_".utf8.contains($0) }),
    ]
    let alphabet = kinds.filter(\.has).map(\.size).reduce(0, +)
    // A dot or padding is where its form puts it.
    let count = Double(text.utf8.count { !".=".utf8.contains($0) })
    return alphabet > 1 && count * log2(alphabet) >= 128
  }

  /// What may be in the token of an HTTP header, RFC 6750 section 2.1.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~+/=".utf8.contains(byte)
  }

  private static func isBootstrapForm(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.map(\.count) == [6, 16]
      && parts.joined().allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
  }
}
