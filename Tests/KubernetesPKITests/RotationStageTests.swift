import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// The stages of a rotation, as the files alone say them.
struct RotationStageTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  private static let anchors: [CatalogEntry.ID?] = [.ca, .frontProxyCA, .etcdCA, nil]

  private func name(_ id: CatalogEntry.ID?) -> String { id?.rawValue ?? "sa" }

  @Test(arguments: anchors)
  func `each verb leads to its stage, and does nothing where that is reached`(id: CatalogEntry.ID?) throws {
    #expect(try tree.stage(id) == .idle)
    let walk: [(RotationVerb, RotationStage)] = [
      (.prepare, .prepared), (.switchOver, .switched), (.back, .prepared), (.switchOver, .switched),
      (.retire, .idle), (.prepare, .prepared), (.back, .idle),
    ]
    for (verb, stage) in walk {
      try tree.rotate(verb, name(id))
      #expect(try tree.stage(id) == stage, "\(verb)")
      guard verb != .back else { continue }
      #expect(try !tree.rotation(verb, name(id)).changesSomething, "\(verb)")
    }
  }

  @Test(arguments: anchors)
  func `a stage cannot be skipped`(id: CatalogEntry.ID?) throws {
    func expectRefusal(_ verb: RotationVerb) {
      let error = #expect(throws: PKIErrors.self) { try tree.rotation(verb, name(id)) }
      #expect(error?.findings.map(\.code) == [.rotationOrder], "\(verb)")
    }
    for verb in [RotationVerb.switchOver, .back] { expectRefusal(verb) }
    try tree.rotate(.prepare, name(id))
    expectRefusal(.retire)
    try tree.rotate(.switchOver, name(id))
    expectRefusal(.prepare)
  }

  @Test func `the key that signs stands first, and one beside it belongs to the second`() throws {
    try tree.rotate(.prepare, "ca", "sa")
    let bundle = try tree.certificates(in: "pki/ca.crt")
    let next = try PrivateKey(pem: SecretBytes(Array(tree.text("pki/ca-next.key").utf8)))
    #expect(bundle.count == 2 && bundle[1].publicKey == next.publicKey)
    #expect(bundle[1].subject.commonName == "kubernetes-20270116")
    let cross = try tree.certificates(in: "pki/ca-cross.crt")
    #expect(cross.count == 1 && cross[0].isIssued(by: bundle[0]) && cross[0].isSameCA(as: bundle[1]))
    #expect(cross[0].validity.notAfter <= bundle[0].validity.notAfter)
    try tree.rotate(.switchOver, "ca", "sa")
    #expect(try tree.certificates(in: "pki/ca.crt") == bundle.reversed())
    #expect(try tree.text("pki/ca-previous.key") != tree.text("pki/ca.key"))
  }

  /// Files that no verb leaves.
  @Test func `files of no stage are a finding, and no verb touches them`() throws {
    let idle = try tree.text("pki/ca.crt")
    try tree.rotate(.prepare, "ca")
    let (bundle, next) = try (tree.text("pki/ca.crt"), tree.text("pki/ca-next.key"))
    let other = try tree.text("pki/etcd/ca.key")
    func expectIrregular(_ what: String, _ files: [String: String?]) throws {
      for (name, text) in files {
        if let text { try tree.write(text, to: name) } else { try? tree.remove(name) }
      }
      guard case .irregular(let finding) = try tree.stage(.ca) else {
        Issue.record("\(what): \(try tree.stage(.ca))")
        return
      }
      #expect(finding.code == .irregularRotation || finding.code == .malformedFile, "\(what)")
      for verb in RotationVerb.allCases {
        #expect(throws: PKIErrors.self, "\(what), \(verb)") { try tree.rotation(verb, "ca") }
      }
      try tree.write(bundle, to: "pki/ca.crt")
      try tree.write(next, to: "pki/ca-next.key")
      try? tree.remove("pki/ca-previous.key")
    }
    try expectIrregular("another's next key", ["pki/ca-next.key": other])
    try expectIrregular("a torn next key", ["pki/ca-next.key": "-----BEGIN"])
    try expectIrregular("next and previous", ["pki/ca-previous.key": next])
    try expectIrregular("not trusted", ["pki/ca.crt": idle])
    try expectIrregular("three", ["pki/ca.crt": bundle + (try tree.text("pki/etcd/ca.crt"))])
    let turned = try tree.certificates(in: "pki/ca.crt").reversed().map { $0 }
    try expectIrregular("turned", ["pki/ca.crt": String(decoding: try turned.pem().copy, as: UTF8.self)])
    #expect(try tree.stage(.ca) == .prepared)
  }
}

extension PKIErrors {
  /// The findings among the errors.
  var findings: [Finding] {
    errors.compactMap { error in
      if case .unsound(let finding) = error { finding } else { nil }
    }
  }
}
