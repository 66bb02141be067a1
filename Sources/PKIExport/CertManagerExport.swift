package import KubernetesPKI
package import StructuredText

extension ExportSource {
  /// The Secret of a CA, and the ClusterIssuer of cert-manager that signs with it.
  ///
  /// See <https://cert-manager.io/docs/configuration/ca/>.
  ///
  /// - Parameter namespace: cert-manager's own, in which it reads the Secrets of ClusterIssuers.
  package func clusterIssuer(
    of entry: CatalogEntry, name: String, namespace: String
  ) throws(PKIError) -> [JSONValue] {
    [
      try issuerSecret(of: entry, name: name, namespace: namespace).object,
      [
        "apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": ["name": .string(name)],
        "spec": ["ca": ["secretName": .string(name)]],
      ],
    ]
  }
}
