internal import FileStore
package import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// What a configuration file of kubeadm says of a cluster, of one of its nodes and of their PKI.
///
/// See <https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/>.
package struct KubeadmConfiguration: Sendable {
  /// What it says of the cluster and the node, with what is wrong with it.
  package private(set) var request = ClusterSettings()
  /// The directory of the certificates, where it names one.
  package private(set) var certificatesDirectory: Setting?
  /// What is odd, one sentence each, with its line.
  package private(set) var warnings: [String] = []

  /// Reads a file; `-` is the standard input.
  ///
  /// - Throws: ``PKIErrors`` when it cannot be read, or what it holds is no configuration. What is wrong with single
  ///   values is told by ``ClusterSettings/configuration(needing:refusing:)`` together with everything else.
  package init(reading path: String) throws(PKIErrors) {
    let text: SecretBytes
    do throws(PKIError) {
      text = try files(FileSystem.readStream(path))
    } catch {
      throw PKIErrors([error])
    }
    try self.init(text, path: path == "-" ? "standard input" : path)
  }

  package init(_ text: SecretBytes, path: String) throws(PKIErrors) {
    let documents: [ConfigurationValue]
    do throws(ConfigurationProblem) {
      documents = try ConfigurationDocuments.read(text)
    } catch {
      throw PKIErrors([.invalidConfiguration(path: path, line: error.line, problem: error.text, hint: nil)])
    }
    var reader = KubeadmReader(path: path)
    for document in documents { reader.read(document) }
    if reader.objects.isEmpty, reader.problems.isEmpty {
      let kinds = KubeadmKind.allCases.map(\.rawValue).joined(separator: ", ")
      let line = documents.first?.line ?? 1
      reader.problems.append(
        .invalidConfiguration(path: path, line: line, problem: "there is none of \(kinds) in it", hint: nil))
    }
    if let object = reader.objects[.clusterConfiguration] { take(cluster: object) }
    takeNode(reader)
    let checks = KubeadmKind.allCases.compactMap { reader.objects[$0] }
    warnings = reader.warnings + checks.flatMap(\.warnings) + warnings
    request.problems = reader.problems + checks.flatMap(\.problems) + request.problems
  }
}

extension KubeadmConfiguration {
  private mutating func take(cluster object: ConfigurationCheck) {
    request.controlPlaneEndpoint = object.setting("controlPlaneEndpoint")
    request.clusterName = object.setting("clusterName")
    request.serviceSubnet = object.setting("networking.serviceSubnet")
    request.dnsDomain = object.setting("networking.dnsDomain")
    request.extraNames = [
      .apiServer: object.settings("apiServer.certSANs"),
      .etcdServer: object.settings("etcd.local.serverCertSANs"),
      .etcdPeer: object.settings("etcd.local.peerCertSANs"),
    ]
    takeVersion(object.setting("kubernetesVersion"))
    var check = KubeadmCheck(object)
    request.keyAlgorithm = check.algorithm("encryptionAlgorithm")
    request.certificateValidity = check.duration("certificateValidityPeriod")
    request.caCertificateValidity = check.duration("caCertificateValidityPeriod")
    certificatesDirectory = check.absolutePath("certificatesDir")
    request.externalEtcd = check.externalEtcd()
    check.podSubnet()
    request.problems += check.problems
  }

  /// What stands for a version is looked up in the network by kubeadm; here there is none.
  private mutating func takeVersion(_ setting: Setting?) {
    guard let setting else { return }
    let labels = ["stable", "latest", "ci/", "release/"]
    guard labels.contains(where: { setting.text.hasPrefix($0) }) else {
      request.kubernetesVersion = setting
      return
    }
    warnings.append(
      "\(setting.origin): \(setting.text.quoted) cannot be looked up offline;"
        + " with kubeadm's style, \(KubernetesVersion.newestKnown) is taken unless --kubernetes-version says otherwise"
    )
  }

  /// A node is described by InitConfiguration; where that is missing, by a JoinConfiguration for a control-plane node.
  private mutating func takeNode(_ reader: KubeadmReader) {
    let join = reader.objects[.joinConfiguration]
    if let object = reader.objects[.initConfiguration] {
      take(node: object, endpoint: "localAPIEndpoint", key: "certificateKey")
      if let join {
        warnings.append("\(join.position): JoinConfiguration is ignored beside InitConfiguration")
      }
    } else if let join, join.line("controlPlane") != nil {
      take(node: join, endpoint: "controlPlane.localAPIEndpoint", key: "controlPlane.certificateKey")
    } else if let join {
      warnings.append("\(join.position): JoinConfiguration is ignored: without controlPlane it is a worker's")
    }
  }

  private mutating func take(node object: ConfigurationCheck, endpoint: String, key: String) {
    request.nodeName = object.setting("nodeRegistration.name")
    request.advertiseAddress = object.setting("\(endpoint).advertiseAddress")
    // Zero is to kubeadm what nothing is.
    request.bindPort = object.setting("\(endpoint).bindPort").flatMap { $0.text == "0" ? nil : $0 }
    var check = KubeadmCheck(object)
    check.certificateKey(key)
    request.problems += check.problems
  }
}

/// Finds the objects of a configuration file that are about a cluster's PKI.
struct KubeadmReader {
  let path: String
  private(set) var objects: [KubeadmKind: ConfigurationCheck] = [:]
  private(set) var warnings: [String] = []
  var problems: [PKIError] = []

  init(path: String) { self.path = path }

  /// API groups whose objects kubeadm hands on, and which say nothing of a PKI.
  private static let groupsOfOthers: Set<Substring> = ["kubelet.config.k8s.io", "kubeproxy.config.k8s.io"]

  mutating func read(_ document: ConfigurationValue) {
    guard case .object = document.content else {
      return refuse(document, "the document is \(document.kind), not an object with apiVersion and kind")
    }
    guard let apiVersion = document.string("apiVersion"), let kind = document.string("kind") else {
      return refuse(document, "the document has no apiVersion and kind")
    }
    let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == KubeadmSchema.group else {
      if !Self.groupsOfOthers.contains(parts[0]) {
        warnings.append(
          "\(path):\(document.line): \(kind) (\(apiVersion)) is no part of kubeadm's configuration, and is ignored"
        )
      }
      return
    }
    guard let known = KubeadmKind(rawValue: kind) else { return }
    guard let version = KubeadmSchema.Version(rawValue: String(parts[1])) else {
      return refuse(
        document, "\(apiVersion.quoted) is not a version that pkigen reads: v1beta3 or v1beta4",
        hint: "kubeadm config migrate, of a kubeadm that knows it, rewrites the file")
    }
    guard objects[known] == nil else { return refuse(document, "a second \(kind) in the file") }
    let fields = KubeadmSchema(version: version).fields(of: known)
    objects[known] = ConfigurationCheck(
      document, fields, path: path, owner: "\(kind) (\(apiVersion))")
  }

  private mutating func refuse(_ document: ConfigurationValue, _ problem: String, hint: String? = nil) {
    problems.append(.invalidConfiguration(path: path, line: document.line, problem: problem, hint: hint))
  }
}
