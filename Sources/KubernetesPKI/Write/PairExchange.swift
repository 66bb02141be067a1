internal import OpenSSLX509

/// Replaces a certificate and its key in one step, so that at no moment, and after no crash, one is new and the other old.
///
/// Two files cannot be replaced at once, but their names can be exchanged at once, and every reader of PEM takes the first
/// block of the kind that it looks for and skips the others. So first each file gets a twin that reads as before under its
/// own name and as the new one under the other's: old certificate and new key, old key and new certificate. The exchange
/// makes both new; then the plain new files take their places.
struct PairExchange {
  let certificate: String
  let key: String

  private var stagedCertificate: String { Journal.stagedPath(certificate) }
  private var stagedKey: String { Journal.stagedPath(key) }

  /// Puts the staged pair in place, from wherever a run that died has left it.
  ///
  /// - Returns: whether it was one step; some file systems cannot exchange names.
  func run() throws(PKIError) -> Bool {
    var isExact = true
    if try FileSystem.status(stagedCertificate) != nil {
      if try FileSystem.status(stagedKey) != nil, try !isExchanged() {
        isExact = try exchange()
        // Without the exchange, the key goes first: it is the one that cannot be made again.
        if !isExact { try FileSystem.move(stagedKey, to: key) }
      }
      try FileSystem.move(stagedCertificate, to: certificate)
    }
    if try FileSystem.status(stagedKey) != nil { try FileSystem.move(stagedKey, to: key) }
    return isExact
  }

  /// Whether what is in place reads as the new certificate already.
  private func isExchanged() throws(PKIError) -> Bool {
    let (current, new) = (try certificates(certificate), try certificates(stagedCertificate))
    guard let current = current.first, let new = new.first else { return false }
    return current.der.hasSameBytes(as: new.der)
  }

  private func exchange() throws(PKIError) -> Bool {
    let twins = (Journal.stagedPath(certificate + ".twin"), Journal.stagedPath(key + ".twin"))
    for twin in [twins.0, twins.1] { try FileSystem.remove(twin) }
    try write(try certificates(certificate) + privateKey(stagedKey), to: twins.1)
    try write(try privateKey(key) + certificates(stagedCertificate), to: twins.0)
    // The first exchange, of the twins, is the one that may fail.
    guard try FileSystem.exchange(twins.0, twins.1) else {
      for twin in [twins.0, twins.1] { try FileSystem.remove(twin) }
      return false
    }
    try FileSystem.move(twins.0, to: certificate)
    try FileSystem.move(twins.1, to: key)
    return try FileSystem.exchange(certificate, key)
  }

  private func write(_ blocks: [PEMBlock], to twin: String) throws(PKIError) {
    var text: [UInt8] = []
    do throws(OpenSSLError) {
      for block in blocks { text += try block.pem().copy }
    } catch {
      throw .cryptography(subject: twin, reason: error.description)
    }
    // Both twins hold a key, so both are what the key is.
    let owner = try FileSystem.status(stagedKey)
    try FileSystem.create(twin, SecretBytes(text), mode: 0o600, owner: owner)
  }

  private func certificates(_ path: String) throws(PKIError) -> [PEMBlock] {
    try blocks(path).filter { $0.label == "CERTIFICATE" }
  }

  private func privateKey(_ path: String) throws(PKIError) -> [PEMBlock] {
    Array(try blocks(path).filter(\.isPrivateKey).prefix(1))
  }

  /// The blocks of a file; none where there is no file, or one that no reader of PEM could have used either.
  private func blocks(_ path: String) throws(PKIError) -> [PEMBlock] {
    guard try FileSystem.status(path, followingLinks: true) != nil else { return [] }
    return (try? PEMBlock.blocks(in: try FileSystem.read(path))) ?? []
  }
}
