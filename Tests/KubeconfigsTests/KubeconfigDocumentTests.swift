import FoundationEssentials
@testable import Kubeconfigs
import OpenSSLX509
import PKITestSupport
import Testing

/// One parsed kubeconfig, and what is done with it.
struct KubeconfigDocumentTests {
  private let tree: MadeTree
  private let good: String

  init() throws {
    tree = try MadeTree()
    good = try tree.text("admin.conf")
  }

  private func document(_ bytes: some Sequence<UInt8>) throws(KubeconfigProblem) -> KubeconfigDocument {
    try KubeconfigDocument(SecretBytes(Array(bytes)), path: tree.path("admin.conf"))
  }

  @Test func `reading, renewing and completing start from one parsed value`() throws {
    let document = try document(good.utf8)
    let kubeconfig = try Kubeconfig(document)
    let client = try KubeconfigClient(document)
    #expect(client.certificates == kubeconfig.clientCertificates && client.userName == kubeconfig.userName)
    #expect(client.path == document.path && client.text.hasSameBytes(as: document.text))
    let waiting = try WaitingKubeconfig(document)
    let text = try waiting.text(
      with: kubeconfig.clientCertificates, trusting: kubeconfig.certificateAuthorities)
    #expect(text.utf8 == good)
  }

  @Test func `a value changes in a text with a byte order mark, and no other byte`() throws {
    let text = "\u{feff}# é\r\n" + good
    let client = try KubeconfigClient(document(text.utf8))
    let key = try #require(client.key).pem()
    let other = try SecretBytes(Array(tree.embedded("client-key-data", in: "scheduler.conf").utf8))
    let edited = try client.text(replacing: [(client.keySource, other)])
    let (old, new) = (Data(key.copy).base64EncodedString(), Data(other.copy).base64EncodedString())
    let expected = text.replacing(old, with: new)
    #expect(expected != text && edited.copy == Array(expected.utf8))
  }

  @Test func `what stands twice is edited where it counts`() throws {
    let client = try KubeconfigClient(document((good + "    client-key-data: YQ==\n").utf8))
    let edited = try client.text(replacing: [(client.keySource, SecretBytes("b".utf8))])
    #expect(edited.utf8 == good + "    client-key-data: Yg==\n")
  }

  @Test func `UTF-16 is not edited, and the problem says so`() throws {
    let wide: [UInt8] = [0xfe, 0xff] + good.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    let document = try document(wide)
    #expect(try Kubeconfig(document).problems.isEmpty)
    #expect(
      throws: KubeconfigProblem("it is UTF-16 text, which cannot be edited in place; save it as UTF-8")
    ) { try KubeconfigClient(document) }
  }

  @Test func `what a merge key brings is not edited`() throws {
    let key = try #require(good.split(separator: "\n").first { $0.contains("client-key-data") })
    let text = "x: &x {\(key.drop { $0 == " " })}\n" + good.replacing(key, with: "    <<: *x")
    let document = try document(text.utf8)
    #expect(try Kubeconfig(document).problems.isEmpty)
    #expect(throws: KubeconfigProblem.self) { try KubeconfigClient(document) }
  }

  @Test func `a kubeconfig is recognized by its kind, or by its clusters`() {
    func isKubeconfig(_ text: String) -> Bool { KubeconfigDocument.isKubeconfig(SecretBytes(text.utf8)) }
    #expect(
      isKubeconfig(good) && isKubeconfig("clusters: []\nclusters: []\n") && isKubeconfig("kind: Config"))
    #expect(!isKubeconfig("kind: Secret\nclusters: []") && !isKubeconfig("[") && !isKubeconfig("a"))
  }

  /// Damage of every kind, from a seed: the reader may refuse it, and nothing else.
  @Test(arguments: 0..<8) func `no damaged text ends the program`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let bytes = Array(good.utf8)
    for _ in 0..<40 {
      var damaged = bytes
      for _ in 0...random.next(4) {
        let (start, length) = (random.next(damaged.count), random.next(40))
        let range = start..<min(start + length, damaged.count)
        switch random.next(4) {
        case 0: damaged.removeSubrange(range)
        case 1: damaged.insert(contentsOf: damaged[range], at: random.next(damaged.count))
        case 2:
          damaged.replaceSubrange(
            range, with: "&a *a !!x | > ' \" [ { ? : - # % <<: ~ \t\0".utf8.shuffled(using: &random).prefix(6)
          )
        default: damaged[start] = UInt8(truncatingIfNeeded: random.next())
        }
        if damaged.isEmpty { damaged = bytes }
      }
      guard let document = try? document(damaged) else { continue }
      _ = try? Kubeconfig(document)
      _ = try? WaitingKubeconfig(document).text(with: [], trusting: [])
      guard let client = try? KubeconfigClient(document) else { continue }
      let edited = try client.text(replacing: [(client.keySource, SecretBytes("b".utf8))])
      #expect(client.keySource.file != nil || !edited.hasSameBytes(as: client.text))
    }
  }
}

/// Random numbers from a seed (Steele, Lea and Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number below a bound.
  mutating func next(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}
