import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import Testing

/// Attributes of names in JSON.
struct AttributeDescriptionTests {
  /// `CN` with the text `#0304`, and `OU` with a BIT STRING.
  static let name: [UInt8] =
    [0x30, 0x1f, 0x31, 0x0e, 0x30, 0x0c, 6, 3, 0x55, 4, 3, 0x0c, 5] + Array("#0304".utf8)
    + [0x31, 0x0d, 0x30, 0x0b, 6, 3, 0x55, 4, 0x0b, 3, 4, 0, 0xca, 0xfe, 0x01]

  @Test func `a value that is no text cannot be taken for one`() throws {
    let attributes = try DistinguishedName(der: Self.name).attributeDescriptions
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      String(decoding: try encoder.encode(attributes), as: UTF8.self)
        == ##"[{"type":"CN","value":"#0304"},{"der":"030400cafe01","type":"OU"}]"##)
  }
}
