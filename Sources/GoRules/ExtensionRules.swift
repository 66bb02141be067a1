internal import OpenSSLX509

/// The values of extensions as Go reads them.
///
/// Follows processExtensions and the functions that it calls in src/crypto/x509/parser.go, Go 1.27.
enum ExtensionRules {
  private static func malformed(_ item: CertificateExtension) -> Problem {
    Problem(.malformedExtension, "its extension \(item.identifier.longName) is malformed")
  }

  private static func checkNotCritical(_ item: CertificateExtension) throws(Problem) {
    guard !item.isCritical else {
      throw Problem(
        .wronglyCriticalExtension,
        "its extension \(item.identifier.longName) is critical, which RFC 5280 forbids and Go refuses")
    }
  }

  static func subjectKeyIdentifier(_ item: CertificateExtension) throws(Problem) -> ArraySlice<UInt8> {
    try checkNotCritical(item)
    var reader = DERReader(item.value)
    guard let identifier = reader.read(Tag.octetString) else { throw malformed(item) }
    return identifier.rest
  }

  static func authorityKeyIdentifier(_ item: CertificateExtension) throws(Problem) -> ArraySlice<UInt8> {
    try checkNotCritical(item)
    var reader = DERReader(item.value)
    guard var fields = reader.read(Tag.sequence) else { throw malformed(item) }
    guard fields.isNext(Tag.context(0)) else { return [] }
    guard let identifier = fields.read(Tag.context(0)) else { throw malformed(item) }
    return identifier.rest
  }

  /// The nine usages, the first in the lowest bit.
  static func keyUsage(_ item: CertificateExtension) throws(Problem) -> Int {
    var reader = DERReader(item.value)
    guard let (octets, _) = reader.bitString() else { throw malformed(item) }
    return (0..<9).reduce(0) { usage, bit in
      let octet = octets.dropFirst(bit / 8).first ?? 0
      return octet & 0x80 >> UInt8(bit % 8) != 0 ? usage | 1 << bit : usage
    }
  }

  static func basicConstraints(
    _ item: CertificateExtension
  ) throws(Problem) -> (isCA: Bool?, pathLength: Int?) {
    var reader = DERReader(item.value)
    guard var fields = reader.read(Tag.sequence) else { throw malformed(item) }
    var isCA = false
    if fields.isNext(Tag.boolean) {
      guard let value = fields.boolean() else { throw malformed(item) }
      isCA = value
    }
    guard fields.isNext(Tag.integer) else { return (isCA, nil) }
    guard let length = fields.smallInteger(), length >= 0 else { throw malformed(item) }
    return (isCA, length)
  }

  static func usages(_ item: CertificateExtension) throws(Problem) -> [ObjectIdentifier] {
    var reader = DERReader(item.value)
    guard var list = reader.read(Tag.sequence) else { throw malformed(item) }
    var usages: [ObjectIdentifier] = []
    while !list.isEmpty {
      guard let usage = list.objectIdentifier() else { throw malformed(item) }
      usages.append(usage)
    }
    return usages
  }

  /// The policies, each of which may stand there once.
  static func policies(_ item: CertificateExtension) throws(Problem) -> [ObjectIdentifier] {
    var reader = DERReader(item.value)
    guard var list = reader.read(Tag.sequence) else { throw malformed(item) }
    var policies: [ObjectIdentifier] = []
    while !list.isEmpty {
      guard var policy = list.read(Tag.sequence), let identifier = policy.longObjectIdentifier(),
        !policies.contains(identifier)
      else { throw malformed(item) }
      policies.append(identifier)
    }
    return policies
  }

  static func policyMappings(
    _ item: CertificateExtension
  ) throws(Problem) -> [(issuer: ObjectIdentifier, subject: ObjectIdentifier)] {
    var reader = DERReader(item.value)
    guard var list = reader.read(Tag.sequence) else { throw malformed(item) }
    var mappings: [(issuer: ObjectIdentifier, subject: ObjectIdentifier)] = []
    while !list.isEmpty {
      guard var mapping = list.read(Tag.sequence), let issuer = mapping.longObjectIdentifier(),
        let subject = mapping.longObjectIdentifier()
      else { throw malformed(item) }
      mappings.append((issuer, subject))
    }
    return mappings
  }

  static func policyConstraints(
    _ item: CertificateExtension
  ) throws(Problem) -> (requireExplicitPolicy: Int?, inhibitPolicyMapping: Int?) {
    var reader = DERReader(item.value)
    guard var fields = reader.read(Tag.sequence) else { throw malformed(item) }
    func number(_ tag: UInt8) throws(Problem) -> Int? {
      guard fields.isNext(tag) else { return nil }
      guard let number = fields.smallInteger(tag) else { throw malformed(item) }
      return number
    }
    return (try number(Tag.context(0)), try number(Tag.context(1)))
  }

  static func inhibitAnyPolicy(_ item: CertificateExtension) throws(Problem) -> Int {
    var reader = DERReader(item.value)
    guard let number = reader.smallInteger() else { throw malformed(item) }
    return number
  }

  /// Distribution points of revocation lists: a name relative to the issuer's is one that Go does not read.
  static func checkDistributionPoints(_ item: CertificateExtension) throws(Problem) {
    var reader = DERReader(item.value)
    guard var points = reader.read(Tag.sequence) else { throw malformed(item) }
    while !points.isEmpty {
      guard var point = points.read(Tag.sequence) else { throw malformed(item) }
      guard point.isNext(Tag.constructed(0)) else { continue }
      guard var name = point.read(Tag.constructed(0)), var names = name.read(Tag.constructed(0)) else {
        throw malformed(item)
      }
      while names.isNext(Tag.context(6)) {
        guard names.next() != nil else { throw malformed(item) }
      }
    }
  }

  static func checkInformationAccess(_ item: CertificateExtension) throws(Problem) {
    try checkNotCritical(item)
    var reader = DERReader(item.value)
    guard var list = reader.read(Tag.sequence) else { throw malformed(item) }
    while !list.isEmpty {
      guard var access = list.read(Tag.sequence), access.objectIdentifier() != nil else {
        throw malformed(item)
      }
      if access.isNext(Tag.context(6)), access.next() == nil { throw malformed(item) }
    }
  }
}
