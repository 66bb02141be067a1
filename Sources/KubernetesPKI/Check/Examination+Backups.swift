internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509

extension Examination {
  /// How many backups hold private keys of certificates that are still valid: such a key is as good as the one in place.
  package func backupFindings() -> [Finding] {
    // Backups that the caller may not look at hold nothing that the caller could count.
    let backups = ((try? Backup.all(in: location.roots)) ?? []).filter(holdsValidKey)
    guard !backups.isEmpty else { return [] }
    let directory = Path.join(location.certificateDirectory, Backup.directoryName)
    let hold =
      backups.count == 1 ? "1 backup holds private keys" : "\(backups.count) backups hold private keys"
    return [
      Finding(
        .keysInBackups, [directory], "\(hold) of certificates that are still valid: \(directory)",
        remedy: remedy(.nothingIfIntended, .remove(backups)))
    ]
  }

  private func holdsValidKey(_ backup: String) -> Bool {
    guard let files = try? Backup.read(backup, of: location.roots).files else { return false }
    return files.contains { file in
      let certificate =
        switch PKIFile.Kind(rawValue: file.label) {
        case .kubeconfig:
          (try? KubeconfigClient(file.content, path: file.target, reach: location.reach))?.certificates.first
        // The kubelet's file holds both.
        case .privateKey: try? Certificate.all(pem: file.content).first
        default: file.hasKey ? try? Certificate.all(pem: file.content).first : nil
        }
      return certificate.map { $0.validity.notAfter > instant } == true
    }
  }
}
