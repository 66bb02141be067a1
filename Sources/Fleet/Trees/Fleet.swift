package import FileStore
internal import KubernetesPKI

/// The PKIs of many nodes: every PKI directory below one directory.
///
/// A PKI directory has a file that kubeadm's layout has in `/etc/kubernetes/pki`. The tree is the directory above it, with the
/// kubeconfigs, where it is called `pki`; and where that is `etc/kubernetes`, the tree is of a machine whose root directory
/// is there.
package struct Fleet: Sendable {
  /// The trees, sorted by cluster and node.
  package private(set) var trees: [FleetTree] = []
  /// The directories that cannot be listed; what is below them is not known.
  package private(set) var problems: [FileError] = []

  private let directory: String
  private let layout = PKIDirectoryNames()

  /// Finds the trees below a directory, without following symbolic links. What is in a PKI directory, such as backups, is
  /// part of its tree.
  ///
  /// - Throws: ``FileError`` when `directory` is no directory, or cannot be listed.
  package init(below directory: String) throws(FileError) {
    self.directory = directory
    try FileSystem.checkDirectory(directory)
    guard try FileSystem.status(directory, followingLinks: true) != nil else {
      throw .notADirectory(directory)
    }
    try search(directory, [], FileSystem.names(in: directory))
    trees.sort(by: FleetTree.isOrdered)
  }

  /// Finds the trees in a directory, which has these names in it.
  ///
  /// - Parameter path: the components that lead to it.
  private mutating func search(_ current: String, _ path: [String], _ names: [String]) {
    if layout.isPKI(names, in: current) { return add(current, path, kubeconfigs: nil) }
    var ownDirectory: String?
    if names.contains("etc"), let kubernetes = Self.directory(in: Path.join(current, "etc"), "kubernetes") {
      add(Path.join(kubernetes, "pki"), path, kubeconfigs: kubernetes, root: current)
      ownDirectory = kubernetes
    } else if names.contains("pki"), isPKI(Path.join(current, "pki"), beside: names) {
      ownDirectory = Path.join(current, "pki")
      add(Path.join(current, "pki"), path, kubeconfigs: current)
    }
    for name in names {
      let next = Path.join(current, name)
      guard next != ownDirectory, (try? FileSystem.status(next))?.isDirectory == true else { continue }
      descend(next, path + [name], sparing: ownDirectory)
    }
  }

  private mutating func descend(_ next: String, _ path: [String], sparing own: String?) {
    do throws(FileError) {
      let names = try FileSystem.names(in: next)
      search(next, path, names.filter { Path.join(next, $0) != own })
    } catch {
      problems.append(error)
    }
  }

  /// Adds a tree.
  ///
  /// - Parameters:
  ///   - kubeconfigs: the directory above the certificates, where they have one; without any kubeconfig in it, the
  ///     certificates are all that there is.
  ///   - root: the root directory of the machine, where the copy has it.
  private mutating func add(
    _ certificates: String, _ path: [String], kubeconfigs: String?, root: String? = nil
  ) {
    let names = kubeconfigs.map { (try? FileSystem.names(in: $0)) ?? [] } ?? []
    let holdsKubeconfigs = layout.holdsKubeconfigs(names)
    // Certificates alone are known by their own directory.
    let location = TreeLocation(
      certificateDirectory: certificates,
      kubeconfigDirectory: (holdsKubeconfigs ? kubeconfigs : nil) ?? certificates, rootDirectory: root,
      hasKubeconfigs: holdsKubeconfigs)
    let files = (try? FileSystem.names(in: certificates)) ?? []
    trees.append(
      FleetTree(
        cluster: path.dropLast().joined(separator: "/"), node: path.last ?? ownName, location: location,
        isControlPlane: layout.isControlPlane(files)))
  }

  /// Whether the directory `pki` is one of certificates; one that cannot be listed is, beside kubeconfigs.
  private func isPKI(_ pki: String, beside names: [String]) -> Bool {
    guard (try? FileSystem.status(pki, followingLinks: layout.holdsKubeconfigs(names)))?.isDirectory == true
    else { return false }
    guard let files = try? FileSystem.names(in: pki) else { return layout.holdsKubeconfigs(names) }
    return layout.isPKI(files, in: pki)
  }

  /// A directory in another, where both are directories and no links.
  private static func directory(in directory: String, _ name: String) -> String? {
    let path = Path.join(directory, name)
    guard (try? FileSystem.status(directory))?.isDirectory == true,
      (try? FileSystem.status(path))?.isDirectory == true
    else { return nil }
    return path
  }

  /// What the directory of all trees is called, where it is a tree itself.
  private var ownName: String {
    let path = (try? FileSystem.absolute(directory)) ?? directory
    return Path.name(of: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
  }
}
