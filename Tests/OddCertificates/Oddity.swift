/// One way in which a leaf can be odd.
package struct Oddity: Sendable, CustomStringConvertible {
  /// A name for the reader of a failed test.
  package let description: String
  /// The rule of Go that refuses it, by its raw value; `nil` where Go accepts it.
  package let rule: String?
  /// Makes a good leaf odd.
  package let change: @Sendable (inout OddCertificate) -> Void

  init(_ description: String, _ rule: String?, _ change: @escaping @Sendable (inout OddCertificate) -> Void) {
    self.description = description
    self.rule = rule
    self.change = change
  }

  /// Whether OpenSSL cannot read what Go reads: values of names that are of no type for names, RFC 5280 appendix A.1.
  package var isRefusedByOpenSSL: Bool {
    ["OCTET STRING", "UniversalString", "INTEGER"].contains(description)
  }

  /// All of them.
  package static let all =
    fields + times + names + alternativeNames + uris + extensions + accessMethods + constraints + algorithms

  /// Extension values by identifier, each with the rule that refuses it.
  static func values(_ identifier: String, _ values: [(String, String?)]) -> [Oddity] {
    values.map { value, rule in
      Oddity("\(identifier) = \(value)", rule) { $0.set(identifier, hex(value)) }
    }
  }

  static let fields: [Oddity] = [
    Oddity("good", nil) { _ in },
    Oddity("version 1 with extensions", nil) { $0.version = [] },
    Oddity("version 1 explicitly", nil) { $0.version = der(0xa0, [2, 1, 0]) },
    Oddity("version 2", nil) { $0.version = der(0xa0, [2, 1, 1]) },
    Oddity("version 4", "invalid-version") { $0.version = der(0xa0, [2, 1, 3]) },
    Oddity("negative version", "invalid-version") { $0.version = der(0xa0, [2, 1, 0xff]) },
    Oddity("negative serial", "negative-serial-number") { $0.serialNumber = [2, 1, 0x80] },
    Oddity("serial zero", nil) { $0.serialNumber = [2, 1, 0] },
    Oddity("padded serial", "malformed-certificate") { $0.serialNumber = [2, 2, 0, 1] },
    Oddity("long serial", nil) { $0.serialNumber = der(2, [1] + [UInt8](repeating: 7, count: 40)) },
    Oddity("other outer algorithm", "signature-algorithm-mismatch") {
      $0.outerAlgorithm = der(0x30, oid("1.2.840.10045.4.3.3"))
    },
    Oddity("unique identifiers", nil) { $0.uniqueIdentifiers = der(0x81, [0, 1]) + der(0x82, [0, 2]) },
    Oddity("no extensions", nil) { $0.extensions = nil },
    Oddity("empty extensions", nil) { $0.extensions = [] },
    Oddity("an extension twice", "duplicate-extension") {
      $0.extensions? += [ext("1.2.3.4", [5, 0]), ext("1.2.3.4", [5, 0])]
    },
    Oddity("critical, explicitly false", nil) {
      $0.extensions?.append(der(0x30, oid("1.2.3.4"), [1, 1, 0], der(4, [5, 0])))
    },
    Oddity("critical, true as 1", "malformed-extension") {
      $0.extensions?.append(der(0x30, oid("1.2.3.4"), [1, 1, 1], der(4, [5, 0])))
    },
  ]

  static let times: [Oddity] =
    [
      ("260101000000Z", nil), ("2601010000Z", nil), ("260101000000+0100", nil),
      ("260101000000+0000", "malformed-time"),
      ("260230000000Z", "malformed-time"), ("260101240000Z", "malformed-time"), ("240229000000Z", nil),
    ].map { time, rule in Oddity("UTCTime \(time)", rule) { $0.notBefore = text(0x17, time) } }
    + [
      ("20260101000000Z", nil), ("202601010000Z", "malformed-time"), ("20260101000000.5Z", "malformed-time"),
      ("20260101000000", "malformed-time"), ("19000229000000Z", "malformed-time"),
      ("20260101000000+0130", nil), ("20260101000060Z", "malformed-time"),
    ].map { time, rule in Oddity("GeneralizedTime \(time)", rule) { $0.notBefore = text(0x18, time) } }

  static let names: [Oddity] =
    [
      ("PrintableString @", 0x13, "a@b", "malformed-name"), ("PrintableString *", 0x13, "*.x", nil),
      ("PrintableString _", 0x13, "a_b", "malformed-name"), ("PrintableString &", 0x13, "a&b", nil),
      ("IA5String", 0x16, "a@b", nil), ("IA5String ä", 0x16, "ä", "malformed-name"),
      ("NumericString", 0x12, "12 3", nil), ("NumericString a", 0x12, "12a", "malformed-name"),
      ("T61String", 0x14, "abc", nil), ("BMPString", 0x1e, "abcd", nil),
      ("BMPString odd", 0x1e, "abc", "malformed-name"),
      ("OCTET STRING", 4, "abc", nil), ("UniversalString", 0x1c, "abcd", nil),
    ].map { description, tag, value, rule in
      Oddity(description, rule) { $0.subject = name("2.5.4.3", text(tag, value)) }
    } + [
      Oddity("UTF8String that is none", "malformed-name") { $0.subject = name("2.5.4.3", der(0x0c, [0xff])) },
      Oddity("empty subject", nil) { $0.subject = der(0x30) },
      Oddity("INTEGER", nil) { $0.subject = name("2.5.4.3", [2, 1, 5]) },
      Oddity("BIT STRING", nil) { $0.subject = name("2.5.4.3", [3, 2, 0, 5]) },
      Oddity("BIT STRING with set unused bits", "malformed-name") {
        $0.subject = name("2.5.4.3", [3, 2, 3, 5])
      },
    ]

  static let alternativeNames: [Oddity] = [
    (der(0x82, [0xc3, 0xa4]), "malformed-subject-alternative-name"), (text(0x82, "*.lan"), nil),
    (der(0x82), nil),
    (text(0x82, "a b"), nil), (text(0x81, "a@b"), nil), (text(0x81, "no mailbox"), nil),
    (der(0x81, [0xe4]), "malformed-subject-alternative-name"),
    (der(0x87), "malformed-subject-alternative-name"),
    (der(0x87, [1, 2, 3, 4, 5]), "malformed-subject-alternative-name"),
    (der(0x87, hex("00000000000000000000ffff0a000001")), "malformed-subject-alternative-name"),
    (der(0x87, hex("fd000000000000000000000000000001")), nil), (der(0x88, [0x2a, 3]), nil),
    (der(0xa0, oid("1.2.3"), der(0xa0, text(0x0c, "x"))), nil),
    (der(0xa4, name("2.5.4.3", text(0x0c, "x"))), nil),
  ].map { value, rule in Oddity("SAN \(value)", rule) { $0.set("2.5.29.17", der(0x30, value)) } }

  static let uris: [Oddity] = [
    ("https://example.com/x", nil), ("spiffe://a/b", nil), ("http://[::1", "-"), ("http://[::1]:80/", nil),
    ("http://[fe80::1%25eth0]/", nil), ("http://a b/", "-"), ("http://a:b/", "-"), ("http://a:80", nil),
    ("http://u:p@a/", nil), ("http://u p@a/", "-"), ("mailto:a@b", nil), (":x", "-"), ("a:b:c", nil),
    ("%zz", "-"),
    ("/a%2", "-"), ("1a:b", "-"), ("http://a/%41", nil), ("http://a%41/", "-"), ("http://a./", "-"),
    ("http://.a/", "-"), ("http://a..b/", "-"), ("x://a#%zz", "-"), ("*", nil), ("", nil), ("a b", nil),
    ("http://1.2.3.4:5/", nil), ("http://a:1:2/", "-"), ("x://a:1:2/", nil), ("http://[1.2.3.4]/", "-"),
    ("http://a\u{7f}/", "-"), ("//a/b", nil), ("//a b", "-"), ("http:///x", nil), ("http://[::1]x/", "-"),
    ("http://%c3%a4/", "-"), ("urn:a%zz", nil),
  ].map { uri, rule in
    Oddity("URI \(uri)", rule == nil ? nil : "malformed-subject-alternative-name") {
      $0.set("2.5.29.17", der(0x30, text(0x86, uri)))
    }
  }

  static let extensions =
    values(
      "2.5.29.15",
      [
        ("03020780", nil), ("030205a1", "malformed-extension"), ("0300", "malformed-extension"),
        ("03020880", "malformed-extension"), ("030100", nil), ("03030780ff", "malformed-extension"),
      ])
    + values(
      "2.5.29.19",
      [
        ("3000", nil), ("30030101ff", nil), ("3003010101", "malformed-extension"), ("3003010100", nil),
        ("30060101ff020101", nil), ("30060101ff0201ff", "malformed-extension"), ("3003020103", nil),
        ("30090101ff020400000001", "malformed-extension"),
      ])
    + values("2.5.29.37", [("3000", nil), ("3003020101", "malformed-extension"), ("300406022a03", nil)])
    + values(
      "2.5.29.32",
      [
        ("300630040602 2a03", nil), ("300c300406022a03300406022a03", "malformed-extension"),
        ("3000", nil), ("300406022a03", "malformed-extension"), ("30043002 0600", "malformed-extension"),
      ])
    + values("2.5.29.33", [("300a3008 06022a03 06022a04", nil), ("3006300406022a03", "malformed-extension")])
    + values(
      "2.5.29.36",
      [("3003800100", nil), ("3003810100", nil), ("3002 8000", "malformed-extension"), ("3000", nil)])
    + values(
      "2.5.29.54",
      [("020100", nil), ("0101ff", "malformed-extension"), ("0209010000000000000000", "malformed-extension")])
    + values("2.5.29.14", [("040101", nil), ("0101ff", "malformed-extension")])
    + values(
      "2.5.29.35",
      [
        ("3000", nil), ("3003800101", nil), ("0401 01", "malformed-extension"),
        ("3003810101", nil),
      ])
    + values(
      "2.5.29.31",
      [
        ("3008 3006 a004 a002 8600", nil), ("3006 3004 a002 a100", "malformed-extension"),
        ("3004 3002 8100", nil), ("3000", nil), ("0400", "malformed-extension"),
      ])
    + [
      Oddity("critical subject key identifier", "wrongly-critical-extension") {
        $0.set("2.5.29.14", [4, 1, 1], critical: true)
      },
      Oddity("critical authority key identifier", "wrongly-critical-extension") {
        $0.set("2.5.29.35", hex("3003800101"), critical: true)
      },
    ]

  static let accessMethods =
    values(
      "1.3.6.1.5.5.7.1.1",
      [
        ("3000", nil), ("30083006 06022a03 8600", nil), ("30043002 8600", "malformed-extension"),
        ("30083006 06022a03 8200", nil), ("0400", "malformed-extension"),
      ])
    + [
      Oddity("critical CA information access", "wrongly-critical-extension") {
        $0.set("1.3.6.1.5.5.7.1.1", [0x30, 0], critical: true)
      }
    ]

  static let constraints =
    values(
      "2.5.29.30",
      [
        ("3000", "malformed-extension"), ("3002a000", "malformed-extension"),
        ("3009a007 3005 8203 2e6162", nil), ("3008a006 3004 8202 612e", "malformed-extension"),
        ("300ea00c 300a 8708 0a000000ff000000", nil),
        ("300ea00c 300a 8708 0a000000ff00ff00", "malformed-extension"),
        ("300aa008 3006 8704 0a000000", "malformed-extension"), ("3009a107 3005 8103 614062", nil),
        ("3009a107 3005 8103 404062", "malformed-extension"), ("3009a107 3005 8603 2e6162", nil),
        ("300da10b 3009 8607 312e322e332e34", "malformed-extension"), ("3008a006 3004 8802 2a03", nil),
      ])

  static let algorithms: [Oddity] = [
    Oddity("RSA-PSS without parameters", nil) {
      $0.algorithm = der(0x30, oid("1.2.840.113549.1.1.10"), der(0x30))
    },
    Oddity("no identifier", "malformed-certificate") { $0.algorithm = der(0x30, [5, 0]) },
    Oddity("unknown algorithm", nil) { $0.algorithm = der(0x30, oid("1.2.3.4.5")) },
    Oddity("ECDSA with NULL", nil) { $0.algorithm = der(0x30, oid("1.2.840.10045.4.3.2"), [5, 0]) },
    Oddity("unknown key", nil) { $0.publicKey = der(0x30, der(0x30, oid("1.2.3.4")), der(3, [0, 1])) },
  ]
}
