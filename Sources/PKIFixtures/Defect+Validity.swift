internal import KubernetesPKI
internal import OpenSSLX509

extension Defect {
  static let ofValidity: [Defect] = [
    serving("expired", "the certificate ended a day before the time of the set") {
      (draft, scene) throws(OpenSSLError) in
      draft.body.notBefore = scene.days(-366)
      draft.body.notAfter = scene.days(-1)
    },
    serving("not-yet-valid", "the certificate begins a day after the time of the set") {
      (draft, scene) throws(OpenSSLError) in
      draft.body.notBefore = scene.days(1)
    },
    serving(
      "expires-at", "the certificate ends at a given instant, by default a day after the time of the set"
    ) {
      (draft, scene) throws(OpenSSLError) in
      draft.body.notAfter = scene.fault.end ?? scene.days(1)
    },
  ]

  static let ofCAs: [Defect] = [
    serving("wrong-authority", "the front-proxy CA signed the certificate instead of the cluster's") {
      (draft, scene) throws(OpenSSLError) in
      try draft.body.setIssuer(scene.cluster.certificate(.frontProxyCA))
      draft.signer = try scene.random.signingKey(scene.cluster.key(.frontProxyCA), for: scene.directory)
    },
    serving("same-name-authority", "a CA of the right name with another key signed the certificate") {
      (draft, scene) throws(OpenSSLError) in
      let key = try scene.key(for: "ca")
      try draft.body.replace(AuthorityKeyIdentifier(key.publicKey.identifier()))
      draft.signer = try scene.random.signingKey(key, for: scene.directory)
    },
    Defect(
      name: "wrong-key", summary: "the key is that of another certificate, etcd's", path: "pki/apiserver.key",
      question: DefectQuestion(certificate: .apiserver, ca: .ca)
    ) { (scene) throws(OpenSSLError) in
      [scene.file(.privateKey, "pki/apiserver.key", try scene.cluster.keyPEM(.etcdServer))]
    },
    ca("issuer-not-authority", "the CA certificate says CA:FALSE") {
      (body) throws(OpenSSLError) in
      try body.replace(BasicConstraints.isEndEntity)
    },
    ca("no-basic-constraints", "the CA certificate has no basic constraints") {
      (body) throws(OpenSSLError) in
      body.remove(BasicConstraints.identifier)
    },
    ca(
      "name-constraints-violated", "the CA may sign for example.com only, and signed other names"
    ) {
      (body) throws(OpenSSLError) in
      body.extensions.append(.nameConstraints(permitting: "example.com"))
    },
    chain("path-length-exceeded", "a CA that may have none below it has one below it") {
      (scene) throws(OpenSSLError) in
      let first = try scene.intermediate("intermediate-1", pathLength: 0)
      let second = try scene.intermediate("intermediate-2", below: first)
      let leaf = try scene.etcdServer(under: second)
      return (
        leaf.body, [try leaf.pem(), try second.certificate.pem(), try first.certificate.pem()]
      )
    },
    chain("missing-intermediate", "the intermediate CA that signed the certificate is not in the file") {
      (scene) throws(OpenSSLError) in
      let leaf = try scene.etcdServer(under: scene.intermediate("intermediate"))
      return (leaf.body, [try leaf.pem()])
    },
    chain("wrong-order", "the intermediate CA stands before the certificate, not after it") {
      (scene) throws(OpenSSLError) in
      let intermediate = try scene.intermediate("intermediate")
      let leaf = try scene.etcdServer(under: intermediate)
      return (leaf.body, [try intermediate.certificate.pem(), try leaf.pem()])
    },
  ]
}

extension CertificateDraft {
  /// The signed certificate in PEM.
  func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock(label: "CERTIFICATE", der: SecretBytes(signed())).pem()
  }
}

extension CertificateExtension {
  /// Name constraints, RFC 5280 section 4.2.1.10, that permit the host names below one domain.
  fileprivate static func nameConstraints(permitting domain: String) -> CertificateExtension {
    let subtree = DERValue.sequence([DERValue(tag: 0x82, Array(domain.utf8))])
    return CertificateExtension(
      identifier: ObjectIdentifier("2.5.29.30"), isCritical: true,
      value: DERValue.sequence([DERValue(tag: 0xa0, subtree.bytes)]).bytes)
  }
}
