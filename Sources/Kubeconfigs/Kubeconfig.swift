package import OpenSSLX509
internal import StructuredText

/// What a kubeconfig says in its current context, with everything that it names read in.
///
/// See <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>.
package struct Kubeconfig: Sendable {
  /// A part of a kubeconfig that can be missing, be in a file of its own, or be unusable.
  package enum Part: String, CaseIterable, Sendable {
    /// The API server's URL.
    case server
    /// The trusted CAs.
    case certificateAuthority = "certificate-authority"
    /// The client's certificate.
    case clientCertificate = "client-certificate"
    /// The client's private key.
    case clientKey = "client-key"
  }

  /// The name of the cluster entry.
  package let clusterName: String
  /// The name of the user entry.
  package let userName: String
  /// The name of the context.
  package let contextName: String
  /// The API server's URL; empty where there is none.
  package let server: String
  /// The name that the API server's certificate must have instead of the host of ``server``; `nil` where none is said.
  package let tlsServerName: String?
  /// The CAs that are trusted, embedded or in the file that is named; none where they cannot be used.
  package let certificateAuthorities: [Certificate]
  /// The client certificate, followed by its chain; none where it cannot be used.
  package let clientCertificates: [Certificate]
  /// The client's private key; `nil` where it cannot be used.
  package let clientKey: PrivateKey?
  /// Why parts cannot be used, as a sentence's second half; no entry for those that can.
  package let problems: [Part: String]
  /// What clients skip, in sentences, of the parts of which they use the rest.
  package let skipped: [Part: [String]]
  /// The files that it names instead of embedding.
  package let files: [Part: String]
  /// The files that it names and that are outside of its tree, so that they were not read; the paths are as they are written.
  package let outside: [Part: String]
  /// Whether it has a client's key and waits for the certificate, as `kubeadm certs generate-csr` leaves it.
  package let isAwaitingCertificate: Bool

  /// A kubeconfig of a single context, with everything embedded.
  package init(
    clusterName: String, userName: String, contextName: String, server: String,
    certificateAuthorities: [Certificate], clientCertificates: [Certificate], clientKey: PrivateKey
  ) {
    self.clusterName = clusterName
    self.userName = userName
    self.contextName = contextName
    self.server = server
    tlsServerName = nil
    self.certificateAuthorities = certificateAuthorities
    self.clientCertificates = clientCertificates
    self.clientKey = clientKey
    problems = [:]
    skipped = [:]
    files = [:]
    outside = [:]
    isAwaitingCertificate = clientCertificates.isEmpty
  }

  init(
    names: KubeconfigDocument.Context, server: String?, tlsServerName: String?,
    certificateAuthorities: [Certificate]?, clientCertificates: [Certificate]?, clientKey: PrivateKey?,
    problems: [Part: String], skipped: [Part: [String]], files: [Part: String],
    outside: [Part: String],
    isAwaitingCertificate: Bool
  ) {
    clusterName = names.cluster
    userName = names.user
    contextName = names.name
    self.server = server ?? ""
    self.tlsServerName = tlsServerName
    self.certificateAuthorities = certificateAuthorities ?? []
    self.clientCertificates = clientCertificates ?? []
    self.clientKey = clientKey
    self.problems = problems
    self.skipped = skipped
    self.files = files
    self.outside = outside
    self.isAwaitingCertificate = isAwaitingCertificate
  }

  /// The name for which clients verify the API server's certificate: ``tlsServerName``, or the host of ``server``; `nil`
  /// where there is neither.
  package var verifiedName: String? {
    tlsServerName ?? ServerURL(server).flatMap { $0.host.isEmpty ? nil : $0.host }
  }

  /// All problems, in the order of the parts.
  package var allProblems: [String] { Part.allCases.compactMap { problems[$0] } }
}
