import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// The metrics of enix/x509-certificate-exporter.
struct ExpirationPrometheusTests {
  @Test func `each gauge has its help and type once, then its samples`() throws {
    let metrics = try Metrics(MadeTree().report().prometheusText)
    #expect(
      metrics.types == [
        "x509_cert_error": "gauge", "x509_cert_expired": "gauge", "x509_cert_expires_in_seconds": "gauge",
        "x509_cert_not_after": "gauge", "x509_cert_not_before": "gauge",
      ])
    #expect(metrics.helps.keys.sorted() == metrics.types.keys.sorted())
    // Ten certificates of the tree, and two in each of five kubeconfigs.
    for name in metrics.types.keys { #expect(metrics.samples.count { $0.name == name } == 20, "\(name)") }
  }

  @Test func `a certificate's gauges have its times, and labels that say which it is`() throws {
    let tree = try MadeTree()
    let certificate = try #require(
      TreeContents(reading: tree.location, catalog: MadeTree.catalog)[.apiserver].certificate)
    let labels = [
      "filename": "apiserver.crt", "filepath": tree.path("pki/apiserver.crt"), "issuer_CN": "kubernetes",
      "subject_CN": "kube-apiserver", "serial_number": certificate.serialNumber.decimal,
    ]
    let values = { (seconds: Double) in
      try Metrics(tree.report(after: seconds).prometheusText).samples.filter { $0.labels == labels }
        .reduce(into: [:]) { $0[$1.name] = $1.value }
    }
    #expect(
      try values(0) == [
        "x509_cert_error": 0, "x509_cert_expired": 0, "x509_cert_expires_in_seconds": 31_536_000,
        "x509_cert_not_after": 1_831_536_000, "x509_cert_not_before": 1_799_999_700,
      ])
    let late = try values(31_536_001)
    #expect(late["x509_cert_expired"] == 1 && late["x509_cert_expires_in_seconds"] == -1)
  }

  @Test func `a kubeconfig's certificates are distinguished by where they stand in it`() throws {
    let samples = try Metrics(MadeTree().report().prometheusText).samples.filter {
      $0.name == "x509_cert_not_after" && $0.labels["filename"] == "admin.conf"
    }
    let told = samples.map { sample in
      ["embedded_kind", "embedded_key", "subject_O", "subject_CN"].map { sample.labels[$0] ?? "" }
    }
    #expect(
      told == [
        ["user", "kubernetes-admin", "kubeadm:cluster-admins", "kubernetes-admin"],
        ["cluster", "kubernetes", "", "kubernetes"],
      ])
  }

  @Test func `what is missing or unreadable is an error, and has no times`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/etcd/peer.crt")
    try tree.write("nothing", to: "pki/ca.crt")
    try tree.replace("client-certificate-data", in: "admin.conf", with: "token: secret")
    let metrics = try Metrics(tree.report().prometheusText)
    let errors = metrics.samples.filter { $0.name == "x509_cert_error" && $0.value == 1 }.map(\.labels)
    #expect(
      errors == [
        [
          "filename": "admin.conf", "filepath": tree.path("admin.conf"), "embedded_kind": "user",
          "embedded_key": "kubernetes-admin",
        ],
        ["filename": "peer.crt", "filepath": tree.path("pki/etcd/peer.crt")],
        ["filename": "ca.crt", "filepath": tree.path("pki/ca.crt")],
      ])
    #expect(metrics.samples.count { $0.name == "x509_cert_not_after" } == 17)
  }

  @Test func `a tree that is not there has errors only`() throws {
    let tree = try MadeTree()
    try tree.remove(
      "pki", "admin.conf", "kubelet.conf", "scheduler.conf", "controller-manager.conf", "super-admin.conf")
    let metrics = try Metrics(tree.report().prometheusText)
    #expect(metrics.types == ["x509_cert_error": "gauge"])
    #expect(metrics.samples.allSatisfy { $0.value == 1 })
  }

  @Test func `every certificate of a file has gauges, and one that stands twice has them once`() throws {
    let tree = try MadeTree()
    let (ca, other) = (try tree.text("pki/ca.crt"), try tree.text("pki/etcd/ca.crt"))
    try tree.write(ca + other + ca, to: "pki/ca.crt")
    let samples = try Metrics(tree.report().prometheusText).samples.filter {
      $0.name == "x509_cert_not_after" && $0.labels["filepath"] == tree.path("pki/ca.crt")
    }
    #expect(samples.map { $0.labels["subject_CN"] } == ["kubernetes", "etcd-ca"])
  }

  @Test func `characters that would end a label are escaped`() throws {
    let tree = try MadeTree()
    let odd = "a\"b\\c\nd,e}f"
    let text = try tree.text("admin.conf")
    try tree.write(
      text.replacing("kubernetes-admin", with: #""a\"b\\c\nd,e}f""#).replacing("@kubernetes", with: ""),
      to: "admin.conf")
    let metrics = try Metrics(tree.report().prometheusText)
    #expect(metrics.samples.contains { $0.labels["embedded_key"] == odd })
    #expect(metrics.samples.count == 100)
  }
}

/// A reader of Prometheus' text format, as strict as the format's description.
private struct Metrics {
  struct Sample {
    let name: String
    let labels: [String: String]
    let value: Int
  }

  struct Malformed: Error {
    let line: String
  }

  var helps: [String: String] = [:]
  var types: [String: String] = [:]
  var samples: [Sample] = []

  init(_ text: String) throws {
    try #require(text.hasSuffix("\n"))
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      if line.hasPrefix("# HELP ") {
        try #require(helps.updateValue(words[3], forKey: words[2]) == nil)
      } else if line.hasPrefix("# TYPE ") {
        try #require(helps[words[2]] != nil && types.updateValue(words[3], forKey: words[2]) == nil)
      } else {
        let sample = try Self.sample(line)
        try #require(types[sample.name] != nil)
        try #require(!samples.contains { $0.name == sample.name && $0.labels == sample.labels })
        samples.append(sample)
      }
    }
  }

  private static func sample(_ line: Substring) throws -> Sample {
    guard let brace = line.firstIndex(of: "{") else { throw Malformed(line: String(line)) }
    var rest = line[line.index(after: brace)...]
    var labels: [String: String] = [:]
    while let equals = rest.firstIndex(of: "="), rest.first != "}" {
      let name = String(rest[..<equals])
      rest = rest[equals...].dropFirst()
      guard rest.popFirst() == "\"" else { throw Malformed(line: String(line)) }
      var value = ""
      while let character = rest.popFirst(), character != "\"" {
        guard character == "\\" else {
          value.append(character)
          continue
        }
        switch rest.popFirst() {
        case "n": value.append("\n")
        case let escaped? where escaped == "\\" || escaped == "\"": value.append(escaped)
        default: throw Malformed(line: String(line))
        }
      }
      guard labels.updateValue(value, forKey: name) == nil else { throw Malformed(line: String(line)) }
      if rest.first == "," { rest.removeFirst() }
    }
    guard rest.hasPrefix("} "), let value = Int(rest.dropFirst(2)) else {
      throw Malformed(line: String(line))
    }
    return Sample(name: String(line[..<brace]), labels: labels, value: value)
  }
}
