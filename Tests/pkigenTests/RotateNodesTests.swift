import FoundationEssentials
import TestSupport
import Testing

/// `pkigen rotate` on several machines: control-plane nodes, workers, CAs whose keys are not here, and a root CA.
@Suite(.timeLimit(.minutes(20)))
struct RotateNodesTests {
  private static let ready = "--controller-manager-ready"
  /// Copies what prepare has made from the first node to the second.
  private static let copy =
    "tar -C cp1/pki -cf - ca.crt ca-next.key ca-cross.crt ca-signing.crt | tar -C cp2/pki -xpf -"
  private static let copyToWorker = "cp cp1/pki/ca.crt w1/etc/kubernetes/pki/ca.crt"

  /// The nodes of a cluster whose kube-controller-managers sign with a file of their own.
  private func readyCluster(nodes: Int) async throws -> RotatedCluster {
    let cluster = try await RotatedCluster(nodes: nodes)
    try await cluster.shell("sed -i 's|/ca.crt|/ca-signing.crt|' cp*/manifests/*")
    return cluster
  }

  private func issuer(of certificate: String, _ cluster: RotatedCluster) async throws -> String {
    try await cluster.shell("openssl x509 -noout -issuer -in \(certificate)")
  }

  /// The line of a step that is to be run, up to its explanation.
  private func command(after words: String, in output: String, upTo end: String) throws -> String {
    let line = try #require(output.split(separator: "\n").first { $0.contains(words) }, "\(output)")
    let start = try #require(line.firstRange(of: words)).upperBound
    let rest = line[start...]
    return String(rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)])
  }

  @Test
  func
    `a kubelet on a worker gets its certificate by the new CA after the printed steps, and by the old one again`()
    async throws
  {
    let cluster = try await readyCluster(nodes: 1)
    let current = "w1/var/lib/kubelet/pki/kubelet-client-current.pem"
    try await cluster.shell("pkigen rotate prepare ca -q -d cp1 \(Self.ready)")
    let early = try await cluster.shell("pkigen rotate switch ca --rootfs w1", status: 65)
    #expect(early.contains("holds one CA, and must hold two"), "\(early)")
    let conf = try cluster.text("w1/etc/kubernetes/kubelet.conf")
    try await cluster.shell("\(Self.copyToWorker)\npkigen rotate prepare ca -q --rootfs w1")
    for (verb, name) in [("switch", "kubernetes-2"), ("back", "kubernetes\n"), ("switch", "kubernetes-2")] {
      try await cluster.shell("pkigen rotate \(verb) ca -q -d cp1")
      let stale = try await cluster.shell("pkigen rotate \(verb) ca --rootfs w1", status: 65)
      #expect(
        stale.contains("begins with the \(verb == "back" ? "younger" : "older") of its CAs"), "\(stale)")
      let steps = try await cluster.shell("\(Self.copyToWorker)\npkigen rotate \(verb) ca --rootfs w1")
      #expect(try cluster.text("w1/etc/kubernetes/kubelet.conf").contains("client-key-data: LS0t"))
      let again = try await cluster.shell("pkigen rotate \(verb) ca --rootfs w1")
      #expect(again.contains("next: ca: when") && again.contains("Files: 1 kept."), "\(again)")
      try await cluster.shell("mv " + command(after: ": mv ", in: steps, upTo: ";"))
      #expect(try await issuer(of: current, cluster).contains("CN = \(name)"), "\(verb)")
      try await cluster.shell("pkigen rotate \(verb) ca -q --rootfs w1")
      #expect(try withoutTrust(cluster.text("w1/etc/kubernetes/kubelet.conf")) == withoutTrust(conf))
    }
    try await cluster.shell("pkigen rotate retire ca -q -d cp1")
    let kept = try await cluster.shell("pkigen rotate retire ca --rootfs w1", status: 65)
    #expect(kept.contains("still holds 2 CAs"))
    try await cluster.shell("\(Self.copyToWorker)\npkigen rotate retire ca -q --rootfs w1")
    try await cluster.shell("pkigen verify --rootfs w1 -q && pkigen rotate status --rootfs w1")
  }

  /// What a kubeconfig says beside what it trusts.
  private func withoutTrust(_ text: String) -> String {
    text.replacing(#/certificate-authority-data: \S+/#, with: "")
  }

  @Test func `a worker is not retired while its kubelet has a certificate of the old CA`() async throws {
    let cluster = try await readyCluster(nodes: 1)
    try await cluster.shell(
      """
      pkigen rotate prepare ca -q -d cp1 \(Self.ready)
      pkigen rotate switch ca -q -d cp1
      \(Self.copyToWorker)
      pkigen rotate switch ca -q --rootfs w1
      """)
    let refused = try await cluster.shell(
      "pkigen rotate retire ca -d cp1 --peer w1/etc/kubernetes", status: 65)
    #expect(refused.contains("has signed w1/etc/kubernetes/kubelet.conf\n"), "\(refused)")
    try await cluster.shell("pkigen rotate retire ca -q -d cp1\n\(Self.copyToWorker)")
    let late = try await cluster.shell("pkigen rotate retire ca --rootfs w1", status: 65)
    #expect(late.contains("has signed w1/etc/kubernetes/kubelet.conf\n"), "\(late)")
  }

  @Test func `status says which node is behind, in every stage`() async throws {
    let cluster = try await readyCluster(nodes: 2)
    let status = "pkigen rotate status -d cp1 --peer cp2 --peer w1/etc/kubernetes"
    func expectBehind(_ verb: String?, _ worker: String? = nil) async throws {
      let outcome = try await cluster.outcome(of: status)
      for (node, next) in [("cp2", verb), ("w1/etc/kubernetes", worker ?? verb)] {
        let copies = next == "prepare" || node != "cp2" ? "copy its files, then " : ""
        let text = next.map { "behind cp1/pki, next: \(copies)pkigen rotate \($0) ca -d \(node)\n" }
        #expect(outcome.stdout.contains(text ?? "\(node)/pki:") && outcome.status == (verb == nil ? 0 : 1))
      }
      #expect(outcome.stdout.contains("wait for the nodes") == (verb != nil && verb != "retire"))
    }
    try await expectBehind(nil)
    try await cluster.shell("pkigen rotate prepare ca -q -d cp1 \(Self.ready)")
    try await expectBehind("prepare")
    try await cluster.shell(
      "\(Self.copy)\npkigen rotate prepare ca -q -d cp2 \(Self.ready)\n\(Self.copyToWorker)")
    try await expectBehind(nil)
    try await cluster.shell("pkigen rotate switch ca -q -d cp1")
    try await expectBehind("switch")
    try await cluster.shell("pkigen rotate switch ca -q -d cp2\n\(Self.copyToWorker)")
    try await expectBehind(nil)
    try await cluster.shell("pkigen rotate back ca -q -d cp1; pkigen rotate back ca -q -d cp2")
    let returned = try await cluster.shell(status, status: 1)
    #expect(
      returned.contains(
        "ahead of cp1/pki, next: copy its files, then pkigen rotate back ca -d w1/etc/kubernetes\n"),
      "\(returned)")
    try await cluster.shell("pkigen rotate switch ca -q -d cp1; pkigen rotate switch ca -q -d cp2")
    try await cluster.shell("pkigen rotate retire ca -q -d cp1")
    try await expectBehind("retire")
    let document = try await cluster.shell("\(status) -o json", status: 1)
    #expect(
      document.contains("\"next\" : \"retire\"") || document.contains("\"next\": \"retire\""), "\(document)")
  }

  @Test func `a node that goes its own way, or signs still, keeps the others from going on`() async throws {
    let cluster = try await readyCluster(nodes: 2)
    for node in ["cp1", "cp2"] {
      try await cluster.shell("pkigen rotate prepare all -q -d \(node) \(Self.ready)")
    }
    let refused = try await cluster.shell("pkigen rotate switch all -d cp1 --peer cp2", status: 65)
    for name in ["ca.crt", "etcd/ca.crt", "front-proxy-ca.crt", "sa.pub"] {
      #expect(refused.contains("cp2/pki/\(name) holds another successor"), "\(refused)")
    }
    try await cluster.shell("pkigen rotate back all -q -d cp2")
    try await cluster.shell(
      "tar -C cp1/pki -cf - sa.pub sa-next.key | tar -C cp2/pki -xpf -; pkigen rotate switch sa -q -d cp1 --peer cp2"
    )
    let early = try await cluster.shell(
      "pkigen rotate retire sa --tokens-renewed -d cp1 --peer cp2", status: 65)
    #expect(early.contains("cp2/pki/sa.key is the previous key"), "\(early)")
    try await cluster.shell("pkigen rotate switch sa -q -d cp2")
    try await cluster.shell("pkigen rotate retire sa -q --tokens-renewed -d cp1 --peer cp2")
  }

  @Test func `a peer is the tree of another node, and where peers have no effect they are refused`()
    async throws
  {
    let cluster = try await readyCluster(nodes: 1)
    for command in ["rotate status", "rotate prepare ca", "rotate switch ca", "rotate retire ca", "verify"] {
      let own = try await cluster.shell("pkigen \(command) -d cp1 --peer cp1", status: 64)
      #expect(own.contains("is the tree itself"), "\(command)")
      let none = try await cluster.shell("pkigen \(command) -d cp1 --peer nowhere", status: 64)
      #expect(none.contains("there is no pki in it"), "\(command)")
    }
    try await cluster.shell("pkigen rotate back ca -d cp1 --peer w1/etc/kubernetes", status: 64)
    try await cluster.shell("pkigen rotate retire ca -d cp1 --jobs 2", status: 64)
  }

  @Test
  func `a manifest that names a file of two certificates is reported where another node's files came first`()
    async throws
  {
    let cluster = try await RotatedCluster(nodes: 2)
    try await cluster.shell("pkigen rotate prepare ca -q -d cp1 \(Self.ready)\n\(Self.copy)")
    let outcome = try await cluster.shell("pkigen rotate prepare ca -d cp2", status: 1)
    #expect(
      outcome.contains("cp2/manifests/kube-controller-manager.yaml has kube-controller-manager sign with"))
    #expect(outcome.contains("Files: 2 kept."), "\(outcome)")
    let switched = try await cluster.shell("pkigen rotate switch ca -d cp2", status: 65)
    #expect(
      switched.contains("in cp2/manifests/kube-controller-manager.yaml, wait until")
        && !switched.contains("Files:"))
    try await cluster.shell(
      "sed -i s/ca.crt/ca-signing.crt/ cp2/manifests/*\npkigen rotate prepare ca -q -d cp2; pkigen rotate switch ca -q -d cp2"
    )
  }

  @Test
  func `below a root CA, that signs the successor, and no cross certificate is needed by what trusts it`()
    async throws
  {
    let cluster = try await readyCluster(nodes: 1)
    let root = "--root-ca-cert root/root.crt --root-ca-key root/root.key"
    try await cluster.shell(
      "pkigen init -d one --node-name cp1 --advertise-ip 10.0.0.10 --new-root root --key-algorithm ecdsa-p256 -q"
    )
    let refused = try await cluster.shell("pkigen rotate prepare ca -d one \(Self.ready)", status: 65)
    #expect(refused.contains("is below another CA, CN = kubernetes-root-ca, which has to sign"), "\(refused)")
    try await cluster.shell("pkigen rotate prepare ca -d cp1 \(Self.ready) \(root)", status: 64)
    let prepared = try await cluster.shell("pkigen rotate prepare all -d one \(Self.ready) \(root)")
    #expect(prepared.contains("must be trusted everywhere before the switch"))
    #expect(prepared.contains("But restart kube-scheduler and the kubelet of every node"))
    for (verb, counts) in [
      ("", "2 3"), ("switch", "2 3"), ("back", "2 3"), ("switch", "2 3"), ("retire", "1 2"),
    ] {
      let options = verb == "retire" ? "--tokens-renewed" : ""
      if !verb.isEmpty { try await cluster.shell("pkigen rotate \(verb) all -q -d one \(options)") }
      try await cluster.shell("pkigen verify -q -d one")
      for ca in ["ca", "etcd/ca", "front-proxy-ca"] {
        let found = try await cluster.shell(
          "echo $(cat one/pki/\(ca).crt | grep -c BEGIN) $(grep -c BEGIN one/pki/\(ca)-bundle.crt)")
        #expect(found == "\(counts)\n", "\(verb): \(ca)")
      }
      for trust in ["one/pki/ca-bundle.crt", "root/root.crt"] {
        try await cluster.shell(
          "openssl verify -CAfile \(trust) -untrusted one/pki/apiserver.crt one/pki/apiserver.crt")
      }
    }
  }

  @Test
  func
    `where the CA's key is on another machine, a node trusts what is copied to it, and requests certificates`()
    async throws
  {
    let cluster = try await readyCluster(nodes: 1)
    try await cluster.shell(
      "mkdir -p vault/pki\ncp cp1/pki/ca.crt vault/pki\nmv cp1/pki/ca.key vault/pki\nrm -r cp1/manifests")
    let refused = try await cluster.shell("pkigen rotate prepare ca -d cp1 \(Self.ready)", status: 65)
    #expect(refused.contains("the key of the CA ca, cp1/pki/ca.key, is not here"), "\(refused)")
    try await cluster.shell(
      """
      pkigen rotate prepare ca -q -d vault \(Self.ready) && cp vault/pki/ca.crt cp1/pki
      pkigen rotate prepare ca -q -d cp1 \(Self.ready) && pkigen verify -q -d cp1
      pkigen rotate switch ca -q -d vault && cp vault/pki/ca.crt cp1/pki
      """)
    let outcome = try await cluster.shell("pkigen rotate switch ca -d cp1", status: 1)
    let hint = try command(after: "hint: run ", in: outcome, upTo: "\n")
    #expect(hint.hasPrefix("pkigen csr create apiserver apiserver-kubelet-client admin.conf"), "\(outcome)")
    try await cluster.shell(
      """
      \(hint)
      mkdir requests && mv cp1/*.csr cp1/pki/*.csr requests
      pkigen csr sign requests/*.csr --ca-cert vault/pki/ca.crt --ca-key vault/pki/ca.key --out signed
      pkigen csr install -d cp1 signed/*.crt
      pkigen rotate switch ca -q -d cp1
      pkigen rotate retire ca -q -d vault && cp vault/pki/ca.crt cp1/pki
      pkigen rotate retire ca -q -d cp1 && pkigen verify -q -d cp1
      """)
    #expect(try await issuer(of: "cp1/pki/apiserver.crt", cluster).contains("CN = kubernetes-2"))
  }

  @Test func `what has to be changed in the cluster is printed for each stage`() async throws {
    let cluster = try await readyCluster(nodes: 1)
    let idle = try await cluster.shell("pkigen rotate manifests all -d cp1")
    #expect(
      idle.contains("#     - name: cluster-signing-cert-file\n")
        || idle.contains("- name: cluster-signing-cert-file"))
    #expect(idle.contains("kubectl -n kube-system delete configmap extension-apiserver-authentication\n"))
    try await cluster.shell("pkigen rotate prepare all -q -d cp1 \(Self.ready)")
    let prepared = try await cluster.shell("pkigen rotate manifests ca -d cp1")
    #expect(prepared.contains("# ca, prepared:\n") && prepared.contains(": 2 for each namespace"))
    #expect(prepared.contains("\ndata:\n  kubeconfig: |\n"))
    try await cluster.shell("pkigen rotate switch all -q -d cp1")
    let switched = try await cluster.shell("pkigen rotate manifests ca sa -d cp1")
    #expect(switched.contains("-issuer -in /var/lib/kubelet/pki/kubelet-client-current.pem"))
    #expect(switched.contains("# sa, switched:\n"))
    let json = try await cluster.shell("pkigen rotate manifests ca -d cp1 -o json")
    #expect(json.hasPrefix("{") && !json.contains("#"))
    let none = try await cluster.shell("pkigen rotate manifests etcd-ca -d cp1")
    #expect(none.hasSuffix("# There is nothing to apply.\n"))
  }
}
