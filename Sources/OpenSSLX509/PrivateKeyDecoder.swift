internal import COpenSSL
internal import Synchronization

/// Decodes private keys: PKCS#1, RFC 8017 A.1.2, SEC1, RFC 5915, or PKCS#8, RFC 5208; whichever of these one is.
///
/// `d2i_AutoPrivateKey` makes a decoder for each key, which takes OpenSSL 3.0 several times as long as decoding. Here a run
/// makes one of each form.
final class PrivateKeyDecoder: @unchecked Sendable {
  // Sendable: a context decodes one key at a time, which `turn` sees to.
  private let turn = Mutex(())
  private let context: OpaquePointer
  /// Where the context puts the key that it decodes.
  private let result: UnsafeMutablePointer<OpaquePointer?>

  private static let forms = [specific, information].map { form in
    Result { () throws(OpenSSLError) in try PrivateKeyDecoder(of: form) }
  }

  // The context keeps the pointers that it is given, so these have to stay where they are.
  private static let encoding: StaticString = "DER"
  private static let specific: StaticString = "type-specific"
  private static let information: StaticString = "PrivateKeyInfo"

  private init(of form: StaticString) throws(OpenSSLError) {
    func characters(_ text: StaticString) -> UnsafePointer<CChar> {
      UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    let result = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)
    result.initialize(to: nil)
    self.result = result
    context = try owned("read private keys") {
      OSSL_DECODER_CTX_new_for_pkey(
        result, characters(Self.encoding), characters(form), nil, Int32(shim_EVP_PKEY_KEYPAIR), nil, nil)
    }
  }

  deinit {
    OSSL_DECODER_CTX_free(context)
    result.deallocate()
  }

  /// Decodes the key in `der`, which it is all of.
  ///
  /// - Returns: a key that the caller owns.
  /// - Throws: ``OpenSSLError`` when there is none, or something follows it.
  static func decode(
    _ operation: String, _ der: UnsafeRawBufferPointer
  ) throws(OpenSSLError) -> OpaquePointer {
    var decoders: [PrivateKeyDecoder] = []
    for form in forms { decoders.append(try form.get()) }
    do throws(OpenSSLError) {
      return try decodeDER(operation, in: der, free: { EVP_PKEY_free($0) }) { next, length in
        for decoder in decoders {
          if let key = decoder.decode(&next.pointee, length) { return key }
        }
        return nil
      }
    } catch let error where error.reasons == ["unsupported"] {
      // OpenSSL's word for bytes that none of its decoders takes for a key.
      throw OpenSSLError(operation: operation, reasons: ["it is damaged, or no private key"])
    }
  }

  private func decode(_ next: inout UnsafePointer<UInt8>?, _ length: Int) -> OpaquePointer? {
    turn.withLock { _ in
      var rest = length
      result.pointee = nil
      _ = OSSL_DECODER_from_data(context, &next, &rest)
      return result.pointee
    }
  }
}
