import FoundationEssentials
@testable import Kubeconfigs
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// A client certificate that moves from a file into its kubeconfig, and back.
struct KubeconfigMoveTests {
  private let directory: TemporaryDirectory
  private let file: String

  init() throws {
    directory = try TemporaryDirectory()
    file = directory.path("current.pem")
    let tree = try MadeTree()
    let pem =
      try tree.text("pki/apiserver-kubelet-client.crt") + tree.text("pki/apiserver-kubelet-client.key")
    try Data(pem.utf8).write(to: URL(filePath: file))
  }

  private func client(_ text: String) throws -> KubeconfigClient {
    try KubeconfigClient(SecretBytes(text.utf8), path: directory.path("kubelet.conf"))
  }

  private func kubeconfig(_ user: String) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: c
    contexts: [{name: c, context: {cluster: k, user: u}}]
    clusters: [{name: k, cluster: {server: "https://10.0.0.1:6443"}}]
    users:
    - name: u
      user:
    \(user)
    # the end

    """
  }

  @Test(arguments: [
    "    client-certificate: FILE\n    client-key: FILE  # the same file",
    "    client-certificate: \"FILE\"\n    client-key: 'FILE'",
    "    {\"client-certificate\": \"FILE\", \"client-key\": \"FILE\"}",
    "    {client-key: FILE, client-certificate: FILE}",
  ])
  func `it is embedded and named again, and every other byte stays`(user: String) throws {
    let text = kubeconfig(user.replacing("FILE", with: file))
    let before = try client(text)
    let embedded = try before.text(naming: nil, trusting: nil)
    let inside = try client(String(decoding: embedded.copy, as: UTF8.self))
    #expect(inside.certificateSource.isEmbedded && inside.keySource.isEmbedded)
    #expect(inside.certificates == before.certificates && inside.key?.publicKey == before.key?.publicKey)
    let named = try inside.text(naming: file, trusting: nil)
    #expect(String(decoding: named.copy, as: UTF8.self) == text)
  }

  @Test(arguments: [
    "    client-certificate: &file FILE\n    client-key: *file"
  ])
  func `what cannot be edited in place is refused`(user: String) throws {
    let client = try client(kubeconfig(user.replacing("FILE", with: file)))
    #expect(throws: KubeconfigProblem.self) { try client.text(naming: nil, trusting: nil) }
  }

  @Test func `a key that cannot be read is not embedded`() throws {
    let other = directory.path("key.pem")
    try Data("nothing".utf8).write(to: URL(filePath: other))
    let client = try client(kubeconfig("    client-certificate: \(file)\n    client-key: \(other)"))
    #expect(throws: KubeconfigProblem.self) { try client.text(naming: nil, trusting: nil) }
  }
}
