internal import FileStore
package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509

/// The certificates in all files below a directory.
package struct DirectoryDescription: Sendable {
  /// The files that hold certificates or something damaged, sorted by path.
  package let files: [FileDescription]
  /// What keeps files and directories from being read.
  package let errors: [PKIError]

  /// Whether there is a directory at a path.
  package static func isDirectory(_ path: String) -> Bool {
    (try? FileSystem.status(path, followingLinks: true))?.isDirectory == true
  }

  /// Describes the files below `directory`, but not those to which symbolic links lead.
  ///
  /// - Parameter password: that of PKCS#12 files.
  package init(reading directory: String, at instant: Date, password: SecretBytes? = nil) {
    var (found, errors): ([FileDescription], [PKIError]) = ([], [])
    var directories = [directory]
    while let directory = directories.popLast() {
      do throws(FileError) {
        for name in try FileSystem.names(in: directory) {
          let path = Path.join(directory, name)
          let status = try FileSystem.status(path)
          if status?.isDirectory == true { directories.append(path) }
          guard let status, status.isRegular, status.size <= FileSystem.sizeLimit else { continue }
          do throws(PKIError) {
            found.append(try FileDescription(reading: path, at: instant, password: password))
          } catch {
            errors.append(error)
          }
        }
      } catch {
        errors.append(.files(error))
      }
    }
    files = found.filter {
      !$0.certificates.isEmpty || $0.isDamaged || $0.isNamedAsCertificate && $0.isUnknown
    }
    .sorted { $0.path < $1.path }
    self.errors = errors
  }
}

extension FileDescription {
  /// All certificates of the file, also those that kubeconfigs embed and the cluster has issued.
  package var certificates: [CertificateDescription] {
    items.flatMap { item -> [CertificateDescription] in
      switch item.content {
      case .certificate(let certificate): [certificate]
      case .kubeconfig(let kubeconfig):
        kubeconfig.users.flatMap(\.clientCertificates) + kubeconfig.clusters.flatMap(\.certificateAuthorities)
      case .signingRequest(let request): request.certificates
      default: []
      }
    }
  }

  /// Whether the file's name says that it holds certificates.
  fileprivate var isNamedAsCertificate: Bool {
    let name = Path.name(of: path).lowercased()
    return [".cer", ".crt", ".der", ".p12", ".p7b", ".p7c", ".pem", ".pfx"].contains(where: name.hasSuffix)
  }

  /// Whether something in the file cannot be used.
  fileprivate var isDamaged: Bool {
    items.contains { if case .unusable = $0.content { true } else { false } }
  }
}
