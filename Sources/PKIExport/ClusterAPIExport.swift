package import KubernetesPKI
internal import OpenSSLX509

extension ExportSource {
  /// The Secrets from which Cluster API takes the CAs and the service-account key of a cluster instead of making its own.
  ///
  /// See <https://cluster-api.sigs.k8s.io/tasks/certs/using-custom-certificates>.
  package func clusterAPISecrets(
    of cluster: String, namespace: String
  ) throws(PKIError) -> [SecretObject] {
    func secret(_ part: String) -> SecretObject {
      var secret = SecretObject("\(cluster)-\(part)", in: namespace, type: "cluster.x-k8s.io/secret")
      secret.labels["cluster.x-k8s.io/cluster-name"] = cluster
      return secret
    }
    func pair(_ id: CatalogEntry.ID, _ part: String) throws(PKIError) -> SecretObject {
      let ca = try ca(id)
      let key = try key(id)
      var secret = secret(part)
      // Cluster API reads the first certificate only.
      secret.data["tls.crt"] = try exporting(secret.name, [ca.issuing].pem)
      secret.data["tls.key"] = try exporting(secret.name, key.pem)
      return secret
    }
    var serviceAccount = secret("sa")
    let (publicKeys, privateKey) = (try serviceAccountPublicKeys(), try serviceAccountKey())
    serviceAccount.data["tls.crt"] = try exporting(serviceAccount.name, publicKeys.pem)
    serviceAccount.data["tls.key"] = try exporting(serviceAccount.name, privateKey.pem)
    var secrets = [try pair(.ca, "ca"), try pair(.frontProxyCA, "proxy"), serviceAccount]
    if let externalEtcd {
      let etcd = try externalEtcdParts(externalEtcd)
      var ca = secret("etcd")
      ca.data["tls.crt"] = try exporting(ca.name, etcd.cas.pem)
      var client = secret("apiserver-etcd-client")
      client.data["tls.crt"] = try exporting(client.name, etcd.certificates.pem)
      client.data["tls.key"] = try exporting(client.name, etcd.key.pem)
      secrets += [ca, client]
    } else {
      secrets.append(try pair(.etcdCA, "etcd"))
    }
    return secrets.sorted { $0.name < $1.name }
  }
}
