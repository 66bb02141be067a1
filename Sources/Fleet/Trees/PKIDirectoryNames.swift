internal import FileStore
internal import KubernetesPKI

/// The names by which a PKI directory, and a directory of kubeconfigs, can be told from others.
struct PKIDirectoryNames: Sendable {
  /// The files of a PKI directory.
  private let files: Set<String>
  /// Files in its directory `etcd`: all but those that any CA has.
  private let etcdFiles: Set<String>
  private let kubeconfigs: Set<String>
  /// Files that a worker and an etcd host have not.
  private let controlPlaneFiles: Set<String>

  init() {
    let location = TreeLocation(certificateDirectory: "pki", kubeconfigDirectory: ".")
    let paths = location.knownPaths
    files = Set(paths.compactMap { Path.relative($0, to: "pki") }.filter { !$0.contains("/") })
    etcdFiles = Set(paths.compactMap { Path.relative($0, to: "pki/etcd") }).subtracting(["ca.crt"])
    kubeconfigs = Set(
      Catalog.allFiles.entries.filter(\.isKubeconfig).map { Path.name(of: location.path(of: $0)) }
        + ["bootstrap-kubelet.conf", "manifests"])
    controlPlaneFiles = ["apiserver.crt", "sa.key", "sa.pub", "ca.key"]
  }

  /// Whether a directory with these names in it is a PKI directory.
  func isPKI(_ names: [String], in directory: String) -> Bool {
    if names.contains(where: files.contains) { return true }
    guard names.contains("etcd") else { return false }
    return ((try? FileSystem.names(in: Path.join(directory, "etcd"))) ?? []).contains(
      where: etcdFiles.contains)
  }

  /// Whether a directory with these names in it has kubeconfigs, or the manifests that are beside them.
  func holdsKubeconfigs(_ names: [String]) -> Bool { names.contains(where: kubeconfigs.contains) }

  /// Whether these files of a PKI directory are a control-plane node's.
  func isControlPlane(_ names: [String]) -> Bool { names.contains(where: controlPlaneFiles.contains) }
}
