internal import FileStore
public import FoundationEssentials

/// Puts files into a tree so that a crash at any moment leaves nothing half done that the next run does not finish.
///
/// While a writer exists, no other run can change the tree.
public struct TreeWriter {
  private let location: TreeLocation
  private let writer: FileSetWriter
  private let jobs: Int

  /// Makes the directories of a tree where they are missing, locks them, and finishes what a run that died has promised.
  ///
  /// - Parameters:
  ///   - changingKubeconfigs: whether kubeconfigs are going to be written. Their directory may be another's to write to,
  ///     and is left alone where it is not needed.
  ///   - outerDirectory: a directory outside the tree that secrets are written to as well.
  ///   - jobs: with one, files are flushed to the disk one after the other.
  /// - Throws: ``PKIError/files(_:)``.
  public init(
    _ location: TreeLocation, changingKubeconfigs: Bool = true, andIn outerDirectory: String? = nil,
    jobs: Int = 1
  ) throws(PKIError) {
    self.location = location
    self.jobs = jobs
    writer = try files(
      FileSetWriter(
        location.roots, changingKubeconfigs: changingKubeconfigs, andIn: outerDirectory, jobs: jobs))
  }

  /// Writes all `files`: those that replace take the place, the owner and the mode of what is there, the others must find
  /// nothing in theirs. A certificate and its key, where both are among them, are replaced together.
  ///
  /// - Returns: what the user should know of how it went.
  /// - Throws: ``PKIError/files(_:)``; unless it is a failure after the promise, nothing has changed.
  public func write(_ files: [PKIFile]) throws(PKIError) -> [String] {
    try KubernetesPKI.files(writer.write(files.map(\.change)))
  }

  /// Copies what `files` will replace.
  ///
  /// - Returns: the backup's directory, which appears only when everything in it is on the disk; `nil` when there was
  ///   nothing to copy.
  /// - Throws: ``PKIError/files(_:)``.
  public func backUp(_ files: [PKIFile], at instant: Date) throws(PKIError) -> String? {
    try KubernetesPKI.files(
      Backup.make(of: files.map(\.change), in: location.roots, at: instant, jobs: jobs))
  }
}
