import ArgumentParser
import FileStore
import FileStore
import KubernetesPKI

/// The statuses with which pkigen ends, BSD's sysexits(3) where that has one.
enum ExitStatus: Int32, CaseIterable {
  case success = 0
  case findings = 1
  case usage = 64
  case data = 65
  case software = 70
  case cannotCreate = 73
  case inputOutput = 74
  case locked = 75
  case permission = 77
  case configuration = 78

  /// What the status means, for the help.
  private var meaning: String {
    switch self {
    case .success: "done"
    case .findings: "a check found errors"
    case .usage: "the command line is wrong"
    case .data: "existing files are unreadable or do not fit together"
    case .software: "OpenSSL failed unexpectedly"
    case .cannotCreate: "something cannot be created, or would be overwritten"
    case .inputOutput: "reading or writing failed"
    case .locked: "another run of pkigen holds the lock"
    case .permission: "the caller lacks a permission"
    case .configuration: "a configuration file is wrong"
    }
  }

  /// The section of the help page.
  static var help: String {
    let lines = allCases.map { status in
      let number = String(status.rawValue)
      return "  " + String(repeating: " ", count: 2 - number.count) + number + "  " + status.meaning
    }
    return (["EXIT STATUS"] + lines).joined(separator: "\n")
  }

  /// The status for an error; of several, the first one's.
  init(_ error: any Error) {
    switch error {
    case let errors as PKIErrors: self = errors.errors.first.map { ExitStatus(pki: $0) } ?? .software
    case let error as PKIError: self.init(pki: error)
    case let error as FileError: self.init(pki: .files(error))
    case let failure as OutputFailure: self = failure.cause.isPermission ? .permission : .inputOutput
    default: self = .software
    }
  }

  private init(pki error: PKIError) {
    if let cause = error.systemError, cause.isPermission {
      self = .permission
      return
    }
    switch error {
    case .invalidSetting(let origin, _, _, _): self = origin.isFile ? .configuration : .usage
    case .invalidConfiguration: self = .configuration
    case .missingSetting: self = .usage
    case .denied: self = .findings
    case .unsound(let finding): self = finding.cause == .notADirectory ? .cannotCreate : .data
    case .files(let error): self.init(files: error)
    case .encoding: self = .data
    case .cryptography: self = .software
    }
  }

  private init(files error: FileError) {
    switch error {
    case .notAFile, .sameFile, .unfinished, .outsideTree, .notABackup, .missingFromBackup, .damagedBackup:
      self = .data
    case .wouldOverwrite, .exists, .notADirectory: self = .cannotCreate
    case .system, .irreplaceable, .halfDone: self = .inputOutput
    case .locked: self = .locked
    case .unencodable: self = .software
    }
  }
}
