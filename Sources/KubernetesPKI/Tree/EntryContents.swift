package import Kubeconfigs
public import OpenSSLX509

/// What a tree has of one entry of the catalog, wherever the certificate and the key are.
public struct EntryContents: Sendable {
  /// The certificate, and what follows it in its file.
  public let certificates: FileContent<[Certificate]>
  /// The private key.
  public let key: FileContent<PrivateKey>
  /// The kubeconfig in which the two are embedded, for an entry that is kept in one.
  package let kubeconfig: FileContent<Kubeconfig>

  /// Nothing.
  package static let absent = EntryContents(certificates: .absent, key: .absent)

  /// A certificate and a key in files of their own.
  package init(certificates: FileContent<[Certificate]>, key: FileContent<PrivateKey>) {
    self.certificates = certificates
    self.key = key
    kubeconfig = .absent
  }

  /// What a kubeconfig has.
  package init(_ kubeconfig: FileContent<Kubeconfig>, path: String) {
    self.kubeconfig = kubeconfig
    certificates = kubeconfig.flatMap { value in
      guard value.clientCertificates.isEmpty else { return .present(value.clientCertificates) }
      // One that waits for its certificate has none.
      return value.isAwaitingCertificate || value.outside[.clientCertificate] != nil
        ? .absent
        : .unusable(
          .unusableKubeconfig(path, value.problems[.clientCertificate] ?? "it has no client certificate"))
    }
    key = kubeconfig.flatMap { value in
      if value.outside[.clientKey] != nil { return .absent }
      return value.clientKey.map { .present($0) }
        ?? .unusable(.unusableKubeconfig(path, value.problems[.clientKey] ?? "it has no client key"))
    }
  }

  /// The certificate itself, where it can be read.
  public var certificate: Certificate? { certificates.value?.first }

  /// What follows the certificate in its file.
  package var following: [Certificate] { Array((certificates.value ?? []).dropFirst()) }

  /// The files that a kubeconfig names instead of embedding their contents.
  package var referencedPaths: [String] {
    Kubeconfig.Part.allCases.compactMap { kubeconfig.value?.files[$0] }
  }

  /// The files that a kubeconfig names and that are outside of the tree, as the paths are written; none twice.
  package var outsidePaths: [String] {
    var paths: [String] = []
    for case let path? in Kubeconfig.Part.allCases.map({ kubeconfig.value?.outside[$0] })
    where !paths.contains(path) { paths.append(path) }
    return paths
  }

  /// Whether there are neither the certificate nor the key.
  package var isAbsent: Bool { certificates.isAbsent && key.isAbsent }
}

extension Finding {
  /// A kubeconfig with a problem: a sentence's second half.
  package static func unusableKubeconfig(_ path: String, _ problem: String) -> Finding {
    Finding(
      .malformedFile, [path], "\(path) is not a usable kubeconfig: \(problem)", .makeKubeconfigAgain(path))
  }
}
