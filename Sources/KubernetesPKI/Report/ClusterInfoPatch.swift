internal import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509
package import StructuredText

/// A patch of the ConfigMap `cluster-info` in the namespace `kube-public`, from which joining nodes learn the CA.
///
/// See <https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#create-the-public-cluster-info-configmap>.
package struct ClusterInfoPatch: Sendable {
  private let kubeconfig: String

  /// The patch for a tree: what its CA's file holds, and the server of admin.conf.
  ///
  /// - Throws: ``PKIErrors`` where one of the two cannot be read.
  package init(of tree: TreeContents) throws(PKIErrors) {
    let entries = [CatalogEntry.ID.ca, .admin].compactMap { Catalog.allFiles[$0] }
    for entry in entries {
      let contents = tree[entry.id]
      let path = tree.location.path(of: entry)
      if let finding = contents.certificates.finding ?? contents.kubeconfig.finding {
        throw PKIErrors([.unsound(finding)])
      }
      if contents.certificates.isAbsent {
        throw PKIErrors([.unsound(Finding(.missingFile, [path], "\(path) is missing", .putBack([path])))])
      }
    }
    guard let ca = tree.ca(.ca), let server = tree[.admin].kubeconfig.value?.server else {
      throw PKIErrors([])
    }
    let trust: SecretBytes
    do throws(OpenSSLError) {
      trust = try ca.trust.pem()
    } catch {
      throw PKIErrors([.cryptography(subject: "the CA", reason: error.description)])
    }
    do throws(JSONValue.Problem) {
      kubeconfig = try Self.kubeconfig(server: server, trust: trust).yaml()
    } catch {
      throw PKIErrors([.encoding(subject: "cluster-info", reason: error.text)])
    }
  }

  /// What kubeadm writes: a kubeconfig with a cluster alone.
  private static func kubeconfig(server: String, trust: SecretBytes) -> JSONValue {
    let cluster: [String: JSONValue] = [
      "certificate-authority-data": .string(Data(trust.copy).base64EncodedString()),
      "server": .string(server),
    ]
    return .object([
      "apiVersion": .string("v1"), "kind": .string("Config"), "preferences": .object([:]), "contexts": .null,
      "current-context": .string(""), "users": .null,
      "clusters": .array([.object(["cluster": .object(cluster), "name": .string("")])]),
    ])
  }

  /// The patch.
  package var object: JSONValue { .object(["data": .object(["kubeconfig": .string(kubeconfig)])]) }
}
