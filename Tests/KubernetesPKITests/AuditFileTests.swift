import FileStore
import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees whose files are missing, broken, or open to the wrong people.
struct AuditFileTests {
  // What is missing

  @Test func `a place where there is nothing is one finding`() throws {
    let tree = try MadeTree(empty: MadeTree.catalog)
    let finding = try tree.expect(.missingFile)
    #expect(finding.files == [tree.path("pki"), tree.directory.path])
  }

  @Test(arguments: [
    "apiserver", "apiserver-kubelet-client", "front-proxy-client", "etcd/server", "etcd/peer",
  ])
  func `a missing pair is one finding`(name: String) throws {
    let tree = try MadeTree()
    try tree.remove("pki/\(name).crt", "pki/\(name).key")
    let finding = try tree.expect(.missingFile)
    #expect(finding.files == [tree.path("pki/\(name).crt")])
  }

  @Test(arguments: ["admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf"])
  func `a missing kubeconfig is one finding`(name: String) throws {
    let tree = try MadeTree()
    try tree.remove(name)
    #expect(try tree.expect(.missingFile).files == [tree.path(name)])
  }

  @Test func `a missing CA is one finding, with all that depends on it`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/ca.crt", "pki/ca.key")
    let finding = try tree.expect(.missingFile)
    #expect(
      finding.files.map { String($0.dropFirst(tree.directory.path.count + 1)) } == [
        "pki/ca.crt", "pki/apiserver.crt", "pki/apiserver-kubelet-client.crt", "admin.conf",
        "super-admin.conf",
        "kubelet.conf", "controller-manager.conf", "scheduler.conf",
      ])
  }

  @Test(arguments: ["sa.key", "sa.pub"])
  func `a missing half of the service-account pair is one finding`(name: String) throws {
    let tree = try MadeTree()
    try tree.remove("pki/\(name)")
    try tree.expect(name == "sa.key" ? .keyMissing : .missingFile)
  }

  @Test func `a missing service-account pair is one finding`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/sa.key", "pki/sa.pub")
    #expect(try tree.expect(.missingFile).files == ["pki/sa.key", "pki/sa.pub"].map(tree.path))
  }

  @Test(arguments: ["apiserver", "etcd/ca"])
  func `a certificate that is missing beside its key is one finding`(name: String) throws {
    let tree = try MadeTree()
    try tree.remove("pki/\(name).crt")
    #expect(
      try tree.expect(.certificateMissing).files == [
        tree.path("pki/\(name).crt"), tree.path("pki/\(name).key"),
      ])
  }

  @Test func `a key that is missing beside its certificate is one finding`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/apiserver.key")
    #expect(
      try tree.expect(.keyMissing).files == [tree.path("pki/apiserver.key"), tree.path("pki/apiserver.crt")])
  }

  // What is broken

  @Test(
    arguments: [
      "pki/ca.crt", "pki/ca.key", "pki/apiserver.crt", "pki/apiserver.key", "pki/sa.key", "pki/sa.pub",
      "admin.conf",
    ], ["empty", "torn", "not PEM"])
  func `a file that does not hold what it should is one finding`(name: String, damage: String) throws {
    let tree = try MadeTree()
    let text = try tree.text(name)
    try tree.write(
      ["empty": "", "torn": String(text.prefix(text.count * 2 / 3)), "not PEM": "gone fishing\n"][damage]
        ?? "", to: name)
    #expect(try tree.expect(.malformedFile).files == [tree.path(name)])
  }

  // What components skip

  @Test(
    arguments: [
      "pki/front-proxy-ca.crt", "pki/apiserver.crt", "pki/apiserver.key", "pki/sa.key", "pki/sa.pub",
    ],
    [true, false])
  func `a torn block beside a good one is a warning`(name: String, isFirst: Bool) throws {
    let tree = try MadeTree()
    let text = try tree.text(name)
    let torn = String(text.prefix(100)) + "\n"
    try tree.write(isFirst ? torn + text : text + torn, to: name)
    let finding = try tree.expect(.skippedBlock)
    #expect(finding.files == [tree.path(name)] && finding.severity == .warning)
    #expect(finding.message.hasSuffix("cannot be read: it has no END line"))
    #expect(finding.message.contains("begins in line \(isFirst ? 1 : text.count { $0.isNewline } + 1)"))
  }

  @Test func `certificates that were joined without a line break are a warning`() throws {
    let tree = try MadeTree()
    let other = try tree.text("pki/etcd/ca.crt")
    try tree.write(
      tree.text("pki/front-proxy-ca.crt") + other.dropLast() + other, to: "pki/front-proxy-ca.crt")
    let message = try tree.expect(.skippedBlock).message
    #expect(message.contains("its END line goes on after the dashes"))
    #expect(message.contains("it follows the END line of another block without a line break"))
  }

  @Test(arguments: ["certificate-authority", "client-certificate", "client-key"])
  func `a torn block in a kubeconfig is a warning`(part: String) throws {
    let tree = try MadeTree()
    let line = try #require(
      tree.text("admin.conf").split(separator: "\n").first { $0.contains("\(part)-data: ") })
    let data = try #require(Data(base64Encoded: String(line.split(separator: " ")[1])))
    let text = String(decoding: data + data.prefix(90), as: UTF8.self)
    try tree.replace(
      "\(part)-data", in: "admin.conf", with: "\(part)-data: \(Data(text.utf8).base64EncodedString())")
    let finding = try tree.expect(.skippedBlock)
    #expect(finding.files == [tree.path("admin.conf")] && finding.message.contains("part of \(part)-data in"))

    try tree.write(text, to: "part.pem")
    try tree.replace("\(part)-data", in: "admin.conf", with: "\(part): part.pem")
    #expect(try tree.findings().first { $0.code == .skippedBlock }?.files == [tree.path("part.pem")])
  }

  /// To kubectl; the API server reads its own file of CAs more strictly.
  @Test func `a malformed CA beside a good one in a kubeconfig is a warning`() throws {
    let tree = try MadeTree()
    let text =
      "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n" + (try tree.text("pki/ca.crt"))
    let field = "certificate-authority-data"
    try tree.replace(field, in: "admin.conf", with: "\(field): \(Data(text.utf8).base64EncodedString())")
    #expect(
      try tree.expect(.skippedBlock).message.hasSuffix(": one certificate has headers or cannot be parsed"))
  }

  @Test func `a key that cannot be read does not hide what is wrong with its certificate`() throws {
    let tree = try MadeTree()
    try tree.write("", to: "pki/apiserver.key")
    try tree.replace("apiserver", signedBy: "ca") { try $0.set(ExtendedKeyUsage([.clientAuth])) }
    try tree.expect(.malformedFile, .wrongUsages)
  }

  @Test func `a file that cannot be opened is one finding`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/apiserver.crt")
    try FileManager.default.createDirectory(
      atPath: tree.path("pki/apiserver.crt"), withIntermediateDirectories: false)
    #expect(try tree.expect(.unreadableFile).files == [tree.path("pki/apiserver.crt")])
  }

  @Test func `what one missing permission hides is one finding`() throws {
    let forbidden = ["a", "b"].map { name in
      Finding(.unreadableFile, [name], "cannot open \(name)", .runAsOwner, cause: SystemError(EACCES))
    }
    let other = Finding(.expired, ["c"], "c expired")
    let merged = Finding.merged([other] + forbidden)
    #expect(merged.map(\.code) == [.unreadableFile, .expired])
    #expect(merged.first?.files == ["a", "b"])
  }

  // Who can read and change

  @Test func `keys that every user can read are one finding`() throws {
    let tree = try MadeTree()
    for name in ["pki/ca.key", "pki/sa.key", "admin.conf"] { chmod(tree.path(name), 0o644) }
    let finding = try tree.expect(.keyExposed)
    #expect(finding.files == ["pki/ca.key", "pki/sa.key", "admin.conf"].map(tree.path))
    #expect(finding.remedy.actions.first == .restrict(finding.files, isCompromised: true))
  }

  @Test func `a key that a group can read is one finding`() throws {
    let tree = try MadeTree()
    chmod(tree.path("pki/etcd/server.key"), 0o640)
    #expect(try tree.expect(.keyGroupReadable).files == [tree.path("pki/etcd/server.key")])
  }

  @Test func `the key of a kubelet in another directory is looked at too`() throws {
    let tree = try MadeTree()
    try tree.write(try tree.embedded("client-key-data", in: "kubelet.conf"), to: "kubelet.pem")
    try tree.replace("client-key-data", in: "kubelet.conf", with: "client-key: kubelet.pem")
    chmod(tree.path("kubelet.pem"), 0o644)
    #expect(try tree.expect(.keyExposed).files == [tree.path("kubelet.pem")])
  }

  @Test func `keys of another owner are one finding`() throws {
    let tree = try MadeTree()
    let finding = try tree.expect(.foreignOwner) { $0.owner = geteuid() + 1 }
    // Ten keys, sa.key and five kubeconfigs; no certificates.
    #expect(finding.files.count == 16 && !finding.files.contains { $0.hasSuffix(".crt") })
  }

  @Test func `certificates and directories that every user can change are one finding`() throws {
    let tree = try MadeTree()
    chmod(tree.path("pki/ca.crt"), 0o666)
    chmod(tree.path("pki/sa.pub"), 0o602)
    chmod(tree.path("pki/etcd"), 0o777)
    #expect(
      try tree.expect(.writableByOthers).files == ["pki/ca.crt", "pki/sa.pub", "pki/etcd"].map(tree.path))
  }

  // Where links lead

  @Test func `links out of the tree are one finding`() throws {
    let (tree, otherDirectory) = (try MadeTree(), try TemporaryDirectory())
    let manager = FileManager.default
    for name in ["pki/ca.crt", "pki/etcd"] {
      let target = otherDirectory.path(String(name.dropFirst("pki/".count)))
      try manager.moveItem(atPath: tree.path(name), toPath: target)
      try manager.createSymbolicLink(atPath: tree.path(name), withDestinationPath: target)
    }
    #expect(try tree.expect(.linkOutOfTree).files == [tree.path("pki/etcd"), tree.path("pki/ca.crt")])
  }

  @Test func `links inside the tree, and a link to the whole of it, are none`() throws {
    let (tree, otherDirectory) = (try MadeTree(), try TemporaryDirectory())
    let manager = FileManager.default
    try manager.moveItem(atPath: tree.path("pki/ca.crt"), toPath: tree.path("pki/ca-2026.crt"))
    try manager.createSymbolicLink(atPath: tree.path("pki/ca.crt"), withDestinationPath: "ca-2026.crt")
    try manager.moveItem(atPath: tree.path("pki"), toPath: otherDirectory.path("pki"))
    try manager.createSymbolicLink(atPath: tree.path("pki"), withDestinationPath: otherDirectory.path("pki"))
    try tree.expectSoundness()
  }

  // What a run that died has left

  @Test func `files that a run has staged before it died are one finding`() throws {
    let tree = try MadeTree()
    try tree.write("", to: "pki/.apiserver.key.pkigen-new")
    try tree.write("", to: "pki/etcd/.server.key.pkigen-new")
    // Its number is that of no process.
    try tree.write("pkigen, process 2147483647\n", to: "pki/.pkigen.lock")
    let finding = try tree.expect(.leftoverFile)
    #expect(
      finding.files == ["pki/.apiserver.key.pkigen-new", "pki/etcd/.server.key.pkigen-new"].map(tree.path))
  }

  @Test func `a journal that a run could not keep is one finding, and what it committed counts`() throws {
    let tree = try MadeTree()
    let target = tree.path("pki/apiserver.crt")
    let entry = Journal.Entry(target, key: nil, .create, in: tree.location.roots)
    try FileManager.default.moveItem(atPath: target, toPath: Journal.stagedPath(target))
    try tree.write(Journal(entries: [entry]).encoded(), to: "pki/\(Journal.fileName)")
    let finding = try tree.expect(.unfinishedRun)
    #expect(finding.files == [Journal.stagedPath(target), tree.path("pki/\(Journal.fileName)")])
  }

  @Test func `backups with keys of valid certificates are counted, those of expired ones are not`() throws {
    let tree = try MadeTree()
    let key = PKIFile(.privateKey, at: tree.path("pki/apiserver.key"), SecretBytes([]), replaces: true)
    let certificate = PKIFile(
      .certificate, at: tree.path("pki/apiserver.crt"), SecretBytes([]), replaces: true, keyPath: key.path)
    let roots = tree.location.roots
    for (name, files) in [("1", [key, certificate]), ("2", [certificate]), ("3", [key])] {
      _ = try Backup.make(
        of: Backup.Request(files.map(\.change), at: MadeTree.instant), in: roots, named: name)
    }
    let finding = try tree.expect(.keysInBackups)
    #expect(finding.message.hasPrefix("1 backup holds private keys") && finding.severity == .info)
  }

  // Fixtures

  @Test(arguments: ["INSECURE-TEST-KEYS.md", "pki/INSECURE-TEST-KEYS.md"])
  func `keys of a seed are reported`(mark: String) throws {
    let tree = try MadeTree()
    try tree.write("", to: mark)
    #expect(try tree.expect(.insecureTestKeys).files == [tree.path(mark)])
  }
}
