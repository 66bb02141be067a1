import TestSupport
import Testing

/// What a component that runs and watches its files sees of a pair that is replaced.
@Suite(.timeLimit(.minutes(10)))
struct RunningComponentTests {
  /// Renews, puts backups back, and makes pairs again whose files were moved away, in turn. `$RUN` counts.
  private static let script = #"""
    tree=$1 pkigen=$2
    names="apiserver front-proxy-client kubelet-server"
    cluster="--node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm ecdsa-p256"
    case $((RUN % 5)) in
    0) "$pkigen" renew --restore "$tree/pki/.backup/$(ls -t "$tree/pki/.backup" | head -n 1)" -q -d "$tree" ;;
    1) "$pkigen" renew $names --reuse-key -q -d "$tree" ;;
    2) rm "$tree"/pki/apiserver.* && "$pkigen" phase cert apiserver $cluster -q -d "$tree" ;;
    3) rm -r "$tree/pki/.backup" && "$pkigen" renew $names -q -d "$tree" ;;
    4) "$pkigen" renew all --jobs 1 -q -d "$tree" ;;
    esac
    """#

  @Test func `200 renewals, restores and phase runs are all picked up`() async throws {
    let directory = try TemporaryDirectory()
    let tree = directory.path("k8s")
    let cluster = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
    for command in [["init"], ["phase", "cert", "kubelet-server"]] {
      let made = try await Pkigen.run(command + cluster + ["-q", "-d", tree])
      try #require(made.status == 0, "\(made)")
    }
    let pairs = ["apiserver", "front-proxy-client", "kubelet-server"].map { "\(tree)/pki/\($0)" }
    let outcome = try await run(
      Judges.goWatch,
      ["200", pairs.joined(separator: ","), "sh", "-ec", Self.script, "sh", tree, Pkigen.path])
    #expect(outcome == Outcome(status: 0, stdout: "200 runs, 0 pairs missed\n"), "\(outcome)")
  }

  /// The stages of a rotation, again and again.
  private static let rotation = #"""
    tree=$1 pkigen=$2
    case $((RUN % 5)) in
    1) "$pkigen" rotate prepare all --controller-manager-ready -q -d "$tree" ;;
    2 | 4) "$pkigen" rotate switch all -q -d "$tree" ;;
    3) "$pkigen" rotate back all -q -d "$tree" ;;
    0) "$pkigen" rotate retire all --tokens-renewed -q -d "$tree" ;;
    esac
    """#

  /// kube-apiserver follows its pairs and the file of the CA, kube-controller-manager the pair with which it signs.
  @Test func `50 stages of rotations are all picked up`() async throws {
    let directory = try TemporaryDirectory()
    let tree = directory.path("k8s")
    let cluster = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
    let made = try await Pkigen.run(["init"] + cluster + ["-q", "-d", tree])
    try #require(made == Outcome(status: 0))
    // It makes ca-signing.crt, and wants the manifest to name it.
    let separated = try await Pkigen.run("rotate", "prepare", "ca", "-q", "-d", tree)
    try #require(separated.status == 1, "\(separated)")
    let pairs =
      ["apiserver", "front-proxy-client"].map { "\(tree)/pki/\($0)" }
      + ["ca-signing.crt", "ca.crt"].map { "\(tree)/pki/\($0):\(tree)/pki/ca.key" }
    let outcome = try await run(
      Judges.goWatch,
      ["50", pairs.joined(separator: ","), "sh", "-ec", Self.rotation, "sh", tree, Pkigen.path])
    #expect(outcome == Outcome(status: 0, stdout: "50 runs, 0 pairs missed\n"), "\(outcome)")
  }
}
