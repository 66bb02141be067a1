import Foundation
import TestSupport
import Testing

/// Transcripts of `pkigen renew`.
@Suite(.timeLimit(.minutes(20)))
struct RenewTests {
  private let tree: ExpiredTree
  private var directory: String { tree.directory.path }

  init() async throws { tree = try await ExpiredTree() }

  @Test func `what was replaced is reported, with the old end and the new one, and what is to be done`()
    async throws
  {
    let outcome = try await tree.renew("apiserver", "etcd-server", "admin", "kubelet.conf")
    #expect(
      outcome.stdout == """
        replace  \(directory)/pki/apiserver.crt    CN = kube-apiserver, until 2029-01-15 (was 2028-01-15)
        replace  \(directory)/pki/apiserver.key
        replace  \(directory)/pki/etcd/server.crt  CN = kube-etcd, until 2029-01-15 (was 2028-01-15)
        replace  \(directory)/pki/etcd/server.key
        replace  \(directory)/admin.conf           O = system:masters, CN = kubernetes-admin, until 2029-01-15 \
        (was 2028-01-15), https://10.0.0.10:6443
        replace  \(directory)/kubelet.conf         O = system:nodes, CN = system:node:cp1, until 2029-01-15 \
        (was 2028-01-15), https://10.0.0.10:6443

        Files: 6 replaced, 0 kept.
        A backup of the replaced files is in \(directory)/pki/.backup/20280116T080000Z
        next: restart the kubelet: systemctl restart kubelet
        next: give the new \(directory)/admin.conf to those who have a copy of the old one
        next: every other control-plane node has certificates of its own: renew them there too

        """)
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
  }

  @Test func `the document has the same, for programs`() async throws {
    let outcome = try await tree.renew("apiserver", "-o", "json", "--apiserver-san", "k8s.example.com")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    let document = try outcome.document(RunDocument.self)
    #expect(!document.dryRun && document.refusals.isEmpty && document.warnings.isEmpty)
    #expect(document.backup == "\(directory)/pki/.backup/20280116T080000Z" && document.nextSteps.count == 1)
    let certificate = try #require(document.files.first)
    #expect(certificate.action == "replace" && certificate.kind == "certificate")
    #expect(certificate.path == tree.path("pki/apiserver.crt"))
    #expect(certificate.previousNotAfter == "2028-01-15T08:00:00Z")
    #expect(certificate.addedNames == ["DNS:k8s.example.com"] && certificate.droppedNames == [])
    let fingerprint = try await tree.openssl("pki/apiserver.crt", "-fingerprint", "-sha256")
    #expect(fingerprint.contains(certificate.certificate?.sha256?.pairs ?? "none"))
    #expect(document.files.map(\.kind) == ["certificate", "private-key"])
  }

  @Test func `names that come and go are reported`() async throws {
    let outcome = try await tree.renew(
      "all", "--advertise-ip", "10.0.0.9", "--apiserver-san", "k8s.example.com,192.0.2.1", "-q", "-o", "json")
    let document = try outcome.document(RunDocument.self)
    let changed = document.files.filter { !($0.addedNames ?? []).isEmpty }
    #expect(
      changed.map(\.path) == ["apiserver", "etcd/server", "etcd/peer"].map { tree.path("pki/\($0).crt") })
    #expect(changed[0].addedNames == ["DNS:k8s.example.com", "IP:10.0.0.9", "IP:192.0.2.1"])
    #expect(changed[0].droppedNames == [])
    let text = try await tree.openssl("pki/apiserver.crt", "-ext", "subjectAltName")
    #expect(
      text.contains(
        "DNS:cp1, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, "
          + "DNS:kubernetes.default.svc.cluster, DNS:kubernetes.default.svc.cluster.local, "
          + "DNS:k8s.example.com, IP Address:10.96.0.1, IP Address:10.0.0.10, IP Address:10.0.0.9, "
          + "IP Address:192.0.2.1\n"))
    // A second run with the same options changes no name.
    let again = try await tree.renew(
      "apiserver", "--advertise-ip", "10.0.0.9", "--apiserver-san", "k8s.example.com,192.0.2.1")
    #expect(!again.stdout.contains("    + ") && !again.stdout.contains("    - "))
    let fewer = try await tree.renew("apiserver", "--drop-san", "IP:10.0.0.10,192.0.2.1")
    #expect(
      fewer.stdout.hasPrefix(
        """
        replace  \(directory)/pki/apiserver.crt  CN = kube-apiserver, until 2029-01-15 (was 2029-01-15)
                   - IP:10.0.0.10
                   - IP:192.0.2.1
        """))
    // What no option says of the node is in the other files of the tree.
    let others = try await tree.renew("all", "--replace-sans", "--apiserver-san", "lb.example.com")
    #expect(
      others.stdout.hasPrefix(
        """
        replace  \(directory)/pki/apiserver.crt                 CN = kube-apiserver, until 2029-01-15 (was 2029-01-15)
                   + DNS:lb.example.com
                   - DNS:k8s.example.com
        """), "\(others.stdout)")
  }

  @Test func `kubeadm's tree keeps kubeadm's names, and its super-admin.conf is renewed`() async throws {
    let tree = try await ExpiredTree("kubeadm")
    let outcome = try await tree.renew("all", "--apiserver-san", "k8s.example.com")
    #expect(outcome.status == 0 && outcome.stdout.contains("+ DNS:k8s.example.com"))
    #expect(!outcome.stdout.contains("    - ") && !outcome.stdout.contains("svc.cluster\n"))
    #expect(outcome.stdout.contains("super-admin.conf"))
    #expect(outcome.stdout.contains("Files: 19 replaced, 0 kept."))
  }

  @Test func `a dry run writes nothing and says what would be`() async throws {
    let before = try tree.state
    let outcome = try await tree.renew("all", "--dry-run", "--apiserver-san", "k8s.example.com")
    #expect(outcome.stdout.contains("CN = kube-apiserver, until 2029-01-15 (was 2028-01-15)\n"))
    #expect(outcome.stdout.contains("           + DNS:k8s.example.com\n"))
    #expect(outcome.stdout.hasSuffix("\nDry run, nothing was written; files: 18 replaced, 0 kept.\n"))
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
    let document = try await tree.renew("all", "--dry-run", "-o", "json")
    #expect(document.stdout.contains("\"dryRun\" : true") && !document.stdout.contains("sha256"))
    #expect(try tree.state == before)
    #expect(!FileManager.default.fileExists(atPath: tree.path("pki/.backup")))
  }

  @Test func `only what is due is renewed`() async throws {
    #expect(try await tree.renew("apiserver", "-q").status == 0)
    let outcome = try await tree.renew("all", "--expiring-within", "30d")
    #expect(outcome.stdout.contains("keep     \(directory)/pki/apiserver.crt"))
    #expect(outcome.stdout.contains("Files: 16 replaced, 2 kept.") && outcome.status == 0)
    let before = try tree.state
    let nothing = try await tree.renew("all", "--expiring-within", "30d")
    #expect(
      nothing.stdout.hasSuffix("\nFiles: 0 replaced, 18 kept.\n")
        || nothing.stdout.hasSuffix("\nFiles: 18 kept.\n"))
    #expect(try nothing.status == 0 && tree.state == before)
  }

  @Test func `what a CA cannot sign is an error, the rest is done, and the status is 1`() async throws {
    try tree.remove("pki/etcd/ca.key")
    let outcome = try await tree.renew("all")
    let (key, names) = (
      tree.path("pki/etcd/ca.key"), "etcd-server, etcd-peer, etcd-healthcheck-client, apiserver-etcd-client"
    )
    #expect(
      outcome.stderr == """
        error: cannot renew \(names): the key of the CA, \(key), is not here
        hint: run pkigen csr create \(names.replacing(",", with: "")) --node-name cp1 --advertise-ip 10.0.0.10 -d \(tree.path("").dropLast()); or put the key there for the time of this run: \(key)

        """)
    #expect(outcome.stdout.contains("Files: 10 replaced, 0 kept.") && outcome.status == 1)
    let late = try await tree.renew("all", "-o", "json", at: "2037-01-13 08:00:00")
    let document = try late.document(RunDocument.self)
    #expect(document.files.isEmpty && document.refusals.map(\.code) == ["expired", "expired", "expired"])
    #expect(late.status == 1 && document.backup == nil && document.nextSteps.isEmpty)
    let dry = try await tree.renew("all", "--dry-run", at: "2037-01-13 08:00:00")
    #expect(dry.stdout == "Nothing would be changed.\n" && dry.status == 1)
  }

  @Test func `a leaf that would outlive its CA ends with it, and a warning says so`() async throws {
    let outcome = try await tree.renew("apiserver", "--validity", "10y")
    #expect(
      outcome.stderr == """
        warning: apiserver will be valid only until 2037-01-12T08:00:00Z, when the CA ca expires

        """)
    #expect(outcome.stdout.contains("until 2037-01-12 (was 2028-01-15)") && outcome.status == 0)
  }

  @Test func `a shorter lifetime is a warning, which names the option that keeps the old one`() async throws {
    let longer = try await tree.renew("apiserver", "--validity", "3000d")
    try #require(longer == Outcome(status: 0, stdout: longer.stdout))
    for options in [[], ["-q"]] {
      let outcome = try await tree.renew(["apiserver", "--dry-run"] + options)
      #expect(
        outcome.stderr == """
          warning: apiserver: valid for 365 days from now, where the present certificate had a lifetime of 3000 days; --validity 3000d keeps it

          """)
    }
    #expect(try await tree.renew("apiserver", "--validity", "365d", "-q") == Outcome(status: 0))
  }

  @Test func `keys are kept or changed as is said`() async throws {
    let key = try tree.text("pki/apiserver.key")
    let kept = try await tree.renew("apiserver", "--reuse-key")
    #expect(kept.stdout.contains("keep     \(directory)/pki/apiserver.key\n"))
    #expect(try kept.status == 0 && tree.text("pki/apiserver.key") == key)
    let changed = try await tree.renew("apiserver", "--key-algorithm", "rsa-2048", "-q")
    #expect(changed == Outcome(status: 0))
    #expect(try tree.text("pki/apiserver.key").hasPrefix("-----BEGIN RSA PRIVATE KEY-----"))
  }

  @Test func `quiet leaves errors and warnings`() async throws {
    try tree.remove("pki/etcd/ca.key")
    let outcome = try await tree.renew("etcd-peer", "admin", "--quiet", "--validity", "20y")
    #expect(outcome.stdout.isEmpty && outcome.status == 1)
    #expect(
      outcome.stderr.split(separator: "\n").map { $0.prefix(6) } == ["warnin", "error:", "hint: "])
  }

  @Test func `a place without a tree is an error`() async throws {
    let nowhere = tree.path("nowhere")
    let outcome = try await run(Pkigen.path, ["renew", "all", "-d", nowhere])
    #expect(
      outcome.stderr.hasPrefix(
        "error: there is no PKI of a control plane in \(nowhere)/pki and \(nowhere)\nhint: "))
    #expect(outcome.status == 1 && !FileManager.default.fileExists(atPath: nowhere))
  }

  @Test(arguments: [
    ([], "error: Missing expected argument '<name> ...'"),
    (["ca"], #"error: NAME: "ca" is a CA: nothing in the cluster trusts a CA with a new key"#),
    (["sa"], #"error: NAME: "sa" is a key pair, which does not expire"#),
    (["apiservr"], #"error: NAME: "apiservr" is not one of all, apiserver, "#),
    (["all", "--expiring-within", "soon"], #"error: --expiring-within: "soon" is not a length of time"#),
    (
      ["all", "--validity", "0d"],
      #"error: --validity: "0d" is less than one second; it must be more than zero"#
    ),
    (["all", "--key-algorithm", "dsa"], #"error: --key-algorithm: "dsa" is not a key algorithm"#),
    (
      ["all", "--key-algorithm", "rsa-2048", "--reuse-key"],
      "error: --reuse-key keeps each kind of key: give it without --key-algorithm."
    ),
    (
      ["all", "--ca-validity", "1y"],
      #"error: --ca-validity: "1y" is without effect here"#
    ),
    (["all", "--apiserver-san", "a b"], #"error: --apiserver-san: "a b" is not a host name"#),
    (
      ["apiserver", "--advertise-ip", "10.0.0.300"],
      #"error: --advertise-ip: "10.0.0.300" is not an IP address"#
    ),
    (
      ["apiserver", "--update-user-kubeconfig"],
      "error: --update-user-kubeconfig needs admin.conf: name admin, or all."
    ),
    (["all", "--jobs", "0"], "error: --jobs needs a number of at least 1."),
    (
      ["all", "--restore", "x"],
      "error: --restore puts back a whole backup: give no names and no options of a renewal."
    ),
    (
      ["--restore", "x", "--validity", "1d"],
      "error: --restore puts back a whole backup: give no names and no options of a renewal."
    ),
    (
      ["all", "--replace-sans"],
      "error: --replace-sans needs an option that names SANs of these certificates, or --config."
    ),
    (
      ["apiserver", "--replace-sans", "--validity", "1y"],
      "error: --replace-sans needs an option that names SANs of these certificates, or --config."
    ),
    (
      ["all", "--drop-san", "typo.example.com"],
      #"error: --drop-san: "typo.example.com" is no SAN of the selected certificates"#
    ),
    (["--restore", "x", "--drop-san", "a"], "error: --restore puts back a whole backup: "),
    (["--restore", ""], "error: --restore needs the path of a backup."),
  ])
  func `a wrong command line is reported, and nothing is written`(arguments: [String], error: String)
    async throws
  {
    let before = try tree.state
    let outcome = try await run(
      Pkigen.path, ["renew", "-d", directory] + arguments, environment: ["HOME": tree.home, "SUDO_USER": ""])
    #expect(outcome.stderr.hasPrefix(error), "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty && outcome.status == 64)
    #expect(try tree.state == before)
  }

  @Test func `what has to be known and is nowhere is asked for`() async throws {
    try tree.remove("controller-manager.conf", "kubelet.conf")
    let outcome = try await tree.renew("all", "--replace-sans", "--apiserver-san", "k8s.example.com")
    #expect(
      outcome.stderr == """
        error: --node-name is required
        hint: --node-name NAME is the name under which the kubelet registers the node

        """)
    #expect(outcome.status == 64 && !FileManager.default.fileExists(atPath: tree.path("pki/.backup")))
    // Nothing has to be known where no SAN is replaced.
    #expect(try await tree.renew("apiserver", "--apiserver-san", "k8s.example.com").status == 0)
  }

  @Test func `help has examples, and names what can be renewed`() async throws {
    let outcome = try await Pkigen.run("renew", "--help")
    #expect(
      outcome.status == 0 && outcome.stdout.contains("pkigen renew all --expiring-within 30d --dry-run"))
  }
}

extension String {
  /// Hexadecimal as openssl prints it.
  fileprivate var pairs: String {
    let digits = Array(uppercased())
    return stride(from: 0, to: digits.count, by: 2).map { String(digits[$0..<min($0 + 2, digits.count)]) }
      .joined(separator: ":")
  }
}
