import Foundation
import KubernetesPKI
import OpenSSLX509

@main
enum Example {
  static func main() throws {
    let now = Date()
    let location = TreeLocation(kubernetesDirectory: CommandLine.arguments[1])

    // A cluster with the defaults of Kubernetes, except for these values.
    var cluster = ClusterConfiguration()
    cluster.nodeName = "cp1"
    cluster.advertiseAddress = IPAddress("10.0.0.10")
    cluster.keyAlgorithm = .ecdsaP256

    // Make all files in memory.
    let nothing = TreeContents(files: [:], at: location, for: cluster)
    let files = try Issuer(jobs: 2).issue(Plan(completing: nothing, for: cluster, at: now))
    print("made \(files.count) files")
    try renewAndList(files, location, cluster, now)
  }

  static func renewAndList(
    _ files: [PKIFile], _ location: TreeLocation, _ cluster: ClusterConfiguration, _ now: Date
  ) throws {
    // Read them back from memory, as a program does that keeps them in a secret store.
    let stored = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.content) })
    let tree = TreeContents(files: stored, at: location, for: cluster)
    if let certificate = tree[.apiserver].certificate {
      print("apiserver is \(certificate.subject), for", try certificate.subjectAlternativeName().names)
    }

    // Renew all leaf certificates and kubeconfigs, as if 300 days had passed. `refusals` says what cannot be renewed.
    let later = now.addingTimeInterval(300 * 86_400)
    let renewal = try Plan(renewing: tree, at: later)
    for refusal in renewal.refusals { print("not renewed: \(refusal.message)") }
    let renewed = try Issuer(jobs: 2).issue(renewal)
    print("renewed \(renewed.count) files")

    // Write the first set to the disk, then its successor: each completely or not at all, keys with mode 0600.
    let writer = try TreeWriter(location)
    _ = try writer.write(files)
    let (_, backup) = try writer.write(renewed, backingUp: renewed, at: later)
    if let backup { print("the replaced files are in \(backup)") }

    // List when the certificates expire, and what is wrong with the files.
    for entry in ExpirationReport(of: TreeContents(reading: location, for: cluster), at: later).entries {
      print(entry.name, entry.state.rawValue, "until", entry.notAfter?.formatted(.iso8601) ?? "-")
    }
    for finding in try Audit(for: cluster, owner: getuid()).findings(of: location, at: later) {
      print("\(finding.severity): \(finding.code.rawValue): \(finding.message)")
    }
  }
}
