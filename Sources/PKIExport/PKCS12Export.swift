package import KubernetesPKI
package import OpenSSLX509

extension ExportSource {
  /// A PKCS#12 file with a certificate, its key, what follows the certificate and the CAs above it.
  ///
  /// - Parameter alias: what programs call the key.
  package func keyStore(
    of entry: CatalogEntry, alias: String, password: SecretBytes
  ) throws(PKIError) -> SecretBytes {
    let (certificates, key) = (try certificates(entry.id), try key(entry.id))
    let trust = entry.ca.flatMap(tree.ca)?.trust ?? []
    let chain = certificates + trust.filter { !certificates.contains($0) }
    return try exporting(entry.name) { () throws(OpenSSLError) in
      try PKCS12.keyStore(key, chain, name: alias, password: password)
    }
  }

  /// A PKCS#12 file with all certificates of a CA, which Java trusts.
  ///
  /// - Parameter alias: what Java calls the first; a number follows it for the others.
  package func javaTrustStore(
    of entry: CatalogEntry, alias: String, password: SecretBytes
  ) throws(PKIError) -> SecretBytes {
    let trust = try ca(entry.id).trust
    let named = trust.enumerated().map { index, certificate in
      (alias: index == 0 ? alias : "\(alias)-\(index + 1)", certificate: certificate)
    }
    return try exporting(entry.name) { () throws(OpenSSLError) in
      try PKCS12.javaTrustStore(named, password: password)
    }
  }
}
