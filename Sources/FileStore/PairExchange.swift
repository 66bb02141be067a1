internal import OpenSSLX509

/// Replaces a certificate and its key in one step, so that at no moment, and after no crash, one is new and the other old.
///
/// Two files cannot be replaced at once, but their names can be exchanged at once, and every reader of PEM takes the first
/// block of the kind that it looks for and skips the others. So first each file gets a twin that reads as before under its
/// own name and as the new one under the other's: old certificate and new key, old key and new certificate. The exchange
/// makes both new; then the plain new files take their places.
///
/// Both files change their inodes three times in this, so that it is not for files that a process watches
/// (``PairReplacement/renames``).
package struct PairExchange {
  package let certificate: String
  package let key: String

  private var stagedCertificate: String { Journal.stagedPath(certificate) }
  private var stagedKey: String { Journal.stagedPath(key) }
  private var certificateTwin: String { Journal.stagedPath(certificate + ".twin") }
  private var keyTwin: String { Journal.stagedPath(key + ".twin") }

  /// Everything that may lie beside the pair until it is in place.
  package var stagedPaths: [String] { [certificateTwin, keyTwin, stagedCertificate, stagedKey] }

  /// Writes the twins beside the staged pair, so that nothing but names has to change afterwards.
  ///
  /// - Returns: the twins, which the disk may not have yet; none on a file system that cannot exchange names.
  package func prepare() throws(FileError) -> [Unflushed] {
    let twins = [
      try write(try certificates(certificate) + privateKey(stagedKey), to: keyTwin),
      try write(try privateKey(key) + certificates(stagedCertificate), to: certificateTwin),
    ]
    // Each lies where the other belongs: the exchange that mends this is the one that may fail.
    if try FileSystem.exchange(certificateTwin, keyTwin) { return twins }
    for twin in [certificateTwin, keyTwin] { try FileSystem.remove(twin) }
    return []
  }

  /// Puts the staged pair in place, from wherever a run that died has left it.
  ///
  /// - Returns: whether it was one step; some file systems cannot exchange names.
  package func run() throws(FileError) -> Bool {
    for (twin, path) in [(certificateTwin, certificate), (keyTwin, key)]
    where try FileSystem.status(twin) != nil {
      try FileSystem.move(twin, to: path)
    }
    let isWhole = try exchange()
    let moves = [(stagedCertificate, certificate), (stagedKey, key)]
    // Without the exchange, the key goes first: it is the one that cannot be made again.
    for (staged, path) in isWhole ? moves : moves.reversed() where try FileSystem.status(staged) != nil {
      try FileSystem.move(staged, to: path)
    }
    return isWhole
  }

  /// Whether what is in place reads as the new certificate already.
  private func isExchanged() throws(FileError) -> Bool {
    try Self.isSame(certificates(certificate).first, certificates(stagedCertificate).first)
  }

  /// Exchanges the twins.
  ///
  /// - Returns: whether the pair is new, or nothing has to be exchanged for it; otherwise there are no twins.
  private func exchange() throws(FileError) -> Bool {
    guard try FileSystem.status(stagedCertificate) != nil, try FileSystem.status(stagedKey) != nil else {
      return true
    }
    if try isExchanged() { return true }
    // Twins are in place where beside the old certificate stands the new key.
    guard try Self.isSame(privateKey(certificate).first, privateKey(stagedKey).first) else { return false }
    return try FileSystem.exchange(certificate, key)
  }

  private static func isSame(_ one: PEMBlock?, _ other: PEMBlock?) -> Bool {
    guard let one, let other else { return false }
    return one.der.hasSameBytes(as: other.der)
  }

  private func write(_ blocks: [PEMBlock], to twin: String) throws(FileError) -> Unflushed {
    let text: SecretBytes
    do throws(OpenSSLError) {
      text = SecretBytes(joining: try blocks.map { (block) throws(OpenSSLError) in try block.pem() })
    } catch {
      throw .unencodable(path: twin, reason: error.description)
    }
    // Both twins hold a key, so both may be read by those who may read the key.
    let key = try FileSystem.status(stagedKey).map { FileSystem.Predecessor(path: stagedKey, status: $0) }
    return try FileSystem.create(twin, text, mode: key?.status.permissions ?? 0o600, replacing: key)
  }

  private func certificates(_ path: String) throws(FileError) -> [PEMBlock] {
    try blocks(path).filter { $0.label == "CERTIFICATE" }
  }

  private func privateKey(_ path: String) throws(FileError) -> [PEMBlock] {
    Array(try blocks(path).filter(\.isPrivateKey).prefix(1))
  }

  /// The blocks of a file; none where there is no file, or one that no reader of PEM could have used either.
  private func blocks(_ path: String) throws(FileError) -> [PEMBlock] {
    guard try FileSystem.status(path, followingLinks: true) != nil else { return [] }
    return (try? PEMBlock.blocks(in: try FileSystem.read(path))) ?? []
  }
}
