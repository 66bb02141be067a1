@testable import FileStore
import FoundationEssentials
import OpenSSLX509
import TestSupport
import Testing

/// A certificate and its key are replaced in one step, from whatever a run that died has left.
struct PairExchangeTests {
  private let directory: TemporaryDirectory
  private let pair: PairExchange
  private let old: (certificate: String, key: String)
  private let new: (certificate: String, key: String)

  /// An old pair in place, and a new one staged.
  init() throws {
    directory = try TemporaryDirectory()
    pair = PairExchange(certificate: directory.path("x.crt"), key: directory.path("x.key"))
    let instant = Date(timeIntervalSince1970: 1_800_000_000)
    func make(_ name: String) throws -> (certificate: String, key: String) {
      let key = try PrivateKey.generate(.ecdsaP256)
      let template = CertificateTemplate(
        serialNumber: try .random(), subject: try DistinguishedName(commonName: name),
        validity: Validity(notBefore: instant, notAfter: instant + 60),
        publicKey: key.publicKey, extensions: [])
      func text(_ bytes: SecretBytes) -> String { String(decoding: bytes.copy, as: UTF8.self) }
      return (text(try template.selfSigned(by: key).pem()), text(try key.pem()))
    }
    old = try make("old")
    new = try make("new")
    // A chain, and what some tools write before an elliptic key.
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    try write(old.certificate + new.certificate, "x.crt", mode: 0o644)
    try write(parameters + old.key, "x.key", mode: 0o640)
    try write(new.certificate + old.certificate, ".x.crt.pkigen-new", mode: 0o644)
    try write(new.key, ".x.key.pkigen-new", mode: 0o640)
  }

  private func write(_ text: String, _ name: String, mode: UInt32) throws {
    _ = try FileSystem.create(directory.path(name), SecretBytes(Array(text.utf8)), mode: mode)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  /// Whether what is in place reads as a pair, and as which.
  private func inPlace() throws -> String {
    let certificate = try Certificate.all(pem: SecretBytes(Array(text("x.crt").utf8)))[0]
    let key = try PrivateKey(pem: SecretBytes(Array(text("x.key").utf8)))
    #expect(try key.isPair(of: certificate.publicKey), "certificate and key are not a pair")
    return certificate.subject.commonName ?? ""
  }

  /// No file that holds a key may ever be read by others.
  private func expectSecrecy() throws {
    for name in try FileSystem.names(in: directory.path) where try text(name).contains("PRIVATE KEY") {
      let status = try #require(try FileSystem.status(directory.path(name)))
      #expect(status.permissions & 0o007 == 0, "\(name)")
    }
  }

  private func expectFinished() throws {
    #expect(try FileSystem.names(in: directory.path) == ["x.crt", "x.key"])
    #expect(try text("x.crt") == new.certificate + old.certificate)
    #expect(try text("x.key") == new.key)
    #expect(try FileSystem.status(directory.path("x.crt"))?.permissions == 0o644)
    #expect(try FileSystem.status(directory.path("x.key"))?.permissions == 0o640)
  }

  @Test(arguments: 0...5)
  func `a run that died anywhere has left a pair, and is finished`(steps: Int) throws {
    _ = try pair.prepare()
    #expect(try inPlace() == "old")
    try expectSecrecy()
    let moves: [() throws -> Void] = [
      { try FileSystem.move(directory.path(".x.crt.twin.pkigen-new"), to: pair.certificate) },
      { try FileSystem.move(directory.path(".x.key.twin.pkigen-new"), to: pair.key) },
      {
        let isExchanged = try FileSystem.exchange(pair.certificate, pair.key)
        #expect(isExchanged)
      },
      { try FileSystem.move(directory.path(".x.crt.pkigen-new"), to: pair.certificate) },
      { try FileSystem.move(directory.path(".x.key.pkigen-new"), to: pair.key) },
    ]
    for (index, move) in moves.prefix(steps).enumerated() {
      try move()
      #expect(try inPlace() == (index < 2 ? "old" : "new"))
      try expectSecrecy()
    }
    #expect(try pair.run())
    try expectFinished()
    #expect(try pair.run())
    try expectFinished()
  }

  @Test func `where names cannot be exchanged, the key goes first, and the run says so`() throws {
    // No twins: what `prepare` leaves on such a file system.
    #expect(try !pair.run())
    try expectFinished()
  }

  @Test(arguments: ["x.key", "x.crt"])
  func `a half that is missing is put there`(name: String) throws {
    try FileSystem.remove(directory.path(name))
    _ = try pair.prepare()
    _ = try pair.run()
    #expect(try inPlace() == "new")
    #expect(try FileSystem.names(in: directory.path) == ["x.crt", "x.key"])
  }

  @Test func `a torn half is replaced`() throws {
    try FileSystem.remove(pair.certificate)
    try write("-----BEGIN CERTIFICATE-----\nMIIB", "x.crt", mode: 0o644)
    _ = try pair.prepare()
    #expect(try pair.run())
    try expectFinished()
  }
}
