package import KubernetesPKI
package import FoundationEssentials
package import Kubeconfigs
internal import OpenSSLX509

/// All that a kubeconfig says, of every context and not only the current one; never a private key or a token.
package struct KubeconfigDescription: Sendable, Encodable {
  /// Which user goes to which cluster.
  package struct Context: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// The cluster's name.
    package let cluster: String
    /// The user's name.
    package let user: String
    /// Whether it is the current one.
    package let isCurrent: Bool
  }

  /// An API server, and the CAs that it is trusted by.
  package struct Cluster: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// The URL.
    package let server: String?
    /// The file that is named instead of embedding the CAs.
    package let certificateAuthorityFile: String?
    /// The trusted CAs.
    package let certificateAuthorities: [CertificateDescription]
    /// What cannot be used of it, as a sentence's second half.
    package let problems: [String]
  }

  /// A user's credentials.
  package struct User: Sendable, Encodable {
    /// The name.
    package let name: String
    /// The file that is named instead of embedding the certificate.
    package let clientCertificateFile: String?
    /// The client certificate and its chain.
    package let clientCertificates: [CertificateDescription]
    /// The file that is named instead of embedding the key.
    package let clientKeyFile: String?
    /// The client's key.
    package let clientKey: KeyDescription?
    /// Whether the key is that of the certificate, where both are there.
    package let isPair: Bool?
    /// The names of the fields with credentials of other kinds: `token`, `exec`.
    package let otherCredentials: [String]
    /// What cannot be used of it, as a sentence's second half.
    package let problems: [String]
  }

  /// The contexts, in the order of the file.
  package let contexts: [Context]
  /// The clusters, in the order of the file.
  package let clusters: [Cluster]
  /// The users, in the order of the file.
  package let users: [User]

  package init(_ document: KubeconfigDocument, at instant: Date) {
    contexts = document.contexts.map { context in
      Context(
        name: context.name, cluster: context.cluster, user: context.user,
        isCurrent: context.name == document.currentContext)
    }
    clusters = document.clusters.map { Cluster($0, at: instant) }
    users = document.users.map { User($0, at: instant) }
  }
}

extension KubeconfigDescription.Cluster {
  fileprivate init(_ cluster: KubeconfigDocument.Cluster, at instant: Date) {
    var problems: [String] = []
    name = cluster.name
    server = cluster.server
    certificateAuthorityFile = cluster.certificateAuthority?.file
    certificateAuthorities = cluster.certificateAuthority?.described(at: instant, &problems) ?? []
    self.problems = problems
  }
}

extension KubeconfigDescription.User {
  fileprivate init(_ user: KubeconfigDocument.User, at instant: Date) {
    var problems: [String] = []
    name = user.name
    clientCertificateFile = user.clientCertificate?.file
    clientKeyFile = user.clientKey?.file
    otherCredentials = user.otherCredentials
    let certificates = user.clientCertificate?.described(at: instant, &problems) ?? []
    let key = user.clientKey?.value(&problems) { (source) throws(KubeconfigProblem) in
      try source.privateKey()
    }
    clientCertificates = certificates
    // A key that was read has a hash, or OpenSSL lacks SHA-256 and nothing would have been read.
    clientKey = key.flatMap { try? KeyDescription($0.publicKey) }
    isPair = clientKey.flatMap { key in certificates.first.map { $0.key.sha256 == key.sha256 } }
    self.problems = problems
  }
}

extension KubeconfigDocument.Source {
  /// What `read` makes of the source, or nothing and the problem noted.
  fileprivate func value<Value>(
    _ problems: inout [String], _ read: (Self) throws(KubeconfigProblem) -> Value
  ) -> Value? {
    do throws(KubeconfigProblem) {
      return try read(self)
    } catch {
      problems.append(error.text)
      return nil
    }
  }

  fileprivate func described(at instant: Date, _ problems: inout [String]) -> [CertificateDescription] {
    value(&problems) { (source) throws(KubeconfigProblem) in
      var descriptions: [CertificateDescription] = []
      for certificate in try source.certificates() {
        do throws(OpenSSLError) {
          descriptions.append(try CertificateDescription(certificate, at: instant))
        } catch {
          throw .init("its \(part.rawValue) is unusable: \(error)")
        }
      }
      return descriptions
    } ?? []
  }
}
