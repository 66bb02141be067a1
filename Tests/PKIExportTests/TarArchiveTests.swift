import OpenSSLX509
import PKIExport
import Testing

/// The archive's bytes.
struct TarArchiveTests {
  private func member(_ path: String, _ count: Int?) -> TarArchive.Member {
    TarArchive.Member(
      path: path, mode: 0o600, modified: 1_800_000_000,
      content: count.map { SecretBytes([UInt8](repeating: 0x61, count: $0)) })
  }

  @Test func `an archive does not depend on the order of its members`() {
    let members = [member("b", 3), member("a", nil), member("a/c", 600)]
    let archive = TarArchive.archive(members)
    #expect(archive.hasSameBytes(as: TarArchive.archive(members.reversed())))
    #expect(archive.count == 512 * (2 + 1 + 3 + 2))
  }

  @Test(arguments: [(0, 0), (1, 1), (512, 1), (513, 2)])
  func `contents are filled up to whole blocks`(count: Int, blocks: Int) {
    #expect(TarArchive.archive([member("a", count)]).count == 512 * (1 + blocks + 2))
  }
}

/// The key of `kubeadm-certs`.
struct CertificateKeyTests {
  @Test func `a key is read as it was written`() throws {
    let key = try CertificateKey.generate()
    let read = try #require(CertificateKey(hexadecimal: key.hexadecimal))
    #expect(read.hexadecimal.hasSameBytes(as: key.hexadecimal))
    #expect(try !CertificateKey.generate().hexadecimal.hasSameBytes(as: key.hexadecimal))
  }

  @Test(arguments: [
    "", "\n", String(repeating: "a", count: 63), String(repeating: "a", count: 65),
    String(repeating: "a", count: 63) + "g", " " + String(repeating: "a", count: 63),
    String(repeating: "a", count: 32),
  ])
  func `anything but 64 digits is no key`(text: String) {
    #expect(CertificateKey(hexadecimal: SecretBytes(text.utf8)) == nil)
  }

  @Test func `AES-256-GCM takes keys of 32 bytes only`() throws {
    #expect(throws: OpenSSLError.self) {
      try AESGCM.seal(SecretBytes([1]), with: SecretBytes([UInt8](repeating: 0, count: 16)))
    }
  }
}
