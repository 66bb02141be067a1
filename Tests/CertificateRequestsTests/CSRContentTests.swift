@testable import CertificateRequests
import OpenSSLX509
import PKITestSupport
import Testing

/// What no signer and no policy can make good.
struct CSRContentTests {
  /// A request of every part that there is.
  private func der() throws -> [UInt8] {
    try CSRFixture(
      organizations: ["dev"], names: [.dnsName("a.example.com"), address("10.0.0.1")],
      keyUsage: .digitalSignature, purposes: [.clientAuth]
    ).made().request.der
  }

  /// Whether these bytes are a CSR that may be granted.
  private func isSound(_ der: some Collection<UInt8>) -> Bool {
    guard let request = try? CertificateRequest(der: der) else { return false }
    return CSRExamination(CertificateSigningRequest(request, origin: "test.csr", fileName: "test"))
      .ownDenials(droppingAttributes: false).isEmpty
  }

  @Test func `no byte can be changed, left out or added`() throws {
    let der = try der()
    try #require(isSound(der))
    for index in der.indices {
      for change: UInt8 in [0x01, 0x20, 0x80, 0xff] {
        var changed = der
        changed[index] ^= change
        #expect(!isSound(changed), "byte \(index), changed by \(change)")
      }
      #expect(!isSound(der.prefix(index)), "\(index) bytes")
      #expect(!isSound(der[..<index] + der[(index + 1)...]), "without byte \(index)")
      #expect(!isSound(der[..<index] + [0] + der[index...]), "with a byte before \(index)")
    }
  }
}
