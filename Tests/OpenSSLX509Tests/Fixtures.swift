import FoundationEssentials
import OpenSSLX509

/// The instant that RFC 3339 writes so.
func instant(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

/// A PEM text of one block.
func pem(_ label: String, _ der: [UInt8]) -> SecretBytes {
  let base64 = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
  return SecretBytes(text: "-----BEGIN \(label)-----\n\(base64)\n-----END \(label)-----\n")
}

/// The bytes that these hexadecimal digits write.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue).map(UInt8.init)
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// The general name of an address; of a text that is none, one that nothing else equals.
func address(_ text: String) -> GeneralName { IPAddress(text).map { .ipAddress($0) } ?? .other([]) }

/// A value in DER of less than 64 KiB: its identifier octet and its content.
func der(_ tag: UInt8, _ content: [UInt8]...) -> [UInt8] {
  let content = content.flatMap(\.self)
  let length: [UInt8] =
    switch content.count {
    case ..<0x80: [UInt8(content.count)]
    case ..<0x100: [0x81, UInt8(content.count)]
    default: [0x82, UInt8(content.count >> 8), UInt8(content.count & 0xff)]
    }
  return [tag] + length + content
}
