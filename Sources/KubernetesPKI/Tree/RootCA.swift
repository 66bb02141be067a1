internal import FileStore
package import OpenSSLX509

/// The root CA above a tree's CAs: its certificate is in their root chains, its key is not in the tree.
package struct RootCA: Sendable {
  /// Where a root CA comes from.
  package enum Source: Sendable {
    /// From files that are there; without the key it signs nothing.
    case files(certificate: Setting, key: Setting?)
    /// From `root.crt` and `root.key` in a directory, which are made where they are missing.
    case directory(Setting)
  }

  /// Its certificate's file.
  package let certificatePath: String
  /// Its key's file, where one was named.
  package let keyPath: String?
  /// The directory in which it is made where it is missing.
  package let directory: String?
  /// What the certificate's file holds: the certificate, and what leads upwards from it.
  package let certificates: FileContent<[Certificate]>
  package let key: FileContent<PrivateKey>

  /// What it is called among the names of the catalog.
  package static let itemName = "root-ca"
  /// The common name of one that is made.
  package static let commonName = "kubernetes-root-ca"
  /// How many times as long as the CAs' it is valid, so that one of them can be replaced under it.
  package static let lifetimeFactor = 2

  /// Reads the root CA's files; what is wrong with them is a finding when something is planned under it.
  ///
  /// - Throws: ``PKIErrors`` when the directory for a new one is in the tree.
  package init(_ source: Source, above location: TreeLocation) throws(PKIErrors) {
    var reader = TreeReader(location)
    switch source {
    case .files(let certificate, let key):
      certificatePath = certificate.text
      keyPath = key?.text
      directory = nil
    case .directory(let setting):
      do throws(PKIError) {
        directory = try Self.directory(setting, outside: location)
      } catch {
        throw PKIErrors([error])
      }
      certificatePath = Path.join(directory ?? setting.text, "root.crt")
      keyPath = Path.join(directory ?? setting.text, "root.key")
    }
    certificates = reader.readCertificates(certificatePath)
    key = keyPath.map { reader.readKey($0) } ?? .absent
  }

  private static func directory(_ setting: Setting, outside location: TreeLocation) throws(PKIError) -> String
  {
    let directory = try files(FileSystem.absolute(setting.text))
    for root in [location.certificateDirectory, location.kubeconfigDirectory] {
      let inner = Path.join(try files(FileSystem.absolute(root)), "")
      guard !Path.join(directory, "").hasPrefix(inner) else {
        throw setting.invalid(
          "in the tree",
          hint:
            "its key would be where every control-plane node's files are; name a directory outside of the tree"
        )
      }
    }
    return directory
  }

  /// Whether it has to be made.
  package var isToBeMade: Bool { directory != nil && certificates.isAbsent && key.isAbsent }

  /// The certificate, where it is there.
  package var certificate: Certificate? { certificates.value?.first }
}

/// Who signs a certificate.
package enum CertificateIssuer: Hashable, Sendable {
  /// Its own key.
  case itself
  /// The root CA above the tree.
  case root
  /// A CA of the tree.
  case ca(CatalogEntry.ID)
}
