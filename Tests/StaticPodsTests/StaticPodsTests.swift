import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
@testable import StaticPods
import TestSupport
import Testing

/// What the manifests of static pods say.
struct StaticPodsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// As kubeadm writes it, shortened.
  private static let apiServer = """
    apiVersion: v1
    kind: Pod
    metadata: {name: kube-apiserver, namespace: kube-system}
    spec:
      containers:
      - command:
        - kube-apiserver
        - --advertise-address=10.0.0.10
        - --client-ca-file=/etc/kubernetes/pki/ca.crt
        - --enable-bootstrap-token-auth=true
        - --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt
        - --etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt
        - --etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key
        - --etcd-servers=https://127.0.0.1:2379
        - --secure-port=6444
        - --service-account-issuer=https://kubernetes.default.svc.k8s.example.com
        - --service-account-key-file=/etc/kubernetes/pki/sa.pub
        - --service-cluster-ip-range=10.97.0.0/16,fd00::/112
        - --tls-cert-file=/etc/kubernetes/pki/apiserver.crt
        - --tls-private-key-file=/etc/kubernetes/pki/apiserver.key
        image: registry.k8s.io/kube-apiserver:v1.36.2
        name: kube-apiserver
        volumeMounts:
        - {mountPath: /etc/kubernetes/pki, name: k8s-certs, readOnly: true}
      volumes:
      - hostPath: {path: /srv/pki/, type: DirectoryOrCreate}
        name: k8s-certs
    """

  private static let etcd = """
    apiVersion: v1
    kind: Pod
    metadata: {name: etcd}
    spec:
      containers:
      - command: [etcd, --cert-file=/pki/server.crt, --key-file=/pki/server.key]
        args: ["--listen-client-urls=https://127.0.0.1:2379,https://10.0.0.10:2379", --advertise-client-urls,
          "https://etcd1.example.com:2379", "--listen-peer-urls=https://0.0.0.0:2380",
          "--initial-advertise-peer-urls=https://[fd00::7]:2380", --listen-metrics-urls=http://127.0.0.1:2381]
        name: etcd
    """

  private func read(_ manifests: [String: String]) throws -> StaticPods {
    try FileManager.default.createDirectory(
      atPath: directory.path("manifests"), withIntermediateDirectories: true)
    for (name, text) in manifests {
      try text.write(toFile: directory.path("manifests/\(name)"), atomically: false, encoding: .utf8)
    }
    return StaticPods(besides: TreeLocation(kubernetesDirectory: directory.path))
  }

  @Test func `the API server's manifest says what the cluster is, with lines`() throws {
    let pods = try read(["kube-apiserver.yaml": Self.apiServer, "etcd.yaml": Self.etcd])
    #expect(pods.problems.isEmpty && pods.pods.map(\.component) == [.etcd, .kubeAPIServer])
    let cluster = try pods.settings.configuration(assumingDefaults: false)
    #expect(cluster.advertiseAddress?.description == "10.0.0.10" && cluster.bindPort == 6444)
    #expect(cluster.serviceSubnets.map(\.description) == ["10.97.0.0/16", "fd00::/112"])
    #expect(cluster.dnsDomain == "k8s.example.com" && cluster.externalEtcd == nil)
    #expect(
      pods.settings[.advertiseAddress]?.origin
        == .file(
          path: directory.path("manifests/kube-apiserver.yaml"), line: 8, field: "--advertise-address"))
  }

  @Test func `arguments name files, which the host has where they are mounted from`() throws {
    let pods = try read(["kube-apiserver.yaml": Self.apiServer])
    let files = pods.files.map { "\($0.line) \($0.argument) \($0.hostPath ?? "-")" }
    #expect(
      files == [
        "9 client-ca-file /srv/pki/ca.crt", "11 etcd-cafile /srv/pki/etcd/ca.crt",
        "12 etcd-certfile /srv/pki/apiserver-etcd-client.crt",
        "13 etcd-keyfile /srv/pki/apiserver-etcd-client.key",
        "17 service-account-key-file /srv/pki/sa.pub", "19 tls-cert-file /srv/pki/apiserver.crt",
        "20 tls-private-key-file /srv/pki/apiserver.key",
      ])
    #expect(pods.files[2].content == .certificate(key: "etcd-keyfile"))
  }

  @Test func `a file that is not mounted is no file of the host`() throws {
    let pods = try read(["etcd.yaml": Self.etcd])
    #expect(pods.files.map(\.path) == ["/pki/server.crt", "/pki/server.key"])
    #expect(pods.files.allSatisfy { $0.hostPath == nil })
  }

  @Test func `volumes are of the host or not, and a pod may see a part of one`() throws {
    let pods = try read([
      "etcd.yaml": """
      kind: Pod
      spec:
        containers:
        - command: [etcd, --cert-file=/a/server.crt, --key-file=/b/server.key, --trusted-ca-file=/c/ca.crt,
            --peer-cert-file=/ca/peer.crt, --peer-key-file=/d]
          volumeMounts:
          - {name: host, mountPath: /a, subPath: pki/etcd}
          - {name: memory, mountPath: /b}
          - {name: root, mountPath: /c}
          - {name: key, mountPath: /d}
        volumes:
        - {name: host, hostPath: {path: /srv}}
        - {name: memory, emptyDir: {}}
        - {name: root, hostPath: {path: /}}
        - {name: key, hostPath: {path: /srv/peer.key}}
      """
    ])
    #expect(
      pods.files.map(\.source) == [
        .host("/srv/pki/etcd/server.crt"), .volume, .host("/ca.crt"), .nowhere, .host("/srv/peer.key"),
      ])
  }

  @Test func `etcd's URLs are the names of its certificates`() throws {
    let pods = try read(["etcd.yaml": Self.etcd])
    #expect(
      pods.etcdServerHosts.map(\.description) == ["IP:127.0.0.1", "IP:10.0.0.10", "DNS:etcd1.example.com"])
    #expect(pods.etcdPeerHosts.map(\.description) == ["IP:fd00::7"])
  }

  @Test func `an etcd that is not on the node is external, with the files for it`() throws {
    let text = Self.apiServer.replacing(
      "https://127.0.0.1:2379", with: "https://10.0.0.5:2379,https://10.0.0.6:2379")
    let etcd = try read(["kube-apiserver.yaml": text]).settings.configuration().externalEtcd
    #expect(etcd?.caFile == "/srv/pki/etcd/ca.crt" && etcd?.keyFile == "/srv/pki/apiserver-etcd-client.key")
    #expect(try read(["etcd.yaml": Self.etcd]).settings.configuration().externalEtcd == nil)
  }

  @Test func `without manifests there are no pods`() throws {
    let pods = StaticPods(besides: TreeLocation(kubernetesDirectory: directory.path("none")))
    #expect(pods.pods.isEmpty && pods.problems.isEmpty && pods.settings.isEmpty && pods.files.isEmpty)
  }

  @Test func `what is no pod of a component is passed over, and hidden files too`() throws {
    let pods = try read([
      ".kube-apiserver.yaml": Self.apiServer, "a.yaml": "kind: Pod\nspec: {containers: [{name: proxy}]}\n",
      "b.yaml": "kind: Service\n", "c.json": #"{"kind": "Pod", "spec": {"containers": []}}"#,
      "d.yaml": "- a\n",
      "e.yaml": "kind: Pod\nspec: [a]\n", "f.yaml": "",
    ])
    #expect(pods.pods.isEmpty && pods.problems.isEmpty)
  }

  @Test func `a manifest that cannot be read is an error with its line`() throws {
    let pods = try read(["a.yaml": "kind: Pod\nspec: [\n", "etcd.yaml": Self.etcd])
    #expect(pods.pods.count == 1)
    #expect(
      pods.problems.map(\.description).first?.hasPrefix("\(directory.path("manifests/a.yaml")):") == true)
    #expect(pods.findings.map(\.code) == [.malformedFile])
    #expect(pods.findings.map(\.files) == [[directory.path("manifests/a.yaml")]])
  }

  @Test func `of an argument that stands twice the last one counts, and words may follow their names`() throws
  {
    let pods = try read([
      "s.yaml": """
      kind: Pod
      spec:
        containers:
        - name: kube-scheduler
          command: [/usr/local/bin/kube-scheduler, --kubeconfig, /a, --leader-elect, --v=2, "--kubeconfig=/b"]
      """
    ])
    let pod = try #require(pods[.kubeScheduler])
    #expect(pod.argument("kubeconfig")?.value == "/b" && pod.argument("leader-elect")?.value == "true")
    #expect(pod.files(in: pods) == ["/a", "/b"])
  }
}

extension StaticPod {
  /// The paths that the arguments of the pod name.
  fileprivate func files(in pods: StaticPods) -> [String] {
    pods.files.filter { $0.manifest == path }.map(\.path)
  }
}
