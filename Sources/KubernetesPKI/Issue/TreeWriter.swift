internal import FileStore
public import FoundationEssentials

/// Puts files into a tree so that a crash at any moment leaves nothing half done that the next run does not finish.
///
/// While a writer exists, no other run can change the tree.
public struct TreeWriter {
  private let location: TreeLocation
  private let writer: FileSetWriter
  private let jobs: Int

  /// Makes the directories of a tree where they are missing, locks them, and finishes what an interrupted run has committed.
  ///
  /// - Parameters:
  ///   - changingKubeconfigs: whether kubeconfigs are going to be written. Their directory may be another's to write to,
  ///     and is left alone where it is not needed.
  ///   - outerDirectory: a directory outside the tree that secrets are written to as well.
  ///   - jobs: with one, files are flushed to the disk one after the other.
  /// - Throws: ``PKIError/files(_:)``.
  package init(
    _ location: TreeLocation, changingKubeconfigs: Bool = true, andIn outerDirectory: String? = nil,
    jobs: Int = 1
  ) throws(PKIError) {
    self.location = location
    self.jobs = jobs
    writer = try files(
      FileSetWriter(
        location.roots, changingKubeconfigs: changingKubeconfigs, andIn: outerDirectory, jobs: jobs))
  }

  /// Makes the directories of a tree where they are missing, locks them, and finishes what an interrupted run has committed.
  ///
  /// - Throws: ``PKIError/files(_:)``, also if another run holds the lock.
  public init(_ location: TreeLocation) throws(PKIError) {
    try self.init(location, changingKubeconfigs: true)
  }

  /// Writes all `files`: those that replace take the place, the owner, the mode and the attributes of what is there, the
  /// others must find nothing in theirs. A certificate and its key, where both are among them, are replaced together.
  ///
  /// - Parameters:
  ///   - predecessors: those of the files whose predecessors are copied to a backup first.
  ///   - instant: the time of the run, after which the backup is named.
  ///   - keepsModes: whether a private key that replaces one that every user can read keeps that mode.
  /// - Returns: what the user should know of how it went, and the backup's directory where there was something to copy.
  /// - Throws: ``PKIError/files(_:)``; unless it is a failure after the commit, nothing has changed, and there is no backup.
  public func write(
    _ files: [PKIFile], backingUp predecessors: [PKIFile], at instant: Date, keepsModes: Bool = false
  ) throws(PKIError) -> (notes: [String], backup: String?) {
    let request = predecessors.isEmpty ? nil : Backup.Request(predecessors.map(\.change), at: instant)
    return try KubernetesPKI.files(
      writer.write(files.map(\.change), backingUp: request, keepsModes: keepsModes))
  }

  /// Removes all backups of the tree but the newest `count`.
  ///
  /// - Throws: ``PKIError/files(_:)``.
  public func removeBackups(keeping count: Int) throws(PKIError) {
    try KubernetesPKI.files(Backup.removeOldest(keeping: count, in: location.roots))
  }

  /// Writes all `files`, without a backup.
  ///
  /// - Returns: what the user should know of how it went.
  /// - Throws: ``PKIError/files(_:)``; unless it is a failure after the commit, nothing has changed.
  public func write(_ files: [PKIFile]) throws(PKIError) -> [String] {
    try KubernetesPKI.files(writer.write(files.map(\.change))).notes
  }
}
