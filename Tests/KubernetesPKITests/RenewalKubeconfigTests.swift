import FileStore
import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Kubeconfigs that refer to files, that share them, and that are copied.
struct RenewalKubeconfigTests {
  private let tree: MadeTree
  private let otherDirectory: TemporaryDirectory

  init() throws {
    tree = try MadeTree()
    otherDirectory = try TemporaryDirectory()
  }

  /// Has a kubeconfig refer to files with what it embedded.
  private func refer(_ name: String, certificate: String, key: String) throws {
    func write(_ field: String, _ path: String) throws {
      let directory = path.hasPrefix("/") ? "" : tree.directory.path + "/"
      let text = try tree.embedded("\(field)-data", in: name)
      let before = (try? String(contentsOfFile: directory + path, encoding: .utf8)) ?? ""
      try Data((before + text).utf8).write(to: URL(filePath: directory + path))
    }
    try write("client-certificate", certificate)
    try write("client-key", key)
    try tree.replace("client-certificate-data", in: name, with: "client-certificate: \(certificate)")
    try tree.replace("client-key-data", in: name, with: "client-key: \(key)")
  }

  private func expectSound(_ name: String) throws {
    let kubeconfig = try tree.kubeconfig(name)
    let client = try #require(kubeconfig.clientCertificates.first)
    #expect(kubeconfig.problems.isEmpty, "\(kubeconfig.allProblems)")
    #expect(try kubeconfig.clientKey?.isPair(of: client.publicKey) == true)
    #expect(client.validity.notAfter == MadeTree.days(366 + 365))
  }

  @Test func `a combined file behind a link, as the kubelet keeps it, is followed`() throws {
    let current = otherDirectory.path("kubelet-client-current.pem")
    let dated = otherDirectory.path("kubelet-client-2027-01-15-08-00-00.pem")
    #expect(symlink("kubelet-client-2027-01-15-08-00-00.pem", current) == 0)
    try refer("kubelet.conf", certificate: current, key: current)
    #expect(chmod(dated, 0o600) == 0)
    let before = try tree.text("kubelet.conf")
    let report = try tree.carryOut(tree.renewal("kubelet"))
    try expectSound("kubelet.conf")
    #expect(try tree.text("kubelet.conf") == before)
    #expect(report.files.map(\.path) == [current, tree.path("kubelet.conf")])
    #expect(report.files.map(\.action) == [.replace, .keep] && report.files[0].kind == "private-key")
    #expect(try FileSystem.status(current)?.isSymbolicLink == true)
    #expect(try FileSystem.status(dated)?.permissions == 0o600)
    #expect(try FileSystem.names(in: otherDirectory.path).count == 2)
  }

  @Test func `a combined file keeps its key on request`() throws {
    let path = otherDirectory.path("client.pem")
    try refer("kubelet.conf", certificate: path, key: path)
    let key = try tree.kubeconfig("kubelet.conf").clientKey?.publicKey
    try tree.carryOut(tree.renewal("kubelet") { $0.keepsKeys = true })
    try expectSound("kubelet.conf")
    #expect(try tree.kubeconfig("kubelet.conf").clientKey?.publicKey == key)
  }

  @Test(arguments: [true, false])
  func `two files by relative paths are followed, and replaced as a pair`(keepsKeys: Bool) throws {
    try FileManager.default.createDirectory(atPath: tree.path("clients"), withIntermediateDirectories: false)
    try refer("admin.conf", certificate: "clients/admin.crt", key: "./clients/../clients/admin.pem")
    let key = try tree.text("clients/admin.pem")
    let plan = try tree.renewal("admin") { $0.keepsKeys = keepsKeys }
    let report = try tree.carryOut(plan)
    try expectSound("admin.conf")
    #expect(try (tree.text("clients/admin.pem") == key) == keepsKeys)
    #expect(report.files.map(\.kind) == ["certificate", "private-key", "kubeconfig"])
    #expect(report.files.map(\.action) == [.replace, keepsKeys ? .keep : .replace, .keep])
    let certificate = try #require(try Issuer(jobs: 1).issue(plan).last)
    #expect(certificate.change.keyPath == tree.path("clients/admin.pem"))
  }

  @Test func `a client key that is lost is made anew, embedded and in a file`() throws {
    try tree.replace("client-key-data", in: "admin.conf", with: "client-key-data: bm90aGluZw==")
    try refer("scheduler.conf", certificate: "s.crt", key: "s.key")
    try tree.remove("s.key")
    try tree.carryOut(tree.renewal("admin", "scheduler"))
    try expectSound("admin.conf")
    try expectSound("scheduler.conf")
  }

  @Test func `data is renewed and a file beside it is not, which kubectl refuses until one of them is gone`()
    throws
  {
    let certificate = try tree.embedded("client-certificate-data", in: "scheduler.conf")
    try tree.write(certificate, to: "other.crt")
    let text = try tree.text("admin.conf") + "    client-certificate: other.crt\n"
    try tree.write(text, to: "admin.conf")
    try tree.carryOut(tree.renewal("admin"))
    let kubeconfig = try tree.kubeconfig("admin.conf")
    #expect(kubeconfig.clientCertificates.first?.validity.notAfter == MadeTree.days(366 + 365))
    #expect(kubeconfig.problems[.clientCertificate]?.contains("which kubectl refuses") == true)
    #expect(try tree.text("other.crt") == certificate)
    #expect(try tree.text("admin.conf").hasSuffix("    client-certificate: other.crt\n"))
  }

  @Test func `another CA in a kubeconfig gives way to the tree's, and a warning says so`() throws {
    let others = try [tree.certificate("etcd/ca"), tree.certificate("ca")]
    try tree.replaceKubeconfig("scheduler.conf", authorities: others)
    try tree.replaceKubeconfig("admin.conf", authorities: [others[0]])
    try refer("kubelet.conf", certificate: "k.pem", key: "k.pem")
    let other = Data(try tree.text("pki/etcd/ca.crt").utf8).base64EncodedString()
    try tree.replace(
      "certificate-authority-data", in: "kubelet.conf", with: "certificate-authority-data: \(other)")
    let plan = try tree.renewal("all")
    #expect(
      plan.warnings
        == ["admin.conf", "kubelet.conf"].map {
          "\(tree.path($0)) trusted another CA than \(tree.path("pki/ca.crt")); now it trusts \(tree.path("pki/ca.crt"))"
        })
    let report = try tree.carryOut(plan)
    #expect(report.files.first { $0.path == tree.path("kubelet.conf") }?.action == .replace)
    for name in ["admin.conf", "kubelet.conf"] {
      #expect(try tree.kubeconfig(name).certificateAuthorities == [tree.certificate("ca")])
      try expectSound(name)
    }
    // A bundle that has the tree's CA is intended.
    #expect(try tree.kubeconfig("scheduler.conf").certificateAuthorities == others)
  }

  @Test func `a CA in a file, or none, is let be`() throws {
    try tree.copy("pki/etcd/ca.crt", to: "other-ca.crt")
    try tree.replace(
      "certificate-authority-data", in: "admin.conf", with: "certificate-authority: other-ca.crt")
    try tree.replace(
      "certificate-authority-data", in: "scheduler.conf", with: "insecure-skip-tls-verify: true")
    let plan = try tree.renewal("admin", "scheduler")
    #expect(plan.warnings.isEmpty)
    try tree.carryOut(plan)
    #expect(try tree.text("admin.conf").contains("certificate-authority: other-ca.crt"))
    #expect(try tree.text("other-ca.crt") == tree.text("pki/etcd/ca.crt"))
    #expect(try !tree.text("scheduler.conf").contains("certificate-authority"))
  }

  @Test func `two that share their files are renewed once`() throws {
    try refer("scheduler.conf", certificate: "c.pem", key: "c.pem")
    try tree.write(tree.text("scheduler.conf"), to: "controller-manager.conf")
    try tree.remove("super-admin.conf")
    #expect(symlink("admin.conf", tree.path("super-admin.conf")) == 0)
    let plan = try tree.renewal("all")
    #expect(
      plan.warnings == [
        "super-admin.conf is in the same file as admin.conf, and is renewed with it",
        "scheduler.conf is in the same file as controller-manager.conf, and is renewed with it",
      ])
    #expect(plan.newKeyCount == 10)
    try tree.carryOut(plan)
    for name in ["admin.conf", "super-admin.conf", "controller-manager.conf", "scheduler.conf"] {
      try expectSound(name)
    }
  }

  @Test func `copies of admin.conf outside the tree are renewed with it, and others are not`() throws {
    let copy = otherDirectory.path("config")
    try Data(tree.text("admin.conf").utf8).write(to: URL(filePath: copy))
    try Data(tree.text("scheduler.conf").utf8).write(to: URL(filePath: otherDirectory.path("other")))
    try Data("x".utf8).write(to: URL(filePath: otherDirectory.path("broken")))
    #expect(symlink(tree.path("admin.conf"), otherDirectory.path("link")) == 0)
    let paths = ["config", "other", "broken", "none", "link"].map(otherDirectory.path)
    let plan = try tree.renewal("all") { $0.copiesOfAdmin = paths }
    #expect(
      plan.warnings == [
        "\(paths[1]) is not renewed: \(paths[1]) does not hold the certificate that \(tree.path("admin.conf")) has",
        "\(paths[2]) is not renewed: \(paths[2]) is not a usable kubeconfig: it is not a YAML mapping",
        "\(paths[3]) is not renewed: \(paths[3]) is missing",
      ])
    try tree.carryOut(plan)
    #expect(try String(contentsOfFile: copy, encoding: .utf8) == tree.text("admin.conf"))
    try expectSound("admin.conf")
  }

  @Test func `what holds the old certificate of admin.conf is found, whole or in part`() throws {
    func copy(_ text: String) throws -> Plan.CopyOfAdmin? {
      try Data(text.utf8).write(to: URL(filePath: otherDirectory.path("config")))
      return try tree.renewal("admin").copyOfAdmin(at: otherDirectory.path("config"))
    }
    let admin = try tree.text("admin.conf")
    #expect(try copy(admin)?.isWhole == true)
    // Merged with others, and another context is current.
    let merged = admin.replacing(
      "current-context: kubernetes-admin@kubernetes", with: "current-context: other")
    #expect(try copy(merged)?.isWhole == false)
    #expect(try copy(tree.text("scheduler.conf")) == nil)
    #expect(try copy("") == nil)
    try FileManager.default.removeItem(atPath: otherDirectory.path("config"))
    #expect(try tree.renewal("admin").copyOfAdmin(at: otherDirectory.path("config")) == nil)
    #expect(symlink(tree.path("admin.conf"), otherDirectory.path("config")) == 0)
    #expect(try tree.renewal("admin").copyOfAdmin(at: otherDirectory.path("config")) == nil)
  }
}
