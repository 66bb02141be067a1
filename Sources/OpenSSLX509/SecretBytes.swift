internal import COpenSSL

/// Bytes that may hold a private key: cleansed before their memory goes back, and never printed.
///
/// The buffer is allocated once, at its final size, so that growing it leaves no copies behind.
public final class SecretBytes: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  // Sendable: the memory is written only by the initialisers, before anyone else has the object.
  private let memory: UnsafeMutableRawBufferPointer

  /// The number of bytes.
  public var count: Int { memory.count }

  /// A buffer of `count` bytes which `fill` writes; it returns how many of them count.
  ///
  /// - Throws: what `fill` throws; the memory is cleansed then too.
  public init<Failure: Error>(
    capacity: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
    do throws(Failure) {
      let count = try fill(buffer)
      memory = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)])
    } catch {
      OPENSSL_cleanse(buffer.baseAddress, buffer.count)
      buffer.deallocate()
      throw error
    }
  }

  /// A copy of `bytes`.
  public convenience init(_ bytes: some Collection<UInt8>) {
    self.init(capacity: bytes.count) { buffer in
      buffer.copyBytes(from: bytes)
      return bytes.count
    }
  }

  /// The bytes of `parts`, one after the other.
  public convenience init(joining parts: [SecretBytes]) {
    self.init(capacity: parts.reduce(0) { $0 + $1.count }) { buffer in
      var end = 0
      for part in parts {
        part.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: $0) }
        end += part.count
      }
      return end
    }
  }

  deinit {
    OPENSSL_cleanse(memory.baseAddress, memory.count)
    memory.deallocate()
  }

  /// Lends the bytes to `body`.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(memory))
  }

  /// Whether both hold the same bytes, compared in constant time.
  public func hasSameBytes(as other: SecretBytes) -> Bool {
    count == other.count && CRYPTO_memcmp(memory.baseAddress, other.memory.baseAddress, count) == 0
  }

  /// A copy of the bytes, for what has to hold them in an array or a string; it is not cleansed.
  public var copy: [UInt8] { Array(memory) }

  /// The bytes as UTF-8, for what has to hold them in a string, which is not cleansed; `nil` where they are none.
  public var utf8: String? { withUnsafeBytes { String(validating: $0, as: UTF8.self) } }

  /// Says how many bytes there are, not which.
  public var description: String { "\(count) secret bytes" }

  /// Shows no member: a mirror would print the memory's address and length only, but says nothing useful either.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
