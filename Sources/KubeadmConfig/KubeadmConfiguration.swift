internal import FileStore
package import KubernetesPKI
package import OpenSSLX509
package import StructuredText

/// What a configuration file of kubeadm says of a cluster, of one of its nodes and of their PKI.
///
/// See <https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/>.
package struct KubeadmConfiguration: Sendable {
  /// What it says of the cluster and the node, with what is wrong with it.
  package private(set) var settings = ClusterSettings()
  /// The directory of the certificates, where it names one.
  package private(set) var certificatesDirectory: Setting?
  /// What is odd, one sentence each, with its line.
  package private(set) var warnings: [String] = []

  /// Reads a file; `-` is the standard input.
  ///
  /// - Throws: ``PKIErrors`` when it cannot be read, or what it holds is no configuration. What is wrong with single
  ///   values is reported by ``ClusterSettings/configuration(needing:assumingDefaults:)`` together with everything else.
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
    try self.init(documents, path: path)
  }

  /// Reads documents that are part of a file.
  ///
  /// - Throws: ``PKIErrors`` when they hold no configuration.
  package init(_ documents: [ConfigurationValue], path: String) throws(PKIErrors) {
    var reader = KubeadmReader()
    for document in documents { reader.read(document, in: path) }
    if reader.objects.isEmpty, reader.problems.isEmpty {
      let kinds = KubeadmKind.allCases.map(\.rawValue).joined(separator: ", ")
      let line = documents.first?.line ?? 1
      reader.problems.append(
        .invalidConfiguration(path: path, line: line, problem: "it contains none of \(kinds)", hint: nil))
    }
    if let object = reader.objects[.clusterConfiguration] { take(cluster: object) }
    takeNode(reader)
    let checks = KubeadmKind.allCases.compactMap { reader.objects[$0] }
    warnings = reader.warnings + checks.flatMap(\.warnings) + warnings
    settings.problems = reader.problems + checks.flatMap(\.problems) + settings.problems
  }
}

extension KubeadmConfiguration {
  /// Leaves out the name and the address of the one node that it describes, for a use with other nodes.
  package mutating func forgetNode() {
    settings[.nodeName] = nil
    settings[.advertiseAddress] = nil
  }

  private mutating func take(cluster object: ConfigurationCheck) {
    var check = KubeadmCheck(object)
    for field in ClusterField.all {
      guard case .cluster(let path) = field.kubeadmPath else { continue }
      settings[list: field] = check.settings(path, of: field)
    }
    if settings[.kubernetesVersion] != nil { takeVersion() }
    certificatesDirectory = check.absolutePath("certificatesDir")
    settings[.externalEtcd] = check.externalEtcd()
    check.podSubnet()
    settings.problems += check.problems
  }

  /// kubeadm looks up labels of versions in the network; pkigen works offline.
  private mutating func takeVersion() {
    guard let setting = settings[.kubernetesVersion] else { return }
    let labels = ["stable", "latest", "ci/", "release/"]
    guard labels.contains(where: { setting.text.hasPrefix($0) }) else { return }
    settings[.kubernetesVersion] = nil
    warnings.append(
      "\(setting.origin): \(setting.text.quoted) cannot be looked up offline; with kubeadm's style, the identities are"
        + " those of \(KubernetesVersion.newestKnown) unless another version is given")
  }

  /// A node is described by InitConfiguration; where that is missing, by a JoinConfiguration for a control-plane node.
  private mutating func takeNode(_ reader: KubeadmReader) {
    let join = reader.objects[.joinConfiguration]
    if let object = reader.objects[.initConfiguration] {
      take(node: object, endpointIn: "")
      if let join {
        warnings.append("\(join.position): JoinConfiguration is ignored beside InitConfiguration")
      }
    } else if let join, join.line("controlPlane") != nil {
      take(node: join, endpointIn: "controlPlane.")
    } else if let join {
      warnings.append("\(join.position): JoinConfiguration is ignored: without controlPlane it is a worker's")
    }
  }

  /// - Parameter section: where the object has its endpoint.
  private mutating func take(node object: ConfigurationCheck, endpointIn section: String) {
    var check = KubeadmCheck(object)
    for field in ClusterField.all {
      switch field.kubeadmPath {
      case .node(let path): settings[list: field] = check.settings(path, of: field)
      case .endpoint(let path):
        settings[list: field] = check.settings("\(section)localAPIEndpoint.\(path)", of: field)
      case .cluster, nil: break
      }
    }
    check.certificateKey("\(section)certificateKey")
    settings.problems += check.problems
  }
}
