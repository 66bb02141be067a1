internal import COpenSSL

/// A public key, immutable.
public final class PublicKey: @unchecked Sendable, Hashable {
  // Sendable: nothing changes the EVP_PKEY after init, and OpenSSL's reading functions lock what they cache.
  /// OpenSSL's form of the key; `nil` for a kind that OpenSSL does not know.
  let pointer: OpaquePointer?

  /// What kind of key it is.
  public let type: KeyType

  /// The SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7, in DER.
  public let der: [UInt8]

  /// Takes over `pointer`, with the reference that the caller owns.
  ///
  /// - Parameter der: the key's encoding, where the caller has it already: OpenSSL 3 takes its time over making one.
  init(owning pointer: OpaquePointer, der: [UInt8]? = nil) throws(OpenSSLError) {
    self.pointer = pointer
    type = KeyType(of: pointer)
    do throws(OpenSSLError) {
      self.der = if let der { der } else { try Self.encoding(of: pointer, type) }
    } catch {
      // The members that `deinit` needs are not all set, so it does not run.
      EVP_PKEY_free(pointer)
      throw error
    }
  }

  /// The key of a certificate or a request, OpenSSL's X509_PUBKEY. Of one of a kind that OpenSSL does not know there are
  /// its kind and its encoding only.
  ///
  /// - Throws: ``OpenSSLError`` when the kind is known and the key is broken.
  init(_ structure: OpaquePointer) throws(OpenSSLError) {
    der = try encodeDER("read the public key") { i2d_X509_PUBKEY(structure, $0) }
    do throws(OpenSSLError) {
      let pointer = try KeyDecoder.decodePublic("read the public key", der)
      self.pointer = pointer
      type = KeyType(of: pointer)
    } catch {
      var object: OpaquePointer?
      guard X509_PUBKEY_get0_param(&object, nil, nil, nil, structure) == 1, let object,
        case let identifier = ObjectIdentifier(object), EVP_PKEY_asn1_find(nil, identifier.nid) == nil
      else { throw error }
      pointer = nil
      type = KeyType(unknownTo: identifier)
    }
  }

  deinit { EVP_PKEY_free(pointer) }

  /// The SubjectPublicKeyInfo of a key.
  private static func encoding(of pointer: OpaquePointer, _ type: KeyType) throws(OpenSSLError) -> [UInt8] {
    let structure = try owned("allocate memory") { X509_PUBKEY_new() }
    defer { X509_PUBKEY_free(structure) }
    guard try fill(structure, with: pointer, type) else {
      return try encodeDER("encode the public key") { i2d_PUBKEY(pointer, $0) }
    }
    return try encodeDER("encode the public key") { i2d_X509_PUBKEY(structure, $0) }
  }

  /// Fills in the SubjectPublicKeyInfo of a certificate without OpenSSL's encoders, which take ten times as long as
  /// making the key does.
  ///
  /// - Returns: `false` for a key that only the encoders know.
  func fill(_ structure: OpaquePointer) throws(OpenSSLError) -> Bool {
    guard let pointer else { return false }
    return try Self.fill(structure, with: pointer, type)
  }

  /// Whether the point is to be written with both coordinates, as all but few are.
  private static func isUncompressed(_ pointer: OpaquePointer) -> Bool {
    let form = text {
      EVP_PKEY_get_utf8_string_param(pointer, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, $0, $1, nil)
    }
    return form == OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED
  }

  /// RFC 5480, sections 2.1.1 and 2.2: the curve's name as parameters, the point as the key.
  private static func fill(
    _ structure: OpaquePointer, with pointer: OpaquePointer, _ type: KeyType
  ) throws(OpenSSLError) -> Bool {
    guard case .ec(let curve) = type, isUncompressed(pointer), let name = OBJ_txt2obj(curve, 0) else {
      return false
    }
    var point: UnsafeMutablePointer<UInt8>?
    let count = EVP_PKEY_get1_encoded_public_key(pointer, &point)
    guard count > 0, let point else {
      ASN1_OBJECT_free(name)
      throw .drainingQueue("encode the public key")
    }
    // The structure takes over name and point.
    try checked("encode the public key") {
      X509_PUBKEY_set0_param(
        structure, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT, UnsafeMutableRawPointer(name), point,
        Int32(count))
    }
    return true
  }

  /// Reads a SubjectPublicKeyInfo.
  ///
  /// - Throws: ``OpenSSLError`` when `der` holds none.
  public convenience init(der: some Collection<UInt8>) throws(OpenSSLError) {
    try self.init(
      owning: decodeDER("read the public key", der, free: { EVP_PKEY_free($0) }) { d2i_PUBKEY(nil, $0, $1) })
  }

  /// The labels of a public key in PEM: SubjectPublicKeyInfo, RFC 7468 section 13, and PKCS#1.
  package static let pemLabels = ["PUBLIC KEY", "RSA PUBLIC KEY"]

  /// Reads the public key of a block.
  ///
  /// - Throws: ``OpenSSLError`` when the block holds none.
  package convenience init(_ block: PEMBlock) throws(OpenSSLError) {
    if block.label == "RSA PUBLIC KEY" {
      try self.init(
        owning: decodeDER("read the public key", block.der.copy, free: { EVP_PKEY_free($0) }) {
          d2i_PublicKey(EVP_PKEY_RSA, nil, $0, $1)
        })
    } else {
      try self.init(der: block.der.copy)
    }
  }

  /// Reads all public keys of a PEM text, labels `PUBLIC KEY` and `RSA PUBLIC KEY`, in order.
  ///
  /// - Throws: ``OpenSSLError`` when there is none, or one that cannot be read.
  public static func all(pem: SecretBytes) throws(OpenSSLError) -> [PublicKey] {
    var keys: [PublicKey] = []
    let (blocks, problems) = PEMBlock.read(pem)
    for block in blocks where pemLabels.contains(block.label) { keys.append(try PublicKey(block)) }
    guard !keys.isEmpty else {
      throw OpenSSLError(
        operation: "read the public key",
        reasons: problems.isEmpty ? ["there is no PUBLIC KEY block in it"] : problems.map(\.description))
    }
    return keys
  }

  /// The key in PEM, label `PUBLIC KEY`.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock(label: Self.pemLabels[0], der: SecretBytes(der)).pem()
  }

  /// Whether the numbers of the key are such that it can have a private half that only its owner knows: a modulus that is
  /// no prime and has no small factor, an odd exponent above one, a point of the curve; NIST SP 800-56A and B.
  ///
  /// It costs a test for primes, so the size of the key has to be checked before.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  package func isSound() throws(OpenSSLError) -> Bool {
    guard let pointer else { return false }
    let context = try owned("allocate memory") { EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) }
    defer {
      EVP_PKEY_CTX_free(context)
      ERR_clear_error()
    }
    return EVP_PKEY_public_check(context) == 1
  }

  /// Whether the point of a key on an elliptic curve is written with one coordinate, RFC 5480 section 2.2, which Go does not
  /// read.
  ///
  /// - Throws: ``OpenSSLError`` when the key's encoding cannot be read.
  package func hasCompressedPoint() throws(OpenSSLError) -> Bool {
    guard case .ec = type else { return false }
    return try subjectPublicKey().first != UInt8(POINT_CONVERSION_UNCOMPRESSED.rawValue)
  }

  /// The key identifier of RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the BIT STRING.
  ///
  /// - Throws: ``OpenSSLError`` when the hash cannot be had.
  package func identifier() throws(OpenSSLError) -> [UInt8] {
    Array(try Digest.sha256(subjectPublicKey()).prefix(20))
  }

  /// The content of the BIT STRING subjectPublicKey, without its octet of unused bits.
  ///
  /// Only the lengths are read here: what OpenSSL has for this would decode the key anew.
  private func subjectPublicKey() throws(OpenSSLError) -> [UInt8] {
    try der.withUnsafeBufferPointer { (bytes) throws(OpenSSLError) in
      let end = bytes.baseAddress.map { $0 + bytes.count }
      var next = bytes.baseAddress
      var (length, tag, kind): (Int, Int32, Int32) = (0, 0, 0)
      func readHeader(_ expected: Int32) throws(OpenSSLError) {
        let rest = next.flatMap { next in end.map { $0 - next } } ?? 0
        guard ASN1_get_object(&next, &length, &tag, &kind, rest) & 0x80 == 0, tag == expected else {
          throw .drainingQueue("read the public key")
        }
      }
      try readHeader(V_ASN1_SEQUENCE)
      try readHeader(V_ASN1_SEQUENCE)
      next = next.map { $0 + length }
      try readHeader(V_ASN1_BIT_STRING)
      return Array(UnsafeBufferPointer(start: next, count: length).dropFirst())
    }
  }

  /// Whether both are the same key, however they are encoded.
  public static func == (one: PublicKey, other: PublicKey) -> Bool {
    if one.der == other.der { return true }
    guard one.type == other.type, one.number == other.number, let one = one.pointer, let other = other.pointer
    else { return false }
    ERR_clear_error()
    defer { ERR_clear_error() }
    return EVP_PKEY_eq(one, other) == 1
  }

  /// Hashes what equal keys have in common, however they are encoded.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(number)
  }

  /// The first coordinate of a point, which every form of it begins with, RFC 5480 section 2.2; of other keys, all of the key.
  private var number: ArraySlice<UInt8> {
    let key = (try? subjectPublicKey()) ?? []
    guard case .ec = type else { return key[...] }
    let isCompressed = key.first == UInt8(POINT_CONVERSION_COMPRESSED.rawValue) || key.first == 3
    return isCompressed ? key.dropFirst() : key.dropFirst().prefix((key.count - 1) / 2)
  }
}

extension [PublicKey] {
  /// The keys in PEM, one after the other.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  package func pem() throws(OpenSSLError) -> SecretBytes {
    SecretBytes(joining: try map { (key) throws(OpenSSLError) in try key.pem() })
  }
}
