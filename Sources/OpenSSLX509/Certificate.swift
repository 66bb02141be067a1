internal import COpenSSL
internal import Synchronization

/// A certificate, RFC 5280 section 4.1, read once and never changed.
///
/// All fields are decoded when it is read, so that a certificate with a broken field is refused in one place; only the
/// values of extensions are decoded when asked for, as a reader may do without them.
public final class Certificate: @unchecked Sendable, Hashable {
  // Sendable: the X509 is not changed after init, and OpenSSL locks the cache of extensions that its verification fills.
  let pointer: OpaquePointer

  /// The key that has been seen to have signed it: whoever builds chains asks again and again.
  let knownSigner = Mutex<PublicKey?>(nil)

  /// The whole certificate in DER.
  public let der: [UInt8]
  /// The subject's name.
  public let subject: DistinguishedName
  /// The issuer's name.
  public let issuer: DistinguishedName
  /// The serial number.
  public let serialNumber: SerialNumber
  /// When it is valid.
  public let validity: Validity
  /// The subject's public key.
  public let publicKey: PublicKey
  /// The extensions, in their order.
  public let extensions: [CertificateExtension]
  /// The version by its usual name: 3, or 1 where there can be no extensions.
  public let version: Int
  /// The algorithm of the issuer's signature.
  public let signatureAlgorithm: ObjectIdentifier

  /// Takes over `pointer`, with the reference that the caller owns.
  ///
  /// - Parameter publicKey: the certificate's key, where the caller has it already: OpenSSL 3 takes its time over decoding.
  init(owning pointer: OpaquePointer, publicKey: PublicKey? = nil) throws(OpenSSLError) {
    self.pointer = pointer
    do throws(OpenSSLError) {
      der = try encodeDER("encode the certificate") { i2d_X509(pointer, $0) }
      subject = try DistinguishedName(owned("read the subject") { X509_get_subject_name(pointer) })
      issuer = try DistinguishedName(owned("read the issuer") { X509_get_issuer_name(pointer) })
      serialNumber = SerialNumber(try owned("read the serial number") { X509_get0_serialNumber(pointer) })
      validity = Validity(
        notBefore: try date(of: X509_get0_notBefore(pointer)),
        notAfter: try date(of: X509_get0_notAfter(pointer)))
      self.publicKey = if let publicKey { publicKey } else { try Self.publicKey(of: pointer) }
      extensions = CertificateExtension.all(of: X509_get0_extensions(pointer))
      version = usualVersion(X509_get_version(pointer))
      signatureAlgorithm = ObjectIdentifier(nid: X509_get_signature_nid(pointer))
    } catch {
      X509_free(pointer)
      throw error
    }
  }

  deinit { X509_free(pointer) }

  private static func publicKey(of pointer: OpaquePointer) throws(OpenSSLError) -> PublicKey {
    try PublicKey(owned("read the public key") { X509_get_X509_PUBKEY(pointer) })
  }

  /// Reads a certificate in DER.
  ///
  /// - Throws: ``OpenSSLError`` when `der` is not one certificate in DER and nothing else.
  public convenience init(der: some Collection<UInt8>) throws(OpenSSLError) {
    let library = try CertificateLibrary.shared.get()
    try self.init(
      owning: decodeDER("read the certificate", der, free: { X509_free($0) }) {
        shim_d2i_X509(library.pointer, $0, $1)
      })
    // OpenSSL reads BER as well, and Go does not.
    guard self.der.elementsEqual(der) else {
      throw OpenSSLError(operation: "read the certificate", reasons: ["it is not in DER"])
    }
  }

  /// One of the ways in which Kubernetes reads a text of certificates.
  public enum Reader: Sendable {
    /// `crypto/tls`'s X509KeyPair: a leaf and its chain.
    case keyPair
    /// `crypto/x509`'s AppendCertsFromPEM, of kubeconfigs: it skips blocks with headers and what is no certificate.
    case pool
    /// client-go's `cert.ParseCertsPEM`, of kube-apiserver's client CA: it skips blocks with headers, and one block that is
    /// no certificate makes the whole text unusable.
    case clientCA
    /// etcd's `tlsutil.NewCertPool`: one block of any kind that is no certificate makes the whole text unusable.
    case etcdCA
  }

  /// Reads all certificates of a PEM text, in order: a leaf and its chain, or a bundle of CAs.
  ///
  /// Only blocks labelled `CERTIFICATE` count, as in Go: a file that Kubernetes cannot use holds none.
  ///
  /// - Throws: ``OpenSSLError`` when there is none, or one that cannot be read.
  public static func all(pem: SecretBytes, as reader: Reader = .keyPair) throws(OpenSSLError) -> [Certificate]
  {
    let (blocks, problems) = PEMBlock.read(pem)
    if reader == .etcdCA,
      let other = blocks.first(where: {
        $0.label != "CERTIFICATE" && (try? Certificate(der: $0.der.copy)) == nil
      })
    {
      throw OpenSSLError(
        operation: "read the certificate",
        reasons: ["it holds a block \(other.label) that is no certificate, and etcd reads all blocks as such"]
      )
    }
    var certificates: [Certificate] = []
    var skipped: OpenSSLError?
    for block in blocks where block.label == "CERTIFICATE" && (reader == .keyPair || !block.hasHeaders) {
      do throws(OpenSSLError) {
        certificates.append(try Certificate(der: block.der.copy))
      } catch {
        guard reader == .pool else { throw error }
        skipped = skipped ?? error
      }
    }
    guard !certificates.isEmpty else {
      if let skipped { throw skipped }
      throw OpenSSLError(
        operation: "read the certificate",
        reasons: problems.isEmpty ? ["there is no CERTIFICATE block in it"] : problems.map(\.description))
    }
    return certificates
  }

  /// The certificate in PEM, label `CERTIFICATE`.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock.encode("write the certificate") { PEM_write_bio_X509($0, pointer) }
  }

  /// The SHA-256 of the whole certificate.
  ///
  /// - Throws: ``OpenSSLError`` when the library does not offer the hash.
  public func fingerprint() throws(OpenSSLError) -> [UInt8] { try Digest.sha256(der) }

  /// Whether both are the same certificate, to the byte.
  public static func == (one: Certificate, other: Certificate) -> Bool { one.der == other.der }

  /// Hashes the certificate's bytes.
  public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

/// The usual name of a version, which is one above the encoded number; that may be any number in a bad file.
func usualVersion(_ encoded: Int) -> Int { min(encoded, .max - 1) + 1 }

extension Certificate {
  /// The extensions that count: those of version 3, RFC 5280 section 4.1.2.9. Go ignores all others.
  private var effectiveExtensions: [CertificateExtension] { version == 3 ? extensions : [] }

  /// The basic constraints, where there are any.
  ///
  /// - Throws: ``OpenSSLError`` when the extension cannot be read; so do the other accessors.
  public func basicConstraints() throws(OpenSSLError) -> BasicConstraints? {
    try effectiveExtensions.first(BasicConstraints.self)
  }

  /// The key usage, where there is one.
  ///
  /// - Throws: ``OpenSSLError`` when the extension cannot be read.
  public func keyUsage() throws(OpenSSLError) -> KeyUsage? { try effectiveExtensions.first(KeyUsage.self) }

  /// The purposes of the extended key usage; none where there is no such extension.
  ///
  /// - Throws: ``OpenSSLError`` when the extension cannot be read.
  public func purposes() throws(OpenSSLError) -> [ExtendedKeyUsage.Purpose] {
    try effectiveExtensions.first(ExtendedKeyUsage.self)?.purposes ?? []
  }

  /// The subject alternative names; none where there is no such extension.
  ///
  /// - Throws: ``OpenSSLError`` when the extension cannot be read.
  public func subjectAlternativeName() throws(OpenSSLError) -> SubjectAlternativeName {
    try effectiveExtensions.first(SubjectAlternativeName.self) ?? SubjectAlternativeName([])
  }

  /// The subject key identifier, where there is one.
  ///
  /// - Throws: ``OpenSSLError`` when the extension cannot be read.
  public func subjectKeyIdentifier() throws(OpenSSLError) -> [UInt8]? {
    try effectiveExtensions.first(SubjectKeyIdentifier.self)?.keyIdentifier
  }

  /// The authority key identifier, where there is one.
  ///
  /// - Throws: ``OpenSSLError`` when the extension cannot be read.
  public func authorityKeyIdentifier() throws(OpenSSLError) -> [UInt8]? {
    try effectiveExtensions.first(AuthorityKeyIdentifier.self)?.keyIdentifier
  }

  /// Whether the authority key identifier has the serial number of the issuer's certificate, so that OpenSSL and Java accept
  /// no other certificate of the issuer, not even one with the same key. Go and GnuTLS ignore it.
  package var isBoundToIssuerCertificate: Bool {
    // One that cannot be read is a finding of its own.
    ((try? effectiveExtensions.first(AuthorityKeyIdentifier.self)) ?? nil)?.hasSerialNumber == true
  }

  /// Whether the certificate names itself as issuer and its own key signed it.
  public var isSelfSigned: Bool { subject == issuer && isSigned(by: publicKey) }

  /// Whether both are certificates of one CA: what one verifies the other verifies, RFC 5280 section 6.1.1.
  package func isSameCA(as other: Certificate) -> Bool {
    subject == other.subject && publicKey == other.publicKey
  }

  /// Whether the certificate may sign others: basic constraints with CA:TRUE, and keyCertSign where there is a key usage.
  ///
  /// - Throws: ``OpenSSLError`` when one of the two cannot be read.
  public func isCA() throws(OpenSSLError) -> Bool {
    guard try basicConstraints()?.isCA == true else { return false }
    return try keyUsage()?.contains(.keyCertSign) ?? true
  }
}
