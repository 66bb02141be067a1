import OpenSSLX509
import TestSupport
import Testing

/// Serial numbers: random ones, and those that are met.
struct SerialNumberTests {
  @Test func `random numbers are positive, of 16 octets and never the same`() throws {
    let numbers = try (0..<1000).map { _ in try SerialNumber.random() }
    #expect(numbers.allSatisfy { $0.magnitude.count == 16 && $0.magnitude[0] < 0x80 && !$0.isNegative })
    #expect(Set(numbers).count == 1000)
    // Every bit but the two highest is random: over a thousand numbers each is set sometimes and clear sometimes.
    for bit in 2..<128 {
      let set = numbers.count { $0.magnitude[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 }
      #expect((1..<1000).contains(set), "bit \(bit)")
    }
  }

  @Test(arguments: [
    ("01", "1"), ("7F", "127"), ("80", "128"), ("0100", "256"),
    ("4F3E2D1C0B0A99887766554433221100", "105331849002475377402603851797575635200"),
    ("7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "730750818665451459101842416358141509827966271487"),
    ("00FF", "255"),
    ("8000000000000000000000000000000000000000", "730750818665451459101842416358141509827966271488"),
  ])
  func `a number is the same in a certificate and to openssl, and in decimal digits`(
    digits: String, decimal: String
  )
    async throws
  {
    let number = SerialNumber(magnitude: bytes(digits))
    let certificate = try Certificate.selfSigned(serialNumber: number)
    #expect(certificate.serialNumber == number)
    let shown = try await openssl("x509", "-noout", "-serial", input: certificate.pem())
    #expect(shown == "serial=\(number.description.uppercased())\n")
    #expect(number.decimal == decimal)
  }

  @Test func `zero and negative numbers are read as what they are`() throws {
    #expect(SerialNumber(magnitude: [0, 0]).magnitude.isEmpty)
    #expect(SerialNumber(magnitude: []).decimal == "0" && SerialNumber(magnitude: []).description == "00")
    let negative = SerialNumber(magnitude: [1, 0], isNegative: true)
    #expect(negative.decimal == "-256" && negative.description == "-0100")
    for number in [negative, SerialNumber(magnitude: [])] {
      #expect(try Certificate.selfSigned(serialNumber: number).serialNumber == number)
    }
  }
}
