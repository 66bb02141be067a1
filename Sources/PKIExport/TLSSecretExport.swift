package import KubernetesPKI
internal import OpenSSLX509

extension ExportSource {
  /// A Secret of type `kubernetes.io/tls` with a certificate, its key and, as `ca.crt`, the CAs to trust.
  ///
  /// See <https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets>.
  package func tlsSecret(
    of entry: CatalogEntry, name: String, namespace: String
  ) throws(PKIError) -> SecretObject {
    let certificates = try certificates(entry.id)
    let key = try key(entry.id)
    var secret = SecretObject(name, in: namespace, type: "kubernetes.io/tls")
    secret.data["tls.crt"] = try exporting(entry.name, certificates.pem)
    secret.data["tls.key"] = try exporting(entry.name, key.pem)
    if let id = entry.ca, let ca = tree.ca(id) {
      secret.data["ca.crt"] = try exporting(entry.name, ca.trust.pem)
    }
    return secret
  }

  /// The Secret of a CA as cert-manager reads it: the certificate that signs, the certificates above it, and the key.
  ///
  /// See <https://cert-manager.io/docs/configuration/ca/>.
  package func issuerSecret(
    of entry: CatalogEntry, name: String, namespace: String
  ) throws(PKIError) -> SecretObject {
    let ca = try ca(entry.id)
    let key = try key(entry.id)
    var secret = SecretObject(name, in: namespace, type: "kubernetes.io/tls")
    let above = ca.chain.filter { $0 != ca.issuing && !$0.isSelfSigned }
    secret.data["tls.crt"] = try exporting(entry.name, ([ca.issuing] + above).pem)
    secret.data["tls.key"] = try exporting(entry.name, key.pem)
    return secret
  }
}
