import FoundationEssentials

extension KubeconfigEdits {
  static let files: [KubeconfigEdit] = [
    .init("a CA in a file") { $0.line("certificate-authority-data", "certificate-authority: ca.crt") },
    .init("a CA in a file in a folder above") {
      $0.line("certificate-authority-data", "certificate-authority: ./x/../ca.crt")
    },
    .init("a CA in a file that is not there") {
      $0.line("certificate-authority-data", "certificate-authority: none.crt")
    },
    .init("a CA in a file beside an empty one") { $0.cluster("certificate-authority: ''") },
    .init("a CA in data and in a file") { $0.cluster("certificate-authority: ca.crt") },
    .init("a pair in files") {
      $0.line("client-certificate-data", "client-certificate: admin.crt", "client-key: admin.key")
        .replacing("    client-key-data: \($0.key)\n", with: "")
    },
    .init("a pair in files, one of which is not there") {
      $0.line("client-certificate-data", "client-certificate: admin.crt", "client-key: none.key")
        .replacing("    client-key-data: \($0.key)\n", with: "")
    },
    .init("a certificate in a file, and its key in data") {
      $0.line("client-certificate-data", "client-certificate: admin.crt")
    },
    .init("a key in data and in a file") { $0.user("client-key: admin.key") },
    .init("a key in data and in a file that is not there") { $0.user("client-key: none.key") },
    .init("a key in data and in a file without a name") { $0.user("client-key: ''") },
    .init("a certificate in data and in a file") { $0.user("client-certificate: admin.crt") },
    .init("no certificate") { $0.line("client-certificate-data", "x: y") },
    .init("no key") { $0.line("client-key-data", "x: y") },
    .init("a null key") { $0.line("client-key-data", "client-key-data:") },
    .init("another user's file that is not there") {
      $0.entry("users", "{name: x, user: {client-certificate: none, client-key: none}}")
    },
  ]

  private static let malformed = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"

  static let data: [KubeconfigEdit] = [
    .init("a key that is not base64") { $0.line("client-key-data", "client-key-data: '!'") },
    .init("another user's key that is not base64") {
      $0.entry("users", "{name: x, user: {client-key-data: '!'}}")
    },
    .init("another user's key that is not PEM") {
      $0.entry("users", "{name: x, user: {client-key-data: YWJj, client-certificate-data: YWJj}}")
    },
    .init("another cluster's CA that is not base64") {
      $0.entry("clusters", "{name: x, cluster: {certificate-authority-data: 'a'}}")
    },
    .init("base64 in lines") {
      $0.line("client-key-data", "client-key-data: |", "  " + $0.lines($0.key, "\n      "))
    },
    .init("base64 in folded lines") {
      $0.line("client-key-data", "client-key-data: >-", "  " + $0.lines($0.key, "\n      "))
    },
    .init("base64 with a space") { $0.line("client-key-data", "client-key-data: '\($0.key) '") },
    .init("base64 with a tab") { $0.line("client-key-data", "client-key-data: \"\($0.key)\\t\"") },
    .init("base64 with line breaks") {
      $0.line("client-key-data", "client-key-data: \"\($0.lines($0.key, "\\r\\n"))\"")
    },
    .init("base64 without padding") {
      $0.line(
        "client-key-data", "client-key-data: \($0.prefixed($0.key, with: [0x0a]).filter { $0 != "=" })x")
    },
    .init("base64 with padding in it") { $0.line("client-key-data", "client-key-data: YQ==\($0.key)") },
    .init("base64 with too much padding") { $0.line("client-key-data", "client-key-data: \($0.key)====") },
    .init("base64 for URLs") { $0.line("client-key-data", "client-key-data: \($0.key.prefix(8))-_-_") },
    .init("base64 of nothing") { $0.line("client-key-data", "client-key-data: \"\\n\"") },
    .init("numbers for bytes", difference: "Go takes a list of numbers for bytes; no program writes one") {
      let bytes = (Data(base64Encoded: $0.key) ?? Data()).map(String.init).joined(separator: ", ")
      return $0.line("client-key-data", "client-key-data: [\(bytes)]")
    },
    .init("base64 twice") {
      $0.line("client-key-data", "client-key-data: \(Data($0.key.utf8).base64EncodedString())")
    },
    .init("base64 twice, with a tag") {
      $0.line("client-key-data", "client-key-data: !!binary \(Data($0.key.utf8).base64EncodedString())")
    },
    .init("the tag of base64") { $0.line("client-key-data", "client-key-data: !!binary \($0.key)") },
    .init("the key of another certificate") { $0.replacing($0.key, $0.otherKey) },
    .init("a CA with a byte order mark") {
      $0.replacing($0.authority, $0.prefixed($0.authority, with: [0xef, 0xbb, 0xbf]))
    },
    .init("a certificate with a byte order mark") {
      $0.replacing($0.certificate, $0.prefixed($0.certificate, with: [0xef, 0xbb, 0xbf]))
    },
    .init("a key with a byte order mark") {
      $0.replacing($0.key, $0.prefixed($0.key, with: [0xef, 0xbb, 0xbf]))
    },
    .init("a CA with a comment before it") {
      $0.replacing($0.authority, $0.prefixed($0.authority, with: Array("# the CA\n".utf8)))
    },
    .init("a key with a certificate before it") {
      $0.replacing($0.key, $0.prefixed($0.key, with: Array(Data(base64Encoded: $0.certificate) ?? Data())))
    },
    .init("a certificate with its CA after it") {
      $0.replacing(
        $0.certificate, $0.prefixed($0.authority, with: Array(Data(base64Encoded: $0.certificate) ?? Data())))
    },
    .init("a certificate as the key") { $0.replacing($0.key, $0.certificate) },
    .init("a text as the CA") { $0.replacing($0.authority, "YWJj") },
    .init("another CA") { $0.replacing($0.authority, $0.otherAuthority) },
    .init("a CA with a malformed certificate before it") {
      $0.replacing($0.authority, $0.prefixed($0.authority, with: Array(Self.malformed.utf8)))
    },
    .init("a certificate with a malformed one before it") {
      $0.replacing($0.certificate, $0.prefixed($0.certificate, with: Array(Self.malformed.utf8)))
    },
    .init("a CA with a torn one before it") {
      $0.replacing($0.authority, $0.prefixed($0.authority, with: Array(Self.malformed.utf8.prefix(36))))
    },
    .init("the CA and another one") {
      $0.replacing(
        $0.authority, $0.prefixed($0.authority, with: Array(Data(base64Encoded: $0.otherAuthority) ?? Data()))
      )
    },
  ]
}
