import ArgumentParser
import FoundationEssentials
import KubernetesPKI
import PKIInspection

/// `check-expiration --file`.
extension CheckExpiration {
  /// Refuses, beside --file, options that are for PKI directories.
  func refuseBesideFiles() throws {
    let groups: [any SingleTreeOptions] = [tree, role, config, DescribingOptions(groups: [etcd])]
    let others = groups.flatMap(\.givenOptions) + (trees.list.trees == nil ? [] : ["--trees"])
    guard !file.isEmpty, !others.isEmpty else { return }
    throw ValidationError(
      "--file names files, and \(others.joined(separator: ", ")) PKI directories: use one of the two.")
  }

  /// Checks the certificates of the named files, and of all below the named directories.
  func checkFiles(margin: ExpiryMargin?) throws {
    let instant = Date.now
    var found: [FileDescription] = []
    var errors: [PKIError] = []
    for path in file {
      do throws(PKIError) {
        let files = try Self.files(at: path, instant, &errors)
        errors += files.flatMap(\.findings).map { .unsound($0) }
        if files.allSatisfy({ $0.certificates.isEmpty && $0.findings.isEmpty }) {
          errors.append(
            .unsound(
              Finding(.malformedFile, [path], "\(path) holds no certificate", .nameInspectableFile)))
        }
        found += files
      } catch {
        errors.append(error)
      }
    }
    let report = try ExpirationReport(
      of: found.map { ($0.path, $0.certificates.map(\.certificate)) }, at: instant, margin: margin)
    try write { inColour in try text(of: report, inColour: inColour) }
    if !errors.isEmpty { throw PKIErrors(errors) }
    if !report.isSound { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  private static func files(
    at path: String, _ instant: Date, _ errors: inout [PKIError]
  ) throws(PKIError) -> [FileDescription] {
    guard DirectoryDescription.isDirectory(path) else {
      return [try FileDescription(reading: path, at: instant)]
    }
    let directory = DirectoryDescription(reading: path, at: instant)
    errors += directory.errors
    return directory.files
  }
}
