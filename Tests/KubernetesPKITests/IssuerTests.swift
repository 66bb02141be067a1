import FoundationEssentials
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Synchronization
import TestSupport
import Testing

/// What a plan becomes: keys, certificates and kubeconfigs, in memory.
struct IssuerTests {
  /// An issuer whose serial numbers are 1, 2, 3 and so on.
  static func issuer(jobs: Int = 2) -> Issuer {
    let next = Atomic(UInt8(0))
    return Issuer(
      jobs: jobs,
      random: source { (_) throws(OpenSSLError) in
        SerialNumber(magnitude: [next.add(1, ordering: .relaxed).newValue])
      })
  }

  private static func source(
    _ makeSerialNumber: @escaping @Sendable (_ item: String) throws(OpenSSLError) -> SerialNumber
  ) -> RandomSource {
    RandomSource(
      makeKey: RandomSource.openSSL.makeKey, makeSerialNumber: makeSerialNumber,
      signingKey: RandomSource.openSSL.signingKey)
  }

  private static func made(_ catalog: Catalog = .documented) throws -> (plan: Plan, files: [PKIFile]) {
    let plan = try MadeTree(empty: catalog).plan()
    return (plan, try issuer().issue(plan))
  }

  @Test func `files come in the order of the plan, a key before what certifies it`() throws {
    let (plan, files) = try Self.made()
    let root = plan.tree.location.kubeconfigDirectory + "/"
    #expect(
      files.map { $0.path.replacing(root, with: "") } == [
        "pki/ca.key", "pki/ca.crt", "pki/apiserver.key", "pki/apiserver.crt",
        "pki/apiserver-kubelet-client.key",
        "pki/apiserver-kubelet-client.crt", "pki/front-proxy-ca.key", "pki/front-proxy-ca.crt",
        "pki/front-proxy-client.key", "pki/front-proxy-client.crt", "pki/etcd/ca.key", "pki/etcd/ca.crt",
        "pki/etcd/server.key", "pki/etcd/server.crt", "pki/etcd/peer.key", "pki/etcd/peer.crt",
        "pki/etcd/healthcheck-client.key", "pki/etcd/healthcheck-client.crt", "pki/apiserver-etcd-client.key",
        "pki/apiserver-etcd-client.crt", "pki/sa.key", "pki/sa.pub", "admin.conf", "kubelet.conf",
        "controller-manager.conf", "scheduler.conf",
      ])
    for file in files {
      let isSecret = file.path.hasSuffix(".key") || file.path.hasSuffix(".conf")
      #expect(file.mode == (isSecret ? 0o600 : 0o644) && !file.replaces, "\(file.path)")
    }
  }

  @Test func `serial numbers are those of the source, each used once`() throws {
    let certificates = try Self.made().files.compactMap(\.certificate)
    #expect(certificates.flatMap(\.serialNumber.magnitude).sorted() == Array(1...14))
  }

  @Test(arguments: [Catalog.documented, .kubeadm(.newestKnown), .kubeadm(KubernetesVersion(1, 28, 0))])
  func `each leaf verifies under its own CA and under no other`(catalog: Catalog) throws {
    let (plan, files) = try Self.made(catalog)
    let certificates = Dictionary(
      uniqueKeysWithValues: files.compactMap { file in file.certificate.map { (file.path, $0) } })
    let location = plan.tree.location
    let made = Selection.everything(in: catalog).entries
    let leaves =
      catalog.certificates.filter { made.contains($0.id) }.compactMap { row in
        row.ca.map { (location.path(of: row), $0, row.purposes) }
      } + catalog.kubeconfigs.map { (location.path(of: $0), .ca, [.clientAuth]) }
    for (path, authority, purposes) in leaves {
      let leaf = try #require(certificates[path])
      for row in catalog.certificates where row.isCA {
        let anchor = try #require(certificates[location.path(of: row)])
        for purpose in [Certificate.Purpose.server, .client] {
          let isServer = purpose == .server
          let isExpected = row.id == authority && purposes.contains(isServer ? .serverAuth : .clientAuth)
          let error = try leaf.verificationError(anchors: [anchor], purpose: purpose, at: MadeTree.instant)
          #expect(
            (error == nil) == isExpected,
            "\(path) under \(row.id) as \(purpose): \(String(describing: error))")
        }
      }
    }
  }

  @Test func `a certificate says what its row and the cluster say`() throws {
    let (plan, files) = try Self.made()
    let path = plan.tree.location.certificateDirectory + "/etcd/server.crt"
    let certificate = try #require(files.first { $0.path == path }?.certificate)
    #expect(certificate.subject.description == "CN = kube-etcd")
    #expect(certificate.issuer.description == "CN = etcd-ca")
    #expect(try certificate.purposes() == [.serverAuth, .clientAuth])
    #expect(try certificate.keyUsage() == .digitalSignature, "keyEncipherment is for RSA keys")
    #expect(try certificate.basicConstraints() == .isEndEntity)
    let critical = certificate.extensions.filter(\.isCritical).map(\.identifier)
    #expect(critical == [KeyUsage.identifier, BasicConstraints.identifier])
    let row = try #require(Catalog.documented[.etcdServer])
    #expect(try certificate.subjectAlternativeName().names == row.sans(in: MadeTree.cluster()))
    #expect(certificate.validity.notBefore == MadeTree.instant.addingTimeInterval(-300))
  }

  @Test func `a CA is one, and nothing else`() throws {
    let (plan, files) = try Self.made()
    for row in Catalog.documented.certificates where row.isCA {
      let certificate = try #require(
        files.first { $0.path == plan.tree.location.path(of: row) }?.certificate)
      #expect(certificate.isSelfSigned)
      #expect(try certificate.basicConstraints() == .ca(pathLength: nil))
      #expect(try certificate.keyUsage() == [.digitalSignature, .keyCertSign, .cRLSign])
      #expect(certificate.extensions.count == 3 && certificate.extensions.count(where: \.isCritical) == 2)
    }
  }

  @Test func `leaves with RSA keys encipher keys, and all keys are of the algorithm`() throws {
    var selection = try Selection.test(["ca", "apiserver", "sa"], .pairs, in: .documented)
    selection.entries.insert(.admin)
    let plan = try MadeTree(empty: .documented).plan(
      selection, for: MadeTree.cluster { $0.keyAlgorithm = .rsa2048 })
    let files = try Self.issuer().issue(plan)
    for certificate in files.compactMap(\.certificate) {
      #expect(certificate.publicKey.type == .rsa(bits: 2048))
      let expected: KeyUsage =
        try certificate.isCA()
        ? [.digitalSignature, .keyCertSign, .cRLSign] : [.digitalSignature, .keyEncipherment]
      #expect(try certificate.keyUsage() == expected)
    }
    for file in files where file.kind == .privateKey {
      #expect(file.content.copy.text.hasPrefix("-----BEGIN RSA PRIVATE KEY-----"))
    }
  }

  @Test(arguments: [
    (NamingStyle.documented, "default-admin", "default-cluster", "default-system"),
    (.kubeadm, "kubernetes-admin", "kubernetes", "kubernetes-admin@kubernetes"),
  ])
  func `a kubeconfig is laid out as kubectl does`(
    style: NamingStyle, user: String, cluster: String, context: String
  ) throws {
    let tree = try MadeTree(style)
    let data = try ["certificate-authority-data", "client-certificate-data", "client-key-data"].map {
      try Data(tree.embedded($0, in: "admin.conf").utf8).base64EncodedString()
    }
    #expect(
      try tree.text("admin.conf") == """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: \(data[0])
            server: https://10.0.0.10:6443
          name: \(cluster)
        contexts:
        - context:
            cluster: \(cluster)
            user: \(user)
          name: \(context)
        current-context: \(context)
        kind: Config
        users:
        - name: \(user)
          user:
            client-certificate-data: \(data[1])
            client-key-data: \(data[2])

        """)
    #expect(try tree.embedded("certificate-authority-data", in: "admin.conf") == tree.text("pki/ca.crt"))
  }

  /// Names that YAML would take for a number, a truth value or nothing.
  @Test(arguments: ["1", "0x10", "1e3", "true", "no", "null", "2024-01-01", "0777", "10.0.0.10"])
  func `a node's name stays a name in YAML`(name: String) throws {
    let tree = try MadeTree(empty: .kubeadm(.newestKnown))
    var selection = try Selection.test(["ca"], .pairs, in: tree.catalog)
    selection.entries.insert(.kubelet)
    let cluster = try MadeTree.cluster { $0.nodeName = name }
    try tree.complete(selection, for: cluster)
    #expect(try !tree.plan(selection, for: cluster).changesSomething)
    #expect(try tree.kubeconfig("kubelet.conf").userName == "system:node:\(name)")
  }

  @Test(arguments: [1, 2, 64, Int.max])
  func `as many keys are made as are needed, whatever the number of jobs`(jobs: Int) throws {
    let counts = Mutex<[Int]>([])
    let plan = try MadeTree(empty: .documented).plan()
    let files = try Self.issuer(jobs: jobs).issue(plan) { count in counts.withLock { $0.append(count) } }
    #expect(counts.withLock { $0 }.sorted() == Array(1...15))
    #expect(Set(files.filter { $0.kind == .privateKey }.map(\.content.copy)).count == 11)
  }

  @Test func `of several failures that of the first key is reported`() throws {
    let plan = try MadeTree(empty: .documented).plan()
    let issuer = Issuer(
      jobs: 4,
      random: RandomSource(
        makeKey: { (_, item) throws(OpenSSLError) in
          throw OpenSSLError(operation: "make the key of \(item)", reasons: ["no entropy"])
        }, makeSerialNumber: RandomSource.openSSL.makeSerialNumber,
        signingKey: RandomSource.openSSL.signingKey))
    let error = try #require(throws: PKIError.self) { try issuer.issue(plan) }
    #expect(error.description == "the keys: cannot make the key of ca: no entropy")
  }

  @Test(arguments: ["etcd-ca", "apiserver-kubelet-client"])
  func `a failure to sign names what was to be signed`(item: String) throws {
    let plan = try MadeTree(empty: .documented).plan()
    let issuer = Issuer(
      jobs: 2,
      random: Self.source { (name) throws(OpenSSLError) in
        guard name != item else { throw OpenSSLError(operation: "get random bytes", reasons: []) }
        return SerialNumber(magnitude: [1])
      })
    let error = try #require(throws: PKIError.self) { try issuer.issue(plan) }
    #expect(error == .cryptography(subject: item, reason: "cannot get random bytes"))
  }
}
