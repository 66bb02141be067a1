import FoundationEssentials
import KubernetesPKI

/// What a person has to do after a renewal: a running component goes on with the certificate that it has read.
struct NextSteps {
  let location: TreeLocation
  let renewed: Report
  let isDryRun: Bool

  /// The steps, none where nothing was replaced.
  ///
  /// - Parameter userKubeconfig: a kubeconfig of the caller that holds the old admin certificate.
  func afterRenewal(userKubeconfig: String?) -> [String] {
    let replaced = Set(renewed.files.filter { $0.action == .replace }.map(\.path))
    guard !isDryRun, !replaced.isEmpty else { return [] }
    var steps: [String] = []
    let components = componentsToRestart(replaced)
    if !components.isEmpty {
      let manifests = "\(location.kubeconfigDirectory)/manifests"
      steps.append(
        "restart \(components.joined(separator: ", ")), one after the other: move its file out of \(manifests),"
          + " wait until the container is gone (crictl ps), and move the file back")
    }
    if replaced.contains("\(location.kubeconfigDirectory)/kubelet.conf")
      || replaced.contains(where: { $0.contains("/kubelet-client-") })
    {
      steps.append("restart the kubelet: systemctl restart kubelet")
    }
    let admin = "\(location.kubeconfigDirectory)/admin.conf"
    if let userKubeconfig {
      steps.append(
        "\(userKubeconfig) still holds the old admin certificate: cp \(admin) \(userKubeconfig),"
          + " or run the command with --update-user-kubeconfig")
    } else if replaced.contains(admin) {
      steps.append("give the new \(admin) to those who have a copy of the old one")
    }
    steps.append("every other control-plane node has certificates of its own: renew them there too")
    return steps
  }

  /// The static pods that have read one of the files.
  private func componentsToRestart(_ replaced: Set<String>) -> [String] {
    let certificates = location.certificateDirectory
    let table: [(component: String, files: [String])] = [
      (
        "kube-apiserver",
        ["apiserver", "apiserver-kubelet-client", "front-proxy-client", "apiserver-etcd-client"].map {
          "\(certificates)/\($0).crt"
        }
      ),
      ("kube-controller-manager", ["\(location.kubeconfigDirectory)/controller-manager.conf"]),
      ("kube-scheduler", ["\(location.kubeconfigDirectory)/scheduler.conf"]),
      ("etcd", ["server", "peer", "healthcheck-client"].map { "\(certificates)/etcd/\($0).crt" }),
    ]
    return table.filter { row in row.files.contains { replaced.contains($0) } }.map(\.component)
  }
}
