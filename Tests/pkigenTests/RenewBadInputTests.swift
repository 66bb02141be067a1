import Foundation
import TestSupport
import Testing

/// What cannot be renewed is reported, by file and with a remedy, and hinders nothing else.
@Suite(.timeLimit(.minutes(20)))
struct RenewBadInputTests {
  private let tree: ExpiredTree

  init() async throws { tree = try await ExpiredTree() }

  /// A shell command that damages one file, and what is said of it. `DIR` stands for the tree's directory.
  struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    let command: String
    let error: String
    var testDescription: String { "\(name): \(file)" }

    init(_ name: String, _ file: String, _ command: String, _ error: String) {
      self.name = name
      self.file = file
      self.command = command
      self.error = error
    }
  }

  /// Each hinders one item only.
  static let damages = [
    Damage("empty", "pki/apiserver.crt", ": > $F", "does not hold a certificate that can be used: "),
    Damage(
      "torn", "pki/apiserver.crt", "truncate -s 300 $F", "does not hold a certificate that can be used: "),
    Damage(
      "DER", "pki/apiserver.crt", "openssl x509 -in $F -outform DER -out x; mv x $F",
      "does not hold a certificate that can be used: cannot read the certificate: there is no CERTIFICATE block in it"
    ),
    Damage(
      "a request", "pki/etcd/peer.crt",
      "openssl req -new -key pki/etcd/peer.key -subj /CN=x -out $F", "does not hold a certificate"),
    Damage("a pipe", "pki/front-proxy-client.crt", "rm $F; mkfifo $F", "is not a regular file"),
    Damage("a directory", "pki/apiserver.crt", "rm $F; mkdir $F", "Is a directory"),
    Damage("a link to nothing", "pki/apiserver.crt", "rm $F; ln -s x $F", "is a symbolic link to nothing"),
    Damage("a link to itself", "pki/apiserver.crt", "rm $F; ln -s apiserver.crt $F", "Too many levels"),
    Damage(
      "a CA", "pki/etcd/server.crt", "cp pki/etcd/ca.crt $F",
      "it says CA:TRUE, and its successor would be"),
    Damage(
      "an old kind of key", "pki/apiserver.crt",
      "openssl req -x509 -newkey ed25519 -nodes -keyout pki/apiserver.key -subj /CN=x -out $F -addext "
        + "basicConstraints=CA:FALSE 2> log", "pkigen does not make keys of its kind, ed25519"),
    Damage("empty", "admin.conf", ": > $F", "is not a usable kubeconfig: it is empty"),
    Damage(
      "torn", "admin.conf", "truncate -s 300 $F", "is not a usable kubeconfig: it has no current-context"),
    Damage("not text", "scheduler.conf", "head -c 99 $F | gzip > x; mv x $F", "it is not UTF-8 text"),
    Damage(
      "not YAML", "scheduler.conf", "printf 'a: [' > $F", "is not a usable kubeconfig: it is not YAML: line"),
    Damage(
      "no client", "kubelet.conf", "sed -i '/client-certificate-data/d' $F",
      "has neither client-certificate-data nor client-certificate"),
    Damage(
      "half in a file", "kubelet.conf", "sed -i 's/client-key-data: .*/client-key: x/' $F", "or the reverse"),
    Damage(
      "files that are not there", "kubelet.conf",
      "sed -i -E 's/client-(certificate|key)-data: .*/client-\\1: x/' $F", "x: No such file or directory"),
    Damage(
      "not base64", "admin.conf", "sed -i 's/client-certificate-data: ./&!/' $F",
      "its client-certificate-data is not base64"),
    Damage(
      "no context of that name", "admin.conf", "sed -i 's/^current-context: .*/current-context: x/' $F",
      #"it has no context "x" in contexts"#),
    Damage(
      "an anchor", "admin.conf", "sed -i 's/client-key-data: /&\\&k /' $F", "that cannot be edited in place"),
    Damage("a pipe", "controller-manager.conf", "rm $F; mkfifo $F", "is not a regular file"),
  ]

  @Test(arguments: damages)
  func `a damaged file is left, and all others are renewed`(damage: Damage) async throws {
    try await harm(damage)
    let before = try tree.readableState
    let outcome = try await tree.renew("all")
    #expect(outcome.status == 1, "\(outcome)")
    let lines = outcome.stderr.split(separator: "\n")
    try #require(lines.count == 2, "\(lines)")
    #expect(lines[0].hasPrefix("error: ") && lines[1].hasPrefix("hint: "), "\(lines)")
    #expect(lines[0].contains(tree.path(damage.file)) || lines[0].contains(tree.path("pki/")), "\(lines)")
    #expect(lines[0].contains(damage.error), "\(lines)")
    let isPair = damage.file.hasSuffix(".crt")
    #expect(outcome.stdout.contains("\nFiles: \(isPair ? 16 : 17) replaced, 0 kept.\n"), "\(outcome)")
    let after = try tree.readableState
    let left = [damage.file, isPair ? damage.file.replacing(".crt", with: ".key") : damage.file]
    #expect(left.allSatisfy { before[$0] == after[$0] })
    #expect(before.count { after[$0.key] != $0.value } == (isPair ? 16 : 17))
    // Alone it is as wrong, and nothing changes.
    let name = Self.names[damage.file] ?? damage.file
    let alone = try await tree.renew(name)
    #expect(alone.status == 1 && alone.stdout == "Nothing was changed.\n", "\(alone)")
    #expect(alone.stderr == outcome.stderr)
  }

  private static let names = [
    "pki/apiserver.crt": "apiserver", "pki/etcd/peer.crt": "etcd-peer", "pki/etcd/server.crt": "etcd-server",
    "pki/front-proxy-client.crt": "front-proxy-client",
  ]

  /// With these a CA signs nothing.
  @Test(arguments: [
    Damage("no key", "pki/ca.key", "rm $F", "the key of the CA, DIR/pki/ca.key, is not here"),
    Damage(
      "an encrypted key", "pki/ca.key", "openssl ec -in $F -aes128 -passout pass:x -out $F", "it is encrypted"
    ),
    Damage(
      "another's key", "pki/ca.key", "cp pki/etcd/ca.key $F", "is not the private key of DIR/pki/ca.crt"),
    Damage("no certificate", "pki/ca.crt", "rm $F", "is there, but its certificate DIR/pki/ca.crt is not"),
    Damage("torn", "pki/ca.crt", "truncate -s 300 $F", "does not hold a certificate that can be used"),
    Damage(
      "a leaf's", "pki/ca.crt", "cp pki/apiserver.crt $F; cp pki/apiserver.key pki/ca.key",
      "is not a CA certificate"),
  ])
  func `a CA that cannot sign hinders its leaves, which stay as they are`(damage: Damage) async throws {
    try await harm(damage)
    let before = try tree.readableState
    let outcome = try await tree.renew("all")
    let names =
      "apiserver, apiserver-kubelet-client, admin.conf, kubelet.conf, controller-manager.conf, scheduler.conf"
    #expect(
      outcome.stderr.hasPrefix("error: cannot renew \(names): \(tree.path("pki/ca"))")
        || outcome.stderr.hasPrefix("error: cannot renew \(names): the key of the CA, "), "\(outcome)")
    #expect(outcome.stderr.contains(damage.error.replacing("DIR", with: tree.directory.path)), "\(outcome)")
    #expect(outcome.stderr.split(separator: "\n").count == 2 && outcome.status == 1)
    #expect(outcome.stdout.contains("\nFiles: 10 replaced, 0 kept.\n"))
    let after = try tree.readableState
    #expect(
      before.filter { after[$0.key] != $0.value }.allSatisfy {
        $0.key.contains("etcd") || $0.key.contains("front-proxy")
      })
  }

  /// What is wrong with the place for copies, or with what is to be copied, stops everything.
  @Test(arguments: [
    Damage("a file", "pki/.backup", ": > $F", "error: cannot look at DIR/pki/.backup"),
    Damage("a link to nothing", "pki/.backup", "ln -s x $F", "error: "),
    Damage(
      "a directory", "pki/apiserver.key", "rm $F; mkdir $F",
      "error: cannot read DIR/pki/apiserver.key: Is a dir"),
    Damage("an unfinished run's that is no list", "pki/.pkigen.journal", "mkdir $F", "error: "),
  ])
  func `what stands in the way of a backup, or of writing, stops everything`(damage: Damage) async throws {
    try await harm(damage)
    let before = try tree.readableState
    let outcome = try await tree.renew("all")
    #expect(outcome.stderr.hasPrefix(damage.error.replacing("DIR", with: tree.directory.path)), "\(outcome)")
    #expect([65, 73, 74].contains(outcome.status) && outcome.stdout.isEmpty, "\(outcome)")
    #expect(try tree.readableState == before)
  }

  private func harm(_ damage: Damage) async throws {
    let outcome = try await run(
      "sh", ["-ec", damage.command], environment: ["F": damage.file], directory: tree.directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }
}

extension ExpiredTree {
  /// The bytes of every regular file of the tree, but for backups, and what else there is.
  fileprivate var readableState: [String: Data?] {
    get throws {
      var state: [String: Data?] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path)
      where !name.contains(".backup/") && !name.hasSuffix(".lock") {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        let isFile = attributes[.type] as? FileAttributeType == .typeRegular
        state[name] = .some(isFile ? try Data(contentsOf: URL(filePath: path(name))) : nil)
      }
      return state
    }
  }
}
