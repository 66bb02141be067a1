internal import COpenSSL

/// An ASN.1 object identifier in dotted form: `2.5.29.17`.
public struct ObjectIdentifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The arcs, separated by dots; words for one that OpenSSL does not show.
  public let dotted: String

  /// An identifier from its dotted form, which is not checked before it is used.
  public init(_ dotted: String) { self.dotted = dotted }

  init(_ object: OpaquePointer) {
    let length = OBJ_obj2txt(nil, 0, object, 1)
    guard length > 0 else {
      dotted = "(too long to be shown)"
      return
    }
    var text = [CChar](repeating: 0, count: Int(length) + 1)
    OBJ_obj2txt(&text, Int32(text.count), object, 1)
    dotted = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  /// The identifier that OpenSSL numbers `nid`.
  init(nid: Int32) {
    OpenSSLLibrary.start()
    self = OBJ_nid2obj(nid).map { ObjectIdentifier($0) } ?? ObjectIdentifier("0.0")
  }

  /// The number that OpenSSL has for it; `NID_undef` (0) for one that it does not know.
  var nid: Int32 {
    OpenSSLLibrary.start()
    return OBJ_txt2nid(dotted)
  }

  /// OpenSSL's short name (`CN`, `serverAuth`, `RSA-SHA256`), or the dotted form.
  public var description: String {
    guard case let nid = nid, nid != NID_undef, let name = OBJ_nid2sn(nid) else { return dotted }
    return String(cString: name)
  }

  /// OpenSSL's long name (`commonName`, `sha256WithRSAEncryption`), or the dotted form.
  public var longName: String {
    guard case let nid = nid, nid != NID_undef, let name = OBJ_nid2ln(nid) else { return dotted }
    return String(cString: name)
  }

  /// Calls `body` with OpenSSL's object, which lives only during the call.
  ///
  /// - Throws: ``OpenSSLError`` when the dotted form is none.
  func withObject<Result>(
    _ body: (OpaquePointer) throws(OpenSSLError) -> Result
  ) throws(OpenSSLError) -> Result {
    let object = try owned("use the object identifier \(dotted)") { OBJ_txt2obj(dotted, 1) }
    defer { ASN1_OBJECT_free(object) }
    return try body(object)
  }

  /// Orders by the text of the dotted form: a stable order, not a numeric one.
  public static func < (one: Self, other: Self) -> Bool { one.dotted < other.dotted }
}
