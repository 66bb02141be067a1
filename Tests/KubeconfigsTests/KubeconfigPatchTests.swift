import FoundationEssentials
@testable import Kubeconfigs
import OpenSSLX509
import PKITestSupport
import Testing

/// What renewing changes in the text of a kubeconfig, to the byte.
struct KubeconfigPatchTests {
  /// The three values that a renewal changes, in base64.
  private struct Values {
    let authority: String
    let certificate: String
    let key: String
  }

  /// A way to write base64 in YAML.
  enum Style: String, CaseIterable {
    case plain, doubleQuoted, singleQuoted, literal, stripped, folded, indented, spaced
    case plainBelow, quotedLines, withComment, withCommentBelow, escaped

    /// The value as it is written after a field's name, whose line has four spaces before it.
    func before(_ base64: String) -> String {
      let lines = stride(from: 0, to: base64.utf8.count, by: 64).map { start in
        String(decoding: Array(base64.utf8)[start..<min(start + 64, base64.utf8.count)], as: UTF8.self)
      }
      func below(_ indentation: String, between: String = "\n") -> String {
        lines.map { indentation + $0 }.joined(separator: between)
      }
      switch self {
      case .plain: return base64
      case .doubleQuoted: return "\"\(base64)\""
      case .singleQuoted: return "'\(base64)'"
      case .literal: return "|\n\(below("      "))"
      case .stripped: return "|-\n\(below("     "))"
      case .folded: return ">-\n        \(base64)"
      case .indented: return "|2\n\(below("      "))"
      case .spaced: return "|\n\n\(below("      ", between: "\n\n"))\n"
      case .plainBelow: return "\n      \(base64) "
      case .quotedLines: return "\"\(lines.joined(separator: "\\\n      "))\""
      case .withComment: return "\(base64)  # of the year before"
      case .withCommentBelow: return "\(base64)\n      # of the year before"
      case .escaped: return "\"\\x4c\(base64.dropFirst())\""
      }
    }

    /// The same after the value has changed.
    func after(_ base64: String) -> String {
      switch self {
      case .plain, .literal, .stripped, .folded, .indented: base64
      case .plainBelow: "\n      \(base64) "
      case .spaced: base64 + "\n"
      case .doubleQuoted, .quotedLines, .escaped: "\"\(base64)\""
      case .singleQuoted: "'\(base64)'"
      case .withComment: "\(base64)  # of the year before"
      case .withCommentBelow: "\(base64)\n      # of the year before"
      }
    }
  }

  private let old: Values
  private let new: Values
  private let newPEM: (authority: SecretBytes, certificate: SecretBytes, key: SecretBytes)
  private let path: String

  init() throws {
    let tree = try MadeTree()
    path = tree.path("admin.conf")
    func values(_ name: String) throws -> Values {
      func base64(_ field: String) throws -> String {
        Data(try tree.embedded(field, in: name).utf8).base64EncodedString()
      }
      return try Values(
        authority: base64("certificate-authority-data"), certificate: base64("client-certificate-data"),
        key: base64("client-key-data"))
    }
    old = try values("admin.conf")
    let other = try values("scheduler.conf")
    // The front-proxy CA, so that all three values differ.
    newPEM = (
      SecretBytes(Array(try tree.text("pki/front-proxy-ca.crt").utf8)),
      SecretBytes(Data(base64Encoded: other.certificate) ?? Data()),
      SecretBytes(Data(base64Encoded: other.key) ?? Data())
    )
    new = Values(
      authority: Data(newPEM.authority.copy).base64EncodedString(), certificate: other.certificate,
      key: other.key)
  }

  private func renewed(_ text: String) throws -> String {
    let client = try KubeconfigClient(SecretBytes(Array(text.utf8)), path: path)
    let authority = try #require(client.caSource)
    return try client.text(replacing: [
      (client.certificateSource, newPEM.certificate), (client.keySource, newPEM.key),
      (authority, newPEM.authority),
    ]).copy.text
  }

  private func problem(_ text: String) -> String? {
    do throws(KubeconfigProblem) {
      _ = try KubeconfigClient(SecretBytes(Array(text.utf8)), path: path)
      return nil
    } catch {
      return error.text
    }
  }

  /// A kubeconfig with more in it than kubeadm writes.
  private func kubeconfig(_ authority: String, _ certificate: String, _ key: String) -> String {
    """
    # by hand, é\u{2028}# LS0t
    kind: Config
    x-unknown: [1, {a: "b"}]
    current-context: ours   # not theirs
    contexts:
    - {name: theirs, context: {cluster: theirs, user: theirs}}
    - name: ours
      context:
          cluster: ours
          user: ours
          namespace: kube-system
    users:
    - user:
        client-certificate-data: \(old.certificate)
        client-key-data: \(old.key)
        username: someone
      name: theirs
    - name: ours
      user:
        client-key-data: \(key)
        x-note: |
          client-key-data: \(old.key)
        client-certificate-data: \(certificate)

    # between
    clusters:
    - name: theirs
      cluster:
        certificate-authority-data: \(old.authority)
        server: https://theirs:6443
    - cluster:
        certificate-authority-data: \(authority)
        server: "https://10.0.0.10:6443"
      name: ours
    preferences: {}
    # the end, without a newline
    """
  }

  @Test(arguments: Style.allCases, ["\n", "\r\n"])
  func `every other byte survives, however the values are written`(style: Style, newline: String) throws {
    func text(_ values: Values, _ write: (String) -> String) -> String {
      kubeconfig(write(values.authority), write(values.certificate), write(values.key))
        .replacing("\n", with: newline)
    }
    let result = try renewed(text(old, style.before))
    let isSame = result.utf8.elementsEqual(text(new, style.after).utf8)
    #expect(isSame, "\(style)")
  }

  @Test(arguments: [">\n      A\n      B", "AA\n      AA", "\"AA\n      AA\"", "'AA AA'", "|\n      AA AA"])
  func `spaces within a value are no base64, to kubectl neither`(written: String) {
    let text = kubeconfig(old.authority, written, old.key)
    #expect(problem(text) == "its client-certificate-data is not base64")
  }

  @Test(arguments: ["", "\u{feff}", "---\n", "%YAML 1.1\n---\n", " ", "\r\n", "# \u{85}# x\n"])
  func `every other byte survives in JSON, and whatever stands before it`(start: String) throws {
    func json(_ values: Values) -> String {
      """
      {"kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],\
      "clusters":[{"name":"k","cluster":{"certificate-authority-data":"\(values.authority)","server":"https://k"}}],
      \t"users":[{"name":"u","user":{"client-certificate-data":"\(values.certificate)",
      "client-key-data" : "\(values.key)", "as": "\\u00e9"}}]}
      """
    }
    let isSame = try renewed(start + json(old)).utf8.elementsEqual((start + json(new)).utf8)
    #expect(isSame)
  }

  @Test func `a mark of the byte order is let be, as kubectl does`() throws {
    func text(_ values: Values) -> String {
      let text = kubeconfig(values.authority, values.certificate, values.key)
      return "\u{feff}" + text[(text.firstIndex(of: "\n") ?? text.startIndex)...].dropFirst()
    }
    let isSame = try renewed(text(old)).utf8.elementsEqual(text(new).utf8)
    #expect(isSame)
  }

  @Test func `flow style stays flow style`() throws {
    func text(_ values: Values) -> String {
      """
      {kind: Config, current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}],
      clusters: [{name: k, cluster: {certificate-authority-data: \(values.authority), server: 'https://k'}}],
      users: [{name: u, user: {client-certificate-data: \(values.certificate)
        ,client-key-data: \(values.key)}}]}
      """
    }
    #expect(try renewed(text(old)) == text(new))
  }

  @Test(arguments: [
    ("&anchor \n      VALUE", "its client-key-data"), ("&anchor VALUE", "its client-key-data"),
    ("!!str VALUE", "its client-key-data"), ("!!binary |\n      VALUE", "its client-key-data"),
    ("|  # in May\n      VALUE", "its client-key-data"),
  ])
  func `what cannot be edited in place is refused`(written: String, subject: String) {
    let text = kubeconfig(old.authority, old.certificate, written.replacing("VALUE", with: old.key))
    #expect(
      problem(text)
        == "\(subject) is written with an anchor, an alias, a tag or in another way that cannot be edited in place"
    )
  }

  @Test func `aliases are refused, of values and of whole entries, and others are let be`() {
    let plain = kubeconfig(old.authority, old.certificate, old.key)
    #expect(problem(plain) == nil)
    let why = "is written with an anchor, an alias, a tag or in another way that cannot be edited in place"
    let ofValue = "x-key: &key \(old.key)\n" + kubeconfig(old.authority, old.certificate, "*key")
    #expect(problem(ofValue) == "its client-key-data \(why)")
    let ofEntry =
      plain.replacing("- name: ours\n  user:\n", with: "- name: ours\n  user: &ours\n") + "\nx-copy: *ours\n"
    #expect(problem(ofEntry) == "it \(why)")
    let ofOther = plain.replacing("x-unknown: [1, {a: \"b\"}]", with: "x-unknown: [&one 1, *one]")
    #expect(problem(ofOther) == nil)
  }

  @Test func `half a pair in a file is refused`() {
    let text = kubeconfig(old.authority, old.certificate, old.key)
      .replacing("    client-key-data: \(old.key)\n    x-note", with: "    client-key: admin.key\n    x-note")
    #expect(problem(text) == "its client certificate is embedded and its key is not, or the reverse")
  }
}
