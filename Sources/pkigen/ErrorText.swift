import FileStore
import FoundationEssentials
import KubernetesPKI

extension PKIError {
  /// One sentence: what is wrong, with the option or the file.
  var message: String {
    switch self {
    case .missingSetting(let field): "--\(field) is required"
    // The library names the value; here it comes from the option of that name.
    case .invalidSetting(.value(let name), let value, let problem, _):
      PKIError.invalidSetting(.option("--\(name)"), value: value, problem: problem, hint: nil).description
    default: description
    }
  }

  /// What to do about the error, where that does not follow from its sentence.
  var hint: String? {
    switch self {
    case .invalidSetting(.environment(_, let field?), _, _, nil): "give another value with --\(field)"
    case .invalidSetting(_, ClusterUser.masters, _, nil):
      "name a group of your own and bind a role to it; or give --insecure-masters"
    case .invalidSetting(_, _, _, let hint), .invalidConfiguration(_, _, _, let hint): hint
    case .missingSetting(let field): Self.hint(missing: field)
    case .unsound(let finding): RemedyText(remedy: finding.remedy).text
    case .denied(_, _, _, let hint): hint
    case .files(let error): error.hint
    case .encoding, .cryptography: nil
    }
  }

  private static func hint(missing field: String) -> String? {
    switch field {
    case ClusterField.advertiseAddress.name:
      "--advertise-ip IP is the IP address of the API server on the node"
    case ClusterField.nodeName.name: "--node-name NAME is the name under which the kubelet registers the node"
    case "server": "--server URL is the API server; or give --control-plane-endpoint or --advertise-ip"
    case "common-name": "or name a Service: --service NAME.NAMESPACE"
    default: nil
    }
  }
}

extension FileError {
  /// What to do about the error, where there is a usual way.
  var hint: String? {
    switch self {
    case .wouldOverwrite: "move it away, then run the command again, which continues where it stopped"
    case .exists: "move it away, or name another file"
    case .notADirectory: "move it away, or name another directory with -d, --cert-dir or --kubeconfig-dir"
    case .sameFile: "leave one of them out; or put a file of its own in the place of the symbolic link"
    case .notAFile: "put the file itself there, or move away what is there"
    case .system(_, _, let error): error.hint
    case .irreplaceable(let path, .immutable): "chattr -i \(path.shellQuoted), then run the command again"
    case .irreplaceable(let path, .appendOnly): "chattr -a \(path.shellQuoted), then run the command again"
    case .irreplaceable(let path, .mount):
      "umount \(path.shellQuoted), then run the command again; or run it where the file is mounted from"
    case .halfDone(let path, _, _, _):
      "remove what keeps \(path) from being replaced, then run the command again, which puts the rest in place first"
    case .outsideTree:
      "name the directory of the kubeconfigs with --kubeconfig-dir, or the root directory of the tree's machine with --rootfs"
    case .locked: "wait until that run has ended, then try again"
    case .unfinished(_, _, let journal):
      "name the directories that the interrupted run was given; or remove \(journal) to give it up"
    case .notABackup(_, let root): "backups are the directories in \(root)"
    case .missingFromBackup, .damagedBackup: "restore another backup"
    case .unencodable: nil
    }
  }
}

extension SystemError {
  /// What to do about the error, where there is a usual way.
  fileprivate var hint: String? {
    if isReadOnly {
      return "the file system is mounted read-only; mount it writable, or name another directory with -d"
    }
    if isPermission {
      return "run the command as the owner of the directory, with sudo, or name another directory with -d"
    }
    return isLackOfSpace ? "free some space, then run the command again" : nil
  }
}

/// A finding in a document of `-o json`, with its severity, what it breaks in a cluster, and the remedy in words.
struct FindingDocument: Encodable {
  let code: FindingCode
  let severity: Finding.Severity
  let files: [String]
  let message: String
  let breaks: String?
  let remedy: String

  init(_ finding: Finding) {
    code = finding.code
    severity = finding.severity
    files = finding.files
    message = finding.message
    breaks = finding.code.explanation?.breaks
    remedy = RemedyText(remedy: finding.remedy).text
  }
}
