internal import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// Finds the objects of a configuration file that are about a cluster's PKI.
struct KubeadmReader {
  /// The objects, by kind.
  private(set) var objects: [KubeadmKind: ConfigurationCheck] = [:]
  /// What is odd, one sentence each, with its line.
  private(set) var warnings: [String] = []
  /// What is wrong.
  var problems: [PKIError] = []

  /// API groups whose objects kubeadm hands on, and which say nothing of a PKI.
  private static let groupsOfOthers: Set<Substring> = ["kubelet.config.k8s.io", "kubeproxy.config.k8s.io"]

  /// Reads a document of the file at `path`.
  mutating func read(_ document: ConfigurationValue, in path: String) {
    guard case .object = document.content else {
      return refuse(
        document, path, "the document is \(document.kind), not an object with apiVersion and kind")
    }
    guard let apiVersion = document.string("apiVersion"), let kind = document.string("kind") else {
      return refuse(document, path, "the document has no apiVersion and kind")
    }
    let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == KubeadmSchema.group {
      read(document, kind, apiVersion, in: path)
    } else if apiVersion == "v1", kind == "ConfigMap",
      let member = document.member("data")?.value.member(KubeadmKind.clusterConfiguration.rawValue)
    {
      read(configMap: member, in: path)
    } else if !Self.groupsOfOthers.contains(parts[0]) {
      warnings.append(
        "\(path):\(document.line): \(kind) (\(apiVersion)) is no part of kubeadm's configuration, and is ignored"
      )
    }
  }

  /// Reads an object of kubeadm's.
  private mutating func read(
    _ document: ConfigurationValue, _ kind: String, _ apiVersion: String, in path: String
  ) {
    let version = apiVersion.dropFirst(KubeadmSchema.group.count + 1)
    guard let schema = KubeadmSchema.Version(rawValue: String(version)).map(KubeadmSchema.init) else {
      let known = KubeadmSchema.Version.allCases.map(\.rawValue).joined(separator: ", ")
      return refuse(
        document, path, "\(apiVersion.quoted) is not a version that pkigen reads: \(known)",
        hint:
          "rewrite it with a kubeadm that reads it: kubeadm config migrate --old-config FILE --new-config NEW"
      )
    }
    guard let known = KubeadmKind(rawValue: kind) else { return }
    guard objects[known] == nil else { return refuse(document, path, "a second \(kind) in the file") }
    objects[known] = ConfigurationCheck(
      document, schema.fields(of: known), path: path, owner: "\(kind) (\(apiVersion))")
  }

  /// Reads what kubeadm has kept in the cluster: the ConfigMap kubeadm-config of the namespace kube-system.
  private mutating func read(configMap member: ConfigurationValue.Member, in path: String) {
    let path = "\(path):\(member.line): data.\(member.name)"
    guard case .string(let text) = member.value.content else {
      return refuse(member.value, path, "it is \(member.value.kind), not a text")
    }
    do throws(ConfigurationProblem) {
      for document in try ConfigurationDocuments.read(SecretBytes(text.utf8)) { read(document, in: path) }
    } catch {
      problems.append(.invalidConfiguration(path: path, line: error.line, problem: error.text, hint: nil))
    }
  }

  private mutating func refuse(
    _ document: ConfigurationValue, _ path: String, _ problem: String, hint: String? = nil
  ) {
    problems.append(.invalidConfiguration(path: path, line: document.line, problem: problem, hint: hint))
  }
}
