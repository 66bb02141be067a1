import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What is said about a tree in which something is wrong: each damage alone, on a tree that is whole otherwise.
struct ExaminationTests {
  /// A damage, and every error that it makes of a second `init`: the code and the sentence, with paths from the tree.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let errors: [String]
    let damage: @Sendable (MadeTree) throws -> Void

    init(_ name: String, _ errors: String..., damage: @escaping @Sendable (MadeTree) throws -> Void) {
      (testDescription, self.errors, self.damage) = (name, errors, damage)
    }
  }

  static let pairs = [
    Damage(
      "a certificate without its key",
      "key-missing: pki/apiserver.crt is there, but its private key pki/apiserver.key is not"
    ) { try $0.remove("pki/apiserver.key") },
    Damage(
      "a key without its certificate",
      "certificate-missing: pki/etcd/peer.key is there, but its certificate pki/etcd/peer.crt is not"
    ) { try $0.remove("pki/etcd/peer.crt") },
    Damage(
      "a CA key without its certificate",
      "certificate-missing: pki/front-proxy-ca.key is there, but its certificate pki/front-proxy-ca.crt is not",
      "missing-file: pki/front-proxy-client.crt is there, but the certificate of the CA,"
        + " pki/front-proxy-ca.crt, is not"
    ) { try $0.remove("pki/front-proxy-ca.crt") },
    Damage(
      "a CA that is gone and has signed things",
      "missing-file: pki/front-proxy-client.crt is there, but the certificate of the CA,"
        + " pki/front-proxy-ca.crt, is not"
    ) { try $0.remove("pki/front-proxy-ca.crt", "pki/front-proxy-ca.key") },
    Damage(
      "the key of another certificate",
      "key-mismatch: pki/apiserver.key is not the private key of pki/apiserver.crt"
    ) { try $0.copy("pki/etcd/server.key", to: "pki/apiserver.key") },
    Damage(
      "the key of another CA", "key-mismatch: pki/ca.key is not the private key of pki/ca.crt"
    ) { try $0.copy("pki/etcd/ca.key", to: "pki/ca.key") },
    Damage(
      "a leaf to sign, and no key to sign with",
      "authority-key-missing: the CA pki/etcd/ca.crt is there without its key pki/etcd/ca.key; it has to sign"
        + " etcd-server, etcd-peer"
    ) {
      try $0.remove(
        "pki/etcd/ca.key", "pki/etcd/server.crt", "pki/etcd/server.key", "pki/etcd/peer.crt",
        "pki/etcd/peer.key")
    },
    Damage(
      "a public key without the private one",
      "key-missing: pki/sa.pub is there, but its private key pki/sa.key is not"
    ) { try $0.remove("pki/sa.key") },
    Damage(
      "the public key of another pair",
      "service-account-key-mismatch: pki/sa.pub is not the public key of pki/sa.key"
    ) { try $0.write($0.key("ca").publicKey.pem(), to: "pki/sa.pub") },
    Damage(
      "a private key whose halves do not belong together",
      "service-account-key-mismatch: pki/sa.pub is not the public key of pki/sa.key"
    ) { try $0.write(mangled($0.key("sa")), to: "pki/sa.key") },
  ]

  static let certificates = [
    Damage(
      "the certificate of another CA of the tree",
      "wrong-authority: pki/apiserver.crt was not signed by pki/ca.crt; pki/etcd/ca.crt signed"
    ) { try $0.replace("apiserver", signedBy: "etcd/ca") },
    Damage(
      "a CA of the same name with another key",
      "authority-rekeyed: pki/front-proxy-client.crt was signed by a CA of the same name as"
        + " pki/front-proxy-ca.crt, but with another key; or changed since"
    ) { tree in
      let key = try PrivateKey.generate(.ecdsaP256)
      var template = try tree.template(tree.certificate("front-proxy-ca"))
      template.publicKey = key.publicKey
      try tree.write(key.pem(), to: "pki/front-proxy-ca.key")
      try tree.write(template.selfSigned(by: key).pem(), to: "pki/front-proxy-ca.crt")
    },
    Damage(
      "a CA that is none",
      "not-an-authority: pki/etcd/ca.crt is not a CA certificate: it lacks CA:TRUE or the key usage keyCertSign"
    ) { try $0.replaceAuthority("etcd/ca") { try $0.set(BasicConstraints.isEndEntity, isCritical: true) } },
    Damage(
      "a CA that must not sign",
      "not-an-authority: pki/etcd/ca.crt is not a CA certificate: it lacks CA:TRUE or the key usage keyCertSign"
    ) { try $0.replaceAuthority("etcd/ca") { try $0.set(KeyUsage.cRLSign, isCritical: true) } },
    Damage("a CA that has ended", "expired: pki/etcd/ca.crt expired at 2027-01-15T07:59:59Z") {
      try $0.replaceAuthority("etcd/ca") { $0.validity = validity(-100, -1) }
    },
    Damage("a leaf that has ended", "expired: pki/apiserver.crt expired at 2027-01-15T07:59:59Z") {
      try $0.replace("apiserver", signedBy: "ca") { $0.validity = validity(-100, -1) }
    },
    Damage(
      "a leaf that has not begun",
      "not-yet-valid: pki/apiserver.crt is not valid before 2027-01-15T08:00:01Z"
    ) { try $0.replace("apiserver", signedBy: "ca") { $0.validity = validity(1, 100) } },
    Damage(
      "another common name",
      "wrong-identity: pki/apiserver-kubelet-client.crt has the subject \"O = system:masters, CN = kubelet-client\","
        + " not \"O = system:masters, CN = kube-apiserver-kubelet-client\""
    ) {
      try $0.replace("apiserver-kubelet-client", signedBy: "ca") {
        $0.subject = try DistinguishedName(organizations: ["system:masters"], commonName: "kubelet-client")
      }
    },
    Damage(
      "no group",
      "wrong-identity: pki/apiserver-kubelet-client.crt has the subject \"CN = kube-apiserver-kubelet-client\","
        + " not \"O = system:masters, CN = kube-apiserver-kubelet-client\""
    ) {
      try $0.replace("apiserver-kubelet-client", signedBy: "ca") {
        $0.subject = try DistinguishedName(commonName: "kube-apiserver-kubelet-client")
      }
    },
    Damage(
      "a group too many",
      "wrong-identity: pki/front-proxy-client.crt has the subject \"O = system:masters, CN = front-proxy-client\","
        + " not \"CN = front-proxy-client\""
    ) {
      try $0.replace("front-proxy-client", signedBy: "front-proxy-ca") {
        $0.subject = try DistinguishedName(
          organizations: ["system:masters"], commonName: "front-proxy-client")
      }
    },
    Damage(
      "a name that ends with a NUL and more",
      "wrong-identity: pki/front-proxy-client.crt has the subject \"CN = \\\"front-proxy-client\\\\00x\\\"\","
        + " not \"CN = front-proxy-client\""
    ) {
      try $0.replace("front-proxy-client", signedBy: "front-proxy-ca") {
        $0.subject = try DistinguishedName(commonName: "front-proxy-client\0x")
      }
    },
    Damage("a client that is no server", "wrong-usages: pki/etcd/server.crt lacks the usage serverAuth") {
      try $0.replace("etcd/server", signedBy: "etcd/ca") { try $0.set(ExtendedKeyUsage([.clientAuth])) }
    },
    Damage(
      "no purpose at all, and no signatures",
      "wrong-usages: pki/etcd/peer.crt lacks the usage serverAuth, clientAuth"
    ) {
      try $0.replace("etcd/peer", signedBy: "etcd/ca") {
        try $0.set(ExtendedKeyUsage([.init(ObjectIdentifier("1.2.3"))]))
        try $0.set(KeyUsage.keyEncipherment, isCritical: true)
      }
    },
    Damage(
      "a key usage that cannot be read",
      "malformed-file: no component can read pki/apiserver.crt: its extension X509v3 Key Usage is malformed"
    ) {
      try $0.replace("apiserver", signedBy: "ca") { template in
        template.extensions = template.extensions.filter { $0.identifier != KeyUsage.identifier }
        template.extensions.append(
          CertificateExtension(identifier: KeyUsage.identifier, isCritical: true, value: [4, 0]))
      }
    },
    Damage(
      "a leaf that could sign",
      "wrong-usages: pki/apiserver.crt is a CA certificate (CA:TRUE)"
    ) {
      try $0.replace("apiserver", signedBy: "ca") {
        try $0.set(BasicConstraints.ca(pathLength: nil), isCritical: true)
        try $0.set(KeyUsage([.digitalSignature, .keyCertSign]), isCritical: true)
      }
    },
    Damage(
      "names that are missing",
      "name-missing: pki/apiserver.crt lacks the SAN DNS:kubernetes.default.svc, IP:10.0.0.10"
    ) {
      try $0.replace("apiserver", signedBy: "ca") { template in
        let names = try template.extensions.first(SubjectAlternativeName.self)?.names ?? []
        let fewer = names.filter { !["DNS:kubernetes.default.svc", "IP:10.0.0.10"].contains($0.description) }
        try template.set(SubjectAlternativeName(fewer))
      }
    },
    Damage(
      "no names at all",
      "no-names: pki/etcd/server.crt has no SAN, and clients look for a server's name only there"
    ) {
      try $0.replace("etcd/server", signedBy: "etcd/ca") { template in
        template.extensions = template.extensions.filter {
          $0.identifier != SubjectAlternativeName.identifier
        }
      }
    },
  ]

  static let kubeconfigs = [
    Damage(
      "another CA",
      "kubeconfig-authority: admin.conf does not trust pki/ca.crt: it embeds another CA"
    ) { try $0.replaceKubeconfig("admin.conf", authorities: [$0.certificate("etcd/ca")]) },
    Damage(
      "another key",
      "key-mismatch: scheduler.conf holds a client key that is not the key of its client certificate"
    ) { try $0.replaceKubeconfig("scheduler.conf", key: $0.key("ca")) },
    Damage(
      "another server",
      "kubeconfig-server: kubelet.conf points to \"https://10.0.0.11:6443\", not to https://10.0.0.10:6443"
    ) { try $0.replaceKubeconfig("kubelet.conf", server: "https://10.0.0.11:6443") },
    Damage(
      "another signer", "wrong-authority: admin.conf was not signed by pki/ca.crt; pki/etcd/ca.crt signed"
    ) { try $0.replaceKubeconfig("admin.conf", signedBy: "etcd/ca") },
    Damage("a client that has ended", "expired: admin.conf expired at 2027-01-15T07:59:59Z") {
      try $0.replaceKubeconfig("admin.conf") { $0.validity = validity(-100, -1) }
    },
    Damage(
      "another node",
      "wrong-identity: kubelet.conf has the subject \"O = system:nodes, CN = system:node:cp2\","
        + " not \"O = system:nodes, CN = system:node:cp1\""
    ) {
      try $0.replaceKubeconfig("kubelet.conf") {
        $0.subject = try DistinguishedName(organizations: ["system:nodes"], commonName: "system:node:cp2")
      }
    },
    Damage("no client", "wrong-usages: admin.conf lacks the usage clientAuth") {
      try $0.replaceKubeconfig("admin.conf") { try $0.set(ExtendedKeyUsage([.serverAuth])) }
    },
  ]

  @Test(arguments: pairs + certificates + kubeconfigs)
  func `each damage is found, alone, and nothing is planned`(damage: Damage) throws {
    let tree = try MadeTree(.documented)
    try damage.damage(tree)
    let errors = try Self.errors(in: tree)
    #expect(errors == damage.errors, "\(errors)")
  }

  /// Everything at once is every error, in the order of the catalog.
  @Test func `all that is wrong is said in one run`() throws {
    let tree = try MadeTree(.documented)
    try tree.remove("pki/apiserver.key", "pki/sa.key")
    try tree.write("", to: "pki/etcd/server.crt")
    try tree.replaceKubeconfig("admin.conf", server: "https://x:6443", key: tree.key("ca"))
    let codes = try Self.errors(in: tree).map { $0.prefix { $0 != ":" } }
    #expect(codes == ["key-missing", "malformed-file", "key-missing", "key-mismatch", "kubeconfig-server"])
  }

  @Test func `names are covered as TLS clients match them`() throws {
    let tree = try MadeTree(.documented)
    try tree.replace("etcd/server", signedBy: "etcd/ca") { template in
      let loopback = ["127.0.0.1", "::1", "10.0.0.10"].compactMap { IPAddress($0) }.map {
        GeneralName.ipAddress($0)
      }
      try template.set(SubjectAlternativeName([.dnsName("LocalHost"), .dnsName("*.example.com")] + loopback))
    }
    let selection = try Selection.test(["etcd-server"], .pairs, in: .documented)
    for (name, isCovered) in [
      ("a.example.com", true), ("*.example.com", true), ("example.com", false), ("a.b.example.com", false),
      ("*.b.example.com", false), ("localhost", true), ("cp1", false),
    ] {
      let cluster = try MadeTree.cluster {
        $0.nodeName = "a.example.com"
        $0.extraNames[.etcdServer] = [.dnsName(name)]
      }
      let plan = Result { try tree.plan(selection, for: cluster) }
      #expect(((try? plan.get()) != nil) == isCovered, "\(name)")
    }
  }

  @Test func `a bundle of public keys keeps old tokens valid`() throws {
    let tree = try MadeTree(.documented)
    let other = try PrivateKey.generate(.rsa2048).publicKey.pem().copy.text
    try tree.write(other + tree.text("pki/sa.pub"), to: "pki/sa.pub")
    #expect(try !tree.plan().changesSomething)
  }

  @Test func `a certificate may have more usages than its row`() throws {
    let tree = try MadeTree(.documented)
    try tree.replace("etcd/healthcheck-client", signedBy: "etcd/ca") {
      try $0.set(ExtendedKeyUsage([.serverAuth, .clientAuth]))
      try $0.set(KeyUsage([.digitalSignature, .keyEncipherment]), isCritical: true)
    }
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      try $0.set(ExtendedKeyUsage([.any]))
    }
    #expect(try !tree.plan().changesSomething)
  }
}
