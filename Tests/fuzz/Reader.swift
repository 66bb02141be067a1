import CertificateRequests
import FileStore
import Foundation
import KubeadmConfig
import KubernetesPKI
import PKIFixtures
import PKIInspection

/// Everything of pkigen's that reads what others have written.
enum Reader: String, CaseIterable {
  case file, certificate, request, object, kubeconfig, tree, configuration, specification, token, backup,
    journal

  /// The name of the file that the input becomes.
  var path: String {
    switch self {
    case .file, .certificate, .request, .object, .configuration, .specification, .token: "input"
    case .kubeconfig: "k8s/admin.conf"
    case .tree: "k8s/pki/apiserver.crt"
    case .backup: "backup.json"
    case .journal: "k8s/pki/.pkigen.journal"
    }
  }

  /// The input as the file that is read: with PEM around DER, so that the fuzzer need not learn base64.
  func content(_ input: Data) -> Data {
    let label: String
    switch self {
    case .certificate, .tree: label = "CERTIFICATE"
    case .request: label = "CERTIFICATE REQUEST"
    default: return input
    }
    let base64 = input.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return Data("-----BEGIN \(label)-----\n\(base64)\n-----END \(label)-----\n".utf8)
  }

  /// Reads it.
  ///
  /// - Throws: an error that is pkigen's own, and not the input's.
  func read(_ path: String, tree: String) throws {
    do {
      switch self {
      case .file, .certificate:
        _ = try JSONEncoder().encode(FileDescription(reading: path, at: Self.instant))
      case .request, .object: try answer(path, tree)
      case .kubeconfig, .tree, .journal: try check(tree)
      case .configuration:
        _ = try KubeadmConfiguration(reading: path).settings
          .configuration(needing: [.nodeName, .controlPlane, .advertiseAddress])
      case .specification: _ = try FixtureSpecification(reading: path)
      case .token: _ = try BootstrapToken(reading: Setting(path, from: .option("--token-file")))
      case .backup:
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        _ = try RestorePlan(restoring: directory, to: TreeLocation(kubernetesDirectory: tree))
      }
    } catch PKIError.cryptography(let subject, let reason) {
      throw PKIError.cryptography(subject: subject, reason: reason)
    } catch is PKIError {
    } catch is PKIErrors {
    }
  }

  /// A moment at which the tree is valid, and which is the same in every run.
  private static let instant = Date(timeIntervalSince1970: 1_800_000_000)

  /// What an approver with a lenient policy does.
  private func answer(_ path: String, _ tree: String) throws {
    var policy = ApprovalPolicy()
    policy.commonNames = try NamePattern.list([Setting("*", from: .option("--allow-cn"))])
    policy.names = policy.commonNames
    let authority = try CertificateAuthority(
      certificatePath: "\(tree)/pki/ca.crt", keyPath: "\(tree)/pki/ca.key", at: Self.instant)
    for request in try CertificateSigningRequest.read(path) {
      let examination = CSRExamination(request)
      _ = try JSONEncoder().encode(CSRSummary(examination))
      _ = try CSRTerms().complete(request)
      let decision = examination.decision(under: policy, by: authority.issuing)
      _ = try Issuer(jobs: 1).sign(decision, by: authority, at: Self.instant)
    }
  }

  /// What `verify`, `check-expiration` and a dry run of `renew` do.
  private func check(_ directory: String) throws {
    let location = TreeLocation(kubernetesDirectory: directory)
    _ = try Audit(for: ClusterSettings().configuration(), owner: 0).findings(
      of: location, at: Self.instant)
    let tree = TreeContents(reading: location, catalog: .allFiles)
    _ = try JSONEncoder().encode(ExpirationReport(of: tree, catalog: .allFiles, at: Self.instant))
    let plan = try Plan(
      renewing: Selection.named(["all"], .leaves, in: .allFiles).selection, of: .allFiles, in: tree,
      RenewalOptions(), at: Self.instant)
    _ = try Report(plan)
  }
}
