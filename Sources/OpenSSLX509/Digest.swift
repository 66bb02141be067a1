internal import COpenSSL

/// Message digests.
public enum Digest {
  /// The SHA-256 of `bytes`, 32 bytes.
  ///
  /// - Throws: ``OpenSSLError`` when the library does not offer it.
  public static func sha256(_ bytes: some Collection<UInt8>) throws(OpenSSLError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    let contiguous = ContiguousArray(bytes)
    try checked("hash with SHA-256") {
      contiguous.withUnsafeBytes { EVP_Digest($0.baseAddress, $0.count, &digest, nil, EVP_sha256(), nil) }
    }
    return digest
  }
}

extension Collection where Element == UInt8 {
  /// The bytes in lower-case hexadecimal, two digits each.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
