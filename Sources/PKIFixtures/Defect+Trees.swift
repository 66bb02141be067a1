internal import Kubeconfigs
internal import KubernetesPKI
internal import OpenSSLX509

extension Defect {
  static let ofTrees: [Defect] = [
    Defect(
      name: "shared-front-proxy-authority",
      summary: "the front-proxy CA also signs clients: each of them can act as any user",
      path: "pki/front-proxy-ca.crt",
      question: DefectQuestion(certificate: .frontProxyClient, ca: .frontProxyCA, host: .unasked)
    ) { (scene) throws(OpenSSLError) in
      let ca = try scene.cluster.certificate(.ca)
      var draft = try scene.draft(of: .frontProxyClient, signedBy: .ca)
      try draft.body.setIssuer(ca)
      return [
        scene.file(.privateKey, "pki/front-proxy-ca.key", try scene.cluster.keyPEM(.ca)),
        scene.file(.certificate, "pki/front-proxy-ca.crt", try ca.pem())
          .describing(ca.subject, until: ca.validity.notAfter),
        scene.file(.certificate, "pki/front-proxy-client.crt", try draft.pem(), draft.body),
      ]
    },
    Defect(
      name: "other-service-account-key", summary: "sa.pub is the public half of another key than sa.key",
      path: "pki/sa.pub", question: nil
    ) { (scene) throws(OpenSSLError) in
      [scene.file(.publicKey, "pki/sa.pub", try scene.key(for: "sa").publicKey.pem())]
    },
  ]

  static let ofKubeconfigs: [Defect] = [
    kubeconfig("wrong-masters", "the scheduler is a member of system:masters, whom nothing stops", .scheduler)
    {
      (parts, scene) throws(OpenSSLError) in
      try parts.setSubject(organizations: ["system:masters"], commonName: nil, scene)
    },
    kubeconfig("wrong-node-name", "the kubelet's certificate is that of another node", .kubelet) {
      (parts, scene) throws(OpenSSLError) in
      try parts.setSubject(organizations: ["system:nodes"], commonName: "system:node:another-node", scene)
    },
    kubeconfig("kubeconfig-wrong-ca", "the kubeconfig trusts etcd's CA, not the cluster's", .admin) {
      (parts, scene) throws(OpenSSLError) in
      parts.cas = [try scene.cluster.certificate(.etcdCA)]
    },
    kubeconfig("kubeconfig-wrong-server", "the kubeconfig points to another server, 192.0.2.1", .admin) {
      (parts, _) throws(OpenSSLError) in
      parts.server = "https://192.0.2.1:6443"
    },
    kubeconfig("kubeconfig-wrong-user", "the kubeconfig is another user's, the scheduler's", .admin) {
      (parts, scene) throws(OpenSSLError) in
      let other = try scene.cluster.kubeconfig(.scheduler)
      parts.certificates = other.clientCertificates
      parts.key = other.clientKey
    },
    kubeconfig("kubeconfig-wrong-pair", "the client key is not that of the client certificate", .admin) {
      (parts, scene) throws(OpenSSLError) in
      parts.key = try scene.cluster.kubeconfig(.scheduler).clientKey
    },
  ]

  private static func kubeconfig(
    _ name: String, _ summary: String, _ id: CatalogEntry.ID,
    _ change: @escaping @Sendable (inout KubeconfigParts, DefectScene) throws(OpenSSLError) -> Void
  ) -> Defect {
    let path = "\(id.rawValue).conf"
    return Defect(name: name, summary: summary, path: path, question: nil) {
      (scene) throws(OpenSSLError) in
      var parts = KubeconfigParts(try scene.cluster.kubeconfig(id))
      try change(&parts, scene)
      let file = scene.file(.kubeconfig, path, try parts.encoded())
      return [
        parts.certificates.first.map { file.describing($0.subject, until: $0.validity.notAfter) } ?? file
      ]
    }
  }
}

/// A kubeconfig taken apart.
private struct KubeconfigParts {
  let original: Kubeconfig
  var server: String
  var cas: [Certificate]
  var certificates: [Certificate]
  var key: PrivateKey?

  init(_ kubeconfig: Kubeconfig) {
    original = kubeconfig
    server = kubeconfig.server
    cas = kubeconfig.certificateAuthorities
    certificates = kubeconfig.clientCertificates
    key = kubeconfig.clientKey
  }

  /// Has the client certificate signed again with another subject.
  mutating func setSubject(
    organizations: [String], commonName: String?, _ scene: DefectScene
  ) throws(OpenSSLError) {
    guard let client = certificates.first else { return }
    var draft = try scene.draft(of: client, named: "client", signedBy: scene.cluster.key(.ca))
    draft.body.subject = try DistinguishedName(
      organizations: organizations, commonName: commonName ?? client.subject.commonName)
    certificates = [try Certificate(der: draft.signed())]
  }

  func encoded() throws(OpenSSLError) -> SecretBytes {
    guard let key else {
      throw OpenSSLError(operation: "write the kubeconfig", reasons: ["it has no client key"])
    }
    return try Kubeconfig(
      clusterName: original.clusterName, userName: original.userName, contextName: original.contextName,
      server: server, certificateAuthorities: cas, clientCertificates: certificates, clientKey: key
    ).encodedFixture()
  }
}
