internal import COpenSSL

/// A big number that may be secret: in OpenSSL's secure heap, flagged for constant time, and cleansed when it is freed.
final class BigNumber {
  let pointer: OpaquePointer

  /// Zero.
  init() throws(OpenSSLError) {
    SecureHeap.prepare()
    pointer = try owned("allocate memory") { BN_secure_new() }
    BN_set_flags(pointer, BN_FLG_CONSTTIME)
  }

  /// A number of one machine word.
  convenience init(word: UInt) throws(OpenSSLError) {
    try self.init()
    try checked("compute") { BN_set_word(pointer, word) }
  }

  deinit { BN_clear_free(pointer) }

  /// The number that `compute` puts into a new one.
  static func result(_ compute: (OpaquePointer) -> Int32) throws(OpenSSLError) -> BigNumber {
    let number = try BigNumber()
    try checked("compute") { compute(number.pointer) }
    return number
  }

  /// The number of bits, without leading zeros.
  var bitCount: Int { Int(BN_num_bits(pointer)) }

  /// Whether the bit of this weight is set.
  func hasBit(_ index: Int) -> Bool { BN_is_bit_set(pointer, Int32(clamping: index)) == 1 }

  /// The number less one.
  func predecessor() throws(OpenSSLError) -> BigNumber {
    let one = try BigNumber(word: 1)
    return try .result { BN_sub($0, pointer, one.pointer) }
  }
}

/// OpenSSL's heap for secrets: locked into memory where the system lets us, and left out of core dumps.
enum SecureHeap {
  private static let isReady: Bool = {
    OpenSSLLibrary.start()
    // What a run of all cores has in hand at once takes some hundred kilobytes; keys that live on are not kept here.
    return CRYPTO_secure_malloc_initialized() == 1 || CRYPTO_secure_malloc_init(1 << 20, 32) != 0
  }()

  /// Sets the heap up once. Where that fails, OpenSSL takes its ordinary heap, and cleanses all the same.
  static func prepare() { _ = isReady }
}

/// Scratch numbers for OpenSSL's arithmetic, in the secure heap.
final class BigNumberContext {
  let pointer: OpaquePointer
  /// Whether the random numbers follow from a seed.
  let isSeeded: Bool

  /// - Parameter library: whose random numbers the arithmetic takes; `nil` for OpenSSL's own.
  init(randomFrom library: SeededLibrary?) throws(OpenSSLError) {
    SecureHeap.prepare()
    isSeeded = library != nil
    pointer = try owned("allocate memory") { BN_CTX_secure_new_ex(library?.pointer) }
  }

  deinit { BN_CTX_free(pointer) }
}
