import Foundation
import TestSupport
import Testing

/// What a real bash completes when it has read the script.
struct CompletionTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["tree-one", "tree-two"] {
      try FileManager.default.createDirectory(
        atPath: directory.path(name), withIntermediateDirectories: false)
    }
    try Data().write(to: URL(filePath: directory.path("tree.csr")))
  }

  /// What bash offers for the last of these words.
  private func offered(_ words: [String]) async throws -> [String] {
    let script = """
      source <("$0" completion bash)
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$* COMP_POINT=${#COMP_LINE}
      # It works only while bash completes by itself.
      compopt() { :; }
      _pkigen pkigen "${@: -1}" "${@: -2:1}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let outcome = try await run(
      "bash", ["--norc", "-c", script, try Pkigen.path, "pkigen"] + words, directory: directory.path)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return outcome.stdout.split(separator: "\n").map(String.init).sorted()
  }

  @Test(arguments: [
    (["rot"], ["rotate"]),
    (["renew", "apiserver-"], ["apiserver-etcd-client", "apiserver-kubelet-client"]),
    (["phase", "cert", "s"], ["sa"]),
    (["phase", "kubeconfig", "ad"], ["admin.conf"]),
    (["rotate", "prepare", "etcd"], ["etcd-ca"]),
    (["init", "--key-algorithm", "ecdsa-p3"], ["ecdsa-p384"]),
    (["completion", "z"], ["zsh"]),
    (["verify", "-d", "tree"], ["tree-one", "tree-two"]),
    (["check-expiration", "--trees", "tree-t"], ["tree-two"]),
    (["csr", "show", "tree."], ["tree.csr"]),
    (["csr", "sign", "--ca-key", "tree"], ["tree-one", "tree-two", "tree.csr"]),
  ])
  func `bash completes commands, names, values, directories and files`(
    _ words: [String], _ expected: [String]
  ) async throws {
    #expect(try await offered(words) == expected)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `each shell gets a script of its own`(_ shell: String) async throws {
    let outcome = try await Pkigen.run(["completion", shell])
    #expect(outcome.status == 0 && outcome.stdout.contains("pkigen") && outcome.stderr.isEmpty)
    let other = try await Pkigen.run(["completion", "csh"])
    #expect(other.status == 64 && other.stderr.contains("csh"))
  }
}
