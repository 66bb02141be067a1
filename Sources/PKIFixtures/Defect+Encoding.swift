internal import KubernetesPKI
internal import OpenSSLX509

extension Defect {
  static let ofEncoding: [Defect] = [
    serving("negative-serial", "the serial number is negative") { (draft, _) throws(OpenSSLError) in
      // 0xff before another octet with its highest bit set would not be the shortest form, and so no DER.
      draft.body.serialNumber[0] = min(draft.body.serialNumber[0] | 0x80, 0xfe)
    },
    serving("zero-serial", "the serial number is zero") { (draft, _) throws(OpenSSLError) in
      draft.body.serialNumber = [0]
    },
    serving("long-serial", "the serial number has 21 octets, one more than RFC 5280 allows") {
      (draft, _) throws(OpenSSLError) in
      draft.body.serialNumber += draft.body.serialNumber.prefix(5)
    },
    serving("version-1", "the certificate is of version 1, which has no extensions") {
      (draft, _) throws(OpenSSLError) in
      draft.body.version = 1
    },
    serving("generalized-time", "the validity is written as GeneralizedTime, which starts in 2050") {
      (draft, _) throws(OpenSSLError) in
      draft.body.timeForm = .generalized
    },
  ]

  static let ofSignatures: [Defect] = [
    serving("sha1-signature", "the signature is over a SHA-1 hash") { (draft, _) throws(OpenSSLError) in
      draft.hash = .sha1
    },
    // There is no ECDSA over MD5, so the CA that signs is one of RSA, below etcd's.
    chain("md5-signature", "the signature, of an intermediate CA in the file, is over an MD5 hash") {
      (scene) throws(OpenSSLError) in
      let intermediate = try scene.intermediate("intermediate", algorithm: .rsa2048)
      var leaf = try scene.etcdServer(under: intermediate)
      leaf.hash = .md5
      return (leaf.body, [try leaf.pem(), try intermediate.certificate.pem()])
    },
    Defect(
      name: "rsa-1024", summary: "the key is an RSA key of 1024 bits", path: "pki/apiserver.crt",
      question: DefectQuestion(certificate: .apiserver, ca: .ca)
    ) { (scene) throws(OpenSSLError) in
      let key = try scene.random.shortKey(for: "\(scene.directory)/key")
      var draft = try scene.draft(of: .apiserver, signedBy: .ca)
      draft.body.publicKey = key.publicKey
      try draft.body.replace(SubjectKeyIdentifier(key.publicKey.identifier()))
      try draft.body.replace(KeyUsage([.digitalSignature, .keyEncipherment]))
      return [
        scene.file(.privateKey, "pki/apiserver.key", try key.pem()),
        scene.file(.certificate, "pki/apiserver.crt", try draft.pem(), draft.body),
      ]
    },
    servingFile("tampered-signature", "one bit of the signature is another") {
      (draft, _) throws(OpenSSLError) in
      try PEMBlock(label: "CERTIFICATE", der: SecretBytes(draft.signedWithTamperedSignature())).pem()
    },
    servingFile("tampered-body", "one bit of the serial number is another than when it was signed") {
      (draft, _) throws(OpenSSLError) in
      try PEMBlock(label: "CERTIFICATE", der: SecretBytes(draft.signedWithTamperedBody())).pem()
    },
  ]

  static let ofFiles: [Defect] = [
    servingFile("truncated-pem", "the second half of the file is missing") {
      (draft, _) throws(OpenSSLError) in
      let text = try draft.pem().copy
      return SecretBytes(text.prefix(text.count / 2))
    },
    servingFile("truncated-der", "the PEM is whole, and the second half of what it encodes is missing") {
      (draft, _) throws(OpenSSLError) in
      let der = try draft.signed()
      return try PEMBlock(label: "CERTIFICATE", der: SecretBytes(der.prefix(der.count / 2))).pem()
    },
    servingFile("wrong-label", "the PEM says CERTIFICATE REQUEST, and it is a certificate") {
      (draft, _) throws(OpenSSLError) in
      try PEMBlock(label: "CERTIFICATE REQUEST", der: SecretBytes(draft.signed())).pem()
    },
  ]
}
