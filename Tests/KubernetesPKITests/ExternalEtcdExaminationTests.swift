import FoundationEssentials
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// The files with which the API server reaches an etcd that is not part of the tree.
struct ExternalEtcdExaminationTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", directory.path, "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
      "ecdsa-p256")
    try #require(outcome.status == 0, "\(outcome.stderr)")
  }

  private func codes(
    ca: String? = "etcd/ca.crt", cert: String? = "apiserver-etcd-client.crt",
    key: String? = "apiserver-etcd-client.key", at instant: Date = .now, root: String? = "/"
  ) throws -> [FindingCode] {
    var etcd = ExternalEtcd()
    etcd.caFile = ca.map { directory.path("pki/\($0)") }
    etcd.certFile = cert.map { directory.path("pki/\($0)") }
    etcd.keyFile = key.map { directory.path("pki/\($0)") }
    var request = ClusterSettings()
    request[.externalEtcd] = Setting("true", from: .option("--external-etcd"))
    let location = TreeLocation(
      certificateDirectory: "/nonexistent/pki", kubeconfigDirectory: "/nonexistent", rootDirectory: root)
    let tree = TreeContents(reading: location, catalog: request.catalog, externalEtcd: etcd)
    var cluster = try request.configuration()
    cluster.externalEtcd = etcd
    return Examination(catalog: request.catalog, tree: tree, cluster: cluster, instant: instant)
      .externalEtcdFindings().map(\.code)
  }

  @Test func `files that fit together are fine, as are none`() throws {
    #expect(try codes() == [])
    #expect(try codes(ca: nil, cert: nil, key: nil) == [])
    #expect(try codes(cert: nil, key: nil) == [])
  }

  @Test func `files of the machine that a tree was copied from are not read on this one`() throws {
    #expect(try codes(root: nil) == [.outsideTree, .outsideTree, .outsideTree])
  }

  @Test func `each flaw is found`() throws {
    #expect(try codes(ca: "none.crt", key: "none.key") == [.missingFile, .missingFile])
    #expect(try codes(ca: "ca.key") == [.malformedFile])
    #expect(try codes(ca: "ca.crt") == [.wrongCA])
    #expect(try codes(key: "apiserver.key") == [.keyMismatch])
    #expect(try codes(ca: "ca.crt", cert: "apiserver.crt", key: "apiserver.key") == [.wrongUsages])
    #expect(try codes(at: .now.addingTimeInterval(366 * 86_400)) == [.expired])
  }
}
