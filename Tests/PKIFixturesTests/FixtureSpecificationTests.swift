import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
@testable import PKIFixtures
import PKITestSupport
import Testing

/// Specifications, good and bad.
struct FixtureSpecificationTests {
  private static let cluster = """
    clusters:
      one:
        node-name: cp1
        advertise-ip: 10.0.0.10

    """

  @Test func `the built-in specification is one good cluster and every defect`() throws {
    let specification = try FixtureSpecification(FixtureSpecification.builtIn, path: "built-in")
    #expect(specification.clusters.map(\.name) == ["good"])
    #expect(specification.faults.map(\.defect.name) == Defect.all.map(\.name))
    #expect(specification.seed == nil && specification.time == nil)
  }

  private static let everyField = """
    seed: 42
    time: 2026-01-31T12:00:00Z
    clusters:
      one:
        node-name: cp1
        advertise-ip: 10.0.0.10
        bind-port: 8443
        control-plane-endpoint: k8s.example.com
        service-cidr: 10.0.0.0/16
        service-dns-domain: example.org
        apiserver-san: [api.example.com, 192.0.2.9]
        etcd-server-san: etcd.example.com
        key-algorithm: ecdsa-p384
        validity: 90d
        ca-validity: 5y
        style: kubeadm
        kubernetes-version: v1.35.0
        stage: {etcd-ca: retired, sa: prepared}
      two:
        kubeadm: |
          apiVersion: kubeadm.k8s.io/v1beta4
          kind: InitConfiguration
          localAPIEndpoint:
            advertiseAddress: 10.0.0.11
          nodeRegistration:
            name: cp2
        external-etcd: true
        stage: switched
      three:
        node-name: cp3
        advertise-ip: 10.0.0.12
    authorities:
      root:
        path-length: 1
      sub:
        signed-by: root
        common-name: Sub authority
    leaves:
      web:
        authority: sub
        names: [web.example.com, 192.0.2.1]
        usages: [server, client]
    requests:
      node:
        common-name: system:node:cp3
        organizations: system:nodes
    users:
      alice:
        cluster: two
        groups: [dev, ops]
    defects:
      - name: expired
        cluster: three
      - name: expires-at
        cluster: three
        at: 2026-02-01T00:00:00Z
    """

  @Test func `every field is taken`() throws {
    let specification = try FixtureSpecification(Self.everyField, path: "spec.yaml")
    #expect(specification.seed == "42")
    #expect(specification.time?.rfc3339 == "2026-01-31T12:00:00Z")
    let one = specification.clusters[0].configuration
    #expect(one.bindPort == 8443 && one.keyAlgorithm == .ecdsaP384 && one.dnsDomain == "example.org")
    #expect(one.extraNames[.apiServer]?.map(\.description) == ["DNS:api.example.com", "IP:192.0.2.9"])
    #expect(one.certificateValidity == .days(90) && one.caCertificateValidity == .days(5 * 365))
    #expect(specification.clusters[0].catalog[.superAdmin] != nil)
    let (stages, all) = (specification.clusters[0].stages, specification.clusters[1].stages)
    #expect(stages.cas == [.etcdCA: .retired] && stages.serviceAccountKey == .prepared)
    #expect(all.cas == [.ca: .switched, .frontProxyCA: .switched] && all.serviceAccountKey == .switched)
    #expect(specification.clusters[2].stages.areIdle)
    let two = specification.clusters[1]
    #expect(two.configuration.nodeName == "cp2" && two.catalog[.etcdCA] == nil)
    #expect(specification.cas.map(\.signer) == [nil, "root"])
    #expect(specification.cas.map(\.pathLength) == [1, nil])
    #expect(specification.leaves[0].identity.purposes == [.serverAuth, .clientAuth])
    #expect(
      specification.leaves[0].identity.names.map(\.description) == ["DNS:web.example.com", "IP:192.0.2.1"])
    #expect(specification.requests[0].organizations == ["system:nodes"])
    #expect(specification.users[0].identity.organizations == ["dev", "ops"])
    #expect(specification.faults.map(\.end?.rfc3339) == [nil, "2026-02-01T00:00:00Z"])
  }

  @Test(arguments: [
    ("sed: x", "spec.yaml:1: sed is not a field"),
    ("clusters:\n  one:\n    node: cp1", "spec.yaml:3: clusters.one.node is not a field"),
    ("clusters:\n  one:\n    node-name: cp1", "spec.yaml:3: clusters.one.advertise-ip is missing"),
    ("clusters:\n  ../x:\n    node-name: cp1", "spec.yaml:2: clusters.../x is no name for files"),
    ("clusters: [one]", "spec.yaml:1: clusters is a list, not a text"),
    ("clusters: one", "spec.yaml:1: clusters is a string, not names with fields"),
    ("time: soon", "spec.yaml:1: time: \"soon\" is not an instant"),
    ("time: 1969-01-01T00:00:00Z", "spec.yaml:1: time: \"1969-01-01T00:00:00Z\" is not an instant"),
    ("seed: a\nseed: b", "spec.yaml:1: seed stands twice"),
    ("seed: [a]", "spec.yaml:1: seed is a list, not a text"),
    ("leaves:\n  a: {}", "leaves.a.authority is missing"),
    ("leaves:\n  a:\n    authority: nobody", "leaves.a.authority: \"nobody\" is not a CA"),
    ("authorities:\n  a:\n    signed-by: b\n  b:", "authorities.a.signed-by: \"b\" is not a CA"),
    ("authorities:\n  a:\n    path-length: -1", "\"-1\" is not a path length"),
    ("authorities:\n  a:\n    validity: 0d", "authorities.a.validity: \"0d\" is"),
    ("requests:\n  a:\n    names: [under_score]", "requests.a.names: \"under_score\" is not a host name"),
    ("requests:\n  a:\n    usages: [peer]", "requests.a.usages: \"peer\" is not a usage"),
    ("requests:\n  a:\n    key-algorithm: dsa", "requests.a.key-algorithm: \"dsa\" is not a key algorithm"),
    ("requests:\n  a:\n    names: [[x]]", "requests.a.names has a list in it"),
    ("users:\n  a:", "users.a needs a cluster, and there is none"),
    ("defects: all", "defects needs a cluster, and there is none"),
    ("defects: some", "defects is neither all nor a list"),
    ("- a", "spec.yaml:1: the specification is a list"),
    ("a: [", "spec.yaml:2: it is not YAML"),
    ("", "a specification is one YAML document, and this is 0"),
    ("seed: a\n---\nseed: b", "a specification is one YAML document, and this is 2"),
  ])
  func `what is wrong is reported with its line`(text: String, problem: String) {
    let errors = #expect(throws: PKIErrors.self) { try FixtureSpecification(text, path: "spec.yaml") }
    #expect(errors?.description.contains(problem) == true, "\(errors?.description ?? "")")
  }

  @Test(arguments: [
    ("defects: [expird]", "spec.yaml:5: defects has a string in it that names no defect"),
    ("defects: [expired, expired]", "the defect expired stands twice"),
    ("defects: [{name: expired, at: 2026-01-01T00:00:00Z}]", "only expires-at has an instant"),
    ("defects: [{name: expired, cluster: two}]", "\"two\" is not a cluster of the specification"),
    ("defects: [{name: expired, when: now}]", "defects.when is not a field"),
    ("users:\n  a:\n    cluster: two", "users.a.cluster: \"two\" is not a cluster"),
    ("    stage: done", "spec.yaml:5: clusters.one.stage: \"done\" is not a stage"),
    ("    stage: [prepared]", "spec.yaml:5: clusters.one.stage is a list, not a text"),
    ("    stage:", "spec.yaml:5: clusters.one.stage is nothing, not a text"),
    ("    stage: {ca: idle, cb: idle}", "spec.yaml:5: clusters.one.stage.cb is not a field"),
    ("    stage:\n      sa: [idle]", "spec.yaml:6: clusters.one.stage.sa is a list, not a text"),
    ("    stage:\n      sa: Idle", "spec.yaml:6: clusters.one.stage.sa: \"Idle\" is not a stage"),
    ("    stage:\n      sa: idle\n      sa: idle", "clusters.one.stage.sa stands twice"),
    (
      "    external-etcd: true\n    stage: {etcd-ca: prepared}",
      "spec.yaml:6: clusters.one.stage.etcd-ca is not a field"
    ),
    ("    stage: prepared\ndefects: all", "defects need a cluster without a stage, and one has one"),
  ])
  func `so is what is wrong beside a cluster`(text: String, problem: String) {
    let errors = #expect(throws: PKIErrors.self) {
      try FixtureSpecification(Self.cluster + text, path: "spec.yaml")
    }
    #expect(errors?.description.contains(problem) == true, "\(errors?.description ?? "")")
  }

  @Test func `all problems are reported at once`() throws {
    let errors = #expect(throws: PKIErrors.self) {
      try FixtureSpecification("sed: 1\ntime: x\nclusters:\n  a: {}", path: "spec.yaml")
    }
    #expect(errors?.errors.count == 4)
  }

  @Test func `defects need a cluster with etcd`() throws {
    let errors = #expect(throws: PKIErrors.self) {
      try FixtureSpecification(Self.cluster + "    external-etcd: true\ndefects: [expired]", path: "s")
    }
    #expect(errors?.description.contains("defects need a cluster with etcd, and one has none") == true)
  }
}
