import FoundationEssentials
import TestSupport
import Testing

/// The sessions of pages in docs/, run as they stand there.
@Suite(.timeLimit(.minutes(20)))
struct PageTests {
  private let directory: TemporaryDirectory

  /// A directory with the tree that the pages talk of.
  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", "out", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
      "ecdsa-p256",
      directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test func `requests are made, shown, denied and signed as the page says`() async throws {
    let sessions = try Self.sessions(of: "requests")
    #expect(sessions.count == 8)
    for session in sessions {
      if session.command.contains("jane.yaml") { try await keepJanesObject() }
      try await expect(session)
    }
  }

  @Test func `a PKI is exported as the page says`() async throws {
    let sessions = try Self.sessions(of: "export")
    #expect(sessions.count == 4)
    for session in sessions { try await expect(session) }
  }

  @Test func `kubelets and users are given what the page says`() async throws {
    let sessions = try Self.sessions(of: "bootstrap")
    #expect(sessions.count == 14)
    for session in sessions { try await expect(session) }
  }

  @Test func `certificates come from another machine as the page says`() async throws {
    let prepared = try await shell(
      "pkigen phase cert ca -d vault -q && mkdir -p node/pki && cp vault/pki/ca.crt node/pki")
    try #require(prepared.status == 0, "\(prepared)")
    let sessions = try Self.sessions(of: "external-cas")
    #expect(sessions.count == 6)
    for session in sessions { try await expect(session) }
  }

  @Test(arguments: [("extend-ca", "2036-06-01 08:00:00", 8), ("expired", "2037-06-01 08:00:00", 12)])
  func `CAs are extended on all nodes as the page says`(page: String, time: String, count: Int) async throws {
    let prepared = try await shell(Self.nodes, at: "2027-01-15 08:00:00")
    try #require(prepared.status == 0 && prepared.stdout.isEmpty, "\(prepared)")
    if page == "extend-ca" {
      let renewed = try await shell(Self.renewal, at: "2035-12-01 08:00:00")
      try #require(renewed.status == 0 && renewed.stdout.isEmpty, "\(renewed)")
    }
    let sessions = try Self.sessions(of: page)
    #expect(sessions.count == count)
    for session in sessions { try await expect(session, at: time) }
  }

  /// Makes two control-plane nodes and a worker.
  private static let nodes = """
    set -e
    options="--control-plane-endpoint 10.0.0.10 --key-algorithm ecdsa-p256 --style kubeadm -q"
    pkigen init -d cp1 --node-name cp1 --advertise-ip 10.0.0.10 $options
    mkdir -p cp2/pki/etcd w1/pki
    cp -p cp1/pki/{ca,front-proxy-ca}.{crt,key} cp1/pki/sa.{key,pub} cp2/pki/
    cp -p cp1/pki/etcd/ca.{crt,key} cp2/pki/etcd/
    pkigen init -d cp2 --node-name cp2 --advertise-ip 10.0.0.12 $options
    cp cp1/pki/ca.crt w1/pki/
    pkigen phase kubeconfig kubelet --node-name w1 --cert-dir cp1/pki --kubeconfig-dir w1 \\
      --control-plane-endpoint 10.0.0.10 --style kubeadm -q
    """

  /// Renews what CAs have signed.
  private static let renewal = """
    for node in cp1 cp2; do pkigen renew all -d $node -q --no-backup; done
    rm w1/kubelet.conf
    pkigen phase kubeconfig kubelet --node-name w1 --cert-dir cp1/pki --kubeconfig-dir w1 \\
      --control-plane-endpoint 10.0.0.10 --style kubeadm -q
    """

  @Test(arguments: ["rotate-ca": 21, "rotate-sa": 7, "stolen-ca-key": 17])
  func `CAs and the service-account key are rotated on several nodes as the page says`(
    page: String, count: Int
  )
    async throws
  {
    let cluster = try await RotatedCluster()
    let sessions = try Self.sessions(of: page)
    #expect(sessions.count == count)
    for session in sessions {
      let outcome = try await cluster.outcome(of: session.command)
      #expect(Self.normalised(outcome.stdout) == Self.normalised(session.output), "\(session.command)")
    }
  }

  /// A command, and what the page says that it prints.
  private struct Session {
    var command: String
    var output = ""
  }

  private func expect(_ session: Session, at time: String? = nil) async throws {
    let outcome = try await shell(session.command, at: time)
    #expect(Self.normalised(outcome.stdout) == Self.normalised(session.output), "\(session.command)")
  }

  /// The object as the API server keeps it, with who asked.
  private func keepJanesObject() async throws {
    let outcome = try await shell(
      "pkigen csr manifest jane.csr --name jane --expiration 24h --signer-name kubernetes.io/kube-apiserver-client"
    )
    try #require(outcome.status == 0, "\(outcome)")
    let object = outcome.stdout + "  username: jane\n  groups: [dev, system:authenticated]\n"
    try Data(object.utf8).write(to: URL(filePath: directory.path("jane.yaml")))
  }

  /// Runs a script where pkigen is in the path, and merges what it prints.
  ///
  /// - Parameter time: when, in UTC; `nil` for now.
  private func shell(_ script: String, at time: String? = nil) async throws -> Outcome {
    let binaries = URL(filePath: try Pkigen.path).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let clock = time.map { ["TZ=UTC", Judges.clock, $0] } ?? []
    return try await run(
      "env", clock + ["bash", "-c", "exec 2>&1\n" + script],
      environment: ["PATH": "\(binaries):\(path)", "HOME": directory.path("home")], directory: directory.path)
  }

  /// The commands of a page's console blocks; one whose line ends with a backslash goes on in the next.
  private static func sessions(of page: String) throws -> [Session] {
    var sessions: [Session] = []
    var isInside = false
    for line in try text(of: "\(Judges.repository)/docs/\(page).md")
      .split(separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix("```") {
        isInside = line == "```console"
      } else if isInside, line.hasPrefix("$ ") {
        sessions.append(Session(command: String(line.dropFirst(2))))
      } else if isInside, let last = sessions.indices.last {
        if sessions[last].output.isEmpty, sessions[last].command.hasSuffix("\\") {
          sessions[last].command += "\n\(line)"
        } else {
          sessions[last].output += "\(line)\n"
        }
      }
    }
    return sessions
  }

  /// What differs from run to run is replaced by a word; the blank line before the next command does not count.
  private static func normalised(_ text: String) -> String {
    text.replacing(#/\b20\d{6}(T\d{6}Z(-\d)?)?\b/#, with: "DAY").replacing(
      #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#, with: "TIME"
    ).replacing(
      #/\d{4}-\d\d-\d\d/#, with: "DATE"
    )
    .replacing(#/\b\d+[dhy] left/#, with: "LEFT").replacing(#/\b[0-9a-f]{64}\b/#, with: "SHA256")
    .replacing(#/LS0t[0-9A-Za-z+\/=]+…?/#, with: "BASE64")
    .replacing(#/\b[0-9a-f]{32},/#, with: "TOKEN,")
    .replacing(#/bootstrap-token-[0-9a-z]{6}|(token-id: |token-secret: )"?[0-9a-z]+"?/#) {
      $0.output.1 ?? "ID"
    }
    .replacing(#/\n+$/#, with: "")
  }
}
