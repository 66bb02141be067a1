package import FoundationEssentials
package import OpenSSLX509

extension ExpirationReport {
  /// The entries of files that belong to no tree: one for each certificate, by the path of its file.
  ///
  /// - Parameter files: the certificates of each file, in their order.
  package init(
    of files: [(path: String, certificates: [Certificate])], at instant: Date, margin: ExpiryMargin? = nil
  ) throws(OpenSSLError) {
    var (leaves, cas): ([Entry], [Entry]) = ([], [])
    for file in files {
      for (index, certificate) in file.certificates.enumerated() {
        let isCA = try certificate.isCA()
        let issuer = certificate.issuer
        var entry = Entry(
          name: file.certificates.count == 1 ? file.path : "\(file.path) (\(index + 1))", path: file.path,
          ca: isCA ? nil : issuer.values(of: "2.5.4.3").first ?? issuer.description, instant: instant)
        entry.state = State(certificate.validity, at: instant, margin: margin)
        entry.isExternallyManaged = true
        entry.contents = [Content(embedding: nil, certificates: [certificate])]
        isCA ? cas.append(entry) : leaves.append(entry)
      }
    }
    certificates = leaves
    certificateAuthorities = cas
    remarks = []
    outside = []
    unfinishedRun = nil
  }
}
