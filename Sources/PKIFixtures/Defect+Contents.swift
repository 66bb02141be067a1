internal import KubernetesPKI
internal import OpenSSLX509

extension Defect {
  static let ofNames: [Defect] = [
    serving("missing-name", "the address of the server is not among the subject alternative names") {
      (draft, scene) throws(OpenSSLError) in
      let address = scene.cluster.configuration.advertiseAddress
      try draft.body.changeNames { name in name == address.map { .ipAddress($0) } ? [] : [name] }
    },
    serving("ip-as-dns-name", "the address of the server is there as a host name, not as an address") {
      (draft, scene) throws(OpenSSLError) in
      let address = scene.cluster.configuration.advertiseAddress
      try draft.body.changeNames { name in
        name == address.map { .ipAddress($0) } ? [.dnsName(address?.description ?? "")] : [name]
      }
    },
    serving(
      "misplaced-wildcard", "the wildcard is not the first label of its name",
      host: .name("kubernetes.default.svc")
    ) { (draft, _) throws(OpenSSLError) in
      try draft.body.changeNames { name in
        name == .dnsName("kubernetes.default.svc") ? [.dnsName("kubernetes.*.svc")] : [name]
      }
    },
    serving(
      "common-name-only", "the server's name is the common name only: there is no subject alternative name",
      host: .name("kube-apiserver")
    ) { (draft, _) throws(OpenSSLError) in
      draft.body.remove(SubjectAlternativeName.identifier)
    },
    serving("empty-subject", "the subject is empty, and the subject alternative name is not critical") {
      (draft, _) throws(OpenSSLError) in
      draft.body.subject = try DistinguishedName(commonName: nil)
    },
  ]

  static let ofUsages: [Defect] = [
    serving("no-extended-key-usage", "there is no extended key usage") { (draft, _) throws(OpenSSLError) in
      draft.body.remove(ExtendedKeyUsage.identifier)
    },
    serving("wrong-extended-key-usage", "the extended key usage is a client's, on a server's certificate") {
      (draft, _) throws(OpenSSLError) in
      try draft.body.replace(ExtendedKeyUsage([.clientAuth]))
    },
    serving("no-key-usage", "there is no key usage") { (draft, _) throws(OpenSSLError) in
      draft.body.remove(KeyUsage.identifier)
    },
  ]

  static let ofConstraints: [Defect] = [
    serving("leaf-is-authority", "a server's certificate says CA:TRUE") { (draft, _) throws(OpenSSLError) in
      try draft.body.replace(BasicConstraints.ca(pathLength: nil))
    },
    serving("unknown-critical-extension", "there is an unknown critical extension, 1.2.3.4.5") {
      (draft, _) throws(OpenSSLError) in
      draft.body.extensions.append(
        CertificateExtension(
          identifier: ObjectIdentifier("1.2.3.4.5"), isCritical: true, value: DERValue.null.bytes))
    },
    serving("duplicate-extension", "the subject alternative name is there twice") {
      (draft, _) throws(OpenSSLError) in
      draft.body.extensions += draft.body.extensions.filter {
        $0.identifier == SubjectAlternativeName.identifier
      }
    },
    serving("no-key-identifiers", "there is neither a subject nor an authority key identifier") {
      (draft, _) throws(OpenSSLError) in
      draft.body.remove(SubjectKeyIdentifier.identifier, AuthorityKeyIdentifier.identifier)
    },
  ]
}

extension TBSCertificate {
  /// Changes the subject alternative names one by one.
  fileprivate mutating func changeNames(
    _ change: (GeneralName) -> [GeneralName]
  ) throws(OpenSSLError) {
    let names = try extensions.first(SubjectAlternativeName.self)?.names ?? []
    try replace(SubjectAlternativeName(names.flatMap(change)))
  }
}
