internal import FileStore
internal import StructuredText

/// A run that has committed files and ended before all of them were in place: it died, or a file could not be replaced.
///
/// The next run that writes in the tree finishes it.
package struct UnfinishedRun: Sendable {
  /// The files that are still what they were before the run.
  package let paths: [String]
  /// The journal that lists them.
  let journal: String

  /// The unfinished run of a tree; `nil` where there is none, or where the run is still at work.
  package init?(in location: TreeLocation) {
    let path = Path.join(location.certificateDirectory, Journal.fileName)
    func read() -> Journal? { (try? FileSystem.read(path)).flatMap { Journal($0) } }
    // Of a run that ends in between, no journal is left.
    guard let journal = read(), !DirectoryLock.isHeld(location.certificateDirectory), read() == journal else {
      return nil
    }
    self.init(journal, path, location)
  }

  init(_ journal: Journal, _ path: String, _ location: TreeLocation) {
    self.journal = path
    paths = journal.entries.flatMap { $0.waitingTargets(in: location.roots) }.sorted()
  }

  /// The unfinished run that was to replace a file, which may lie in any directory of a tree; `nil` where there is none.
  package static func replacing(_ path: String) -> UnfinishedRun? {
    let directory = Path.directory(of: path)
    let above = Path.join(directory, "..")
    let locations = [
      TreeLocation(certificateDirectory: directory, kubeconfigDirectory: above),
      TreeLocation(certificateDirectory: above, kubeconfigDirectory: Path.join(above, "..")),
      TreeLocation(kubernetesDirectory: directory),
    ]
    return locations.compactMap { UnfinishedRun(in: $0) }.first { run in
      run.paths.contains { (try? FileSystem.isSame($0, path)) == true }
    }
  }

  /// What is to be said of it.
  package var finding: Finding {
    Finding(
      .unfinishedRun, paths.isEmpty ? [journal] : paths,
      paths.isEmpty
        ? "a run of pkigen has not ended: \(journal) is left"
        : "a run of pkigen is half done: what it made for \(paths.listed) is not in place",
      .runAgain)
  }
}
