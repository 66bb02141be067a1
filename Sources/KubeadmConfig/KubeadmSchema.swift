internal import KubernetesPKI

/// What a field of kubeadm's configuration may hold.
indirect enum ConfigurationType: Sendable {
  case string, number, boolean
  /// A string that Go reads as a length of time.
  case duration
  case list(ConfigurationType)
  /// An object with any fields, all of this type.
  case map(ConfigurationType)
  case object([ConfigurationField])
  /// Something whose contents are not read.
  case any
}

/// A field of an object.
struct ConfigurationField: Sendable {
  let name: String
  let type: ConfigurationType

  init(_ name: String, _ type: ConfigurationType = .string) {
    self.name = name
    self.type = type
  }
}

/// The kinds of objects in kubeadm's configuration that say something of a cluster's PKI.
enum KubeadmKind: String, CaseIterable, Sendable {
  case clusterConfiguration = "ClusterConfiguration"
  case initConfiguration = "InitConfiguration"
  case joinConfiguration = "JoinConfiguration"
}

/// The fields of kubeadm's configuration in one version of its API.
///
/// See <https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/> and the pages of its predecessors.
struct KubeadmSchema: Sendable {
  /// The versions that are known, oldest first: kubeadm reads and writes v1beta1 since 1.13, v1beta2 since 1.15, v1beta3
  /// since 1.22 and v1beta4 since 1.31.
  enum Version: String, CaseIterable, Sendable, Comparable {
    case v1beta1, v1beta2, v1beta3, v1beta4

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  let version: Version

  /// The group of kubeadm's API.
  static let group = "kubeadm.k8s.io"

  /// The fields of objects of one kind.
  func fields(of kind: KubeadmKind) -> [ConfigurationField] {
    let own =
      switch kind {
      case .clusterConfiguration: clusterConfiguration
      case .initConfiguration: initConfiguration
      case .joinConfiguration: joinConfiguration
      }
    return [ConfigurationField("apiVersion"), ConfigurationField("kind")] + own
  }

  /// Fields that came with a version.
  private func since(_ first: Version, _ fields: [ConfigurationField]) -> [ConfigurationField] {
    version >= first ? fields : []
  }

  /// Fields that a version was the last to have.
  private func until(_ last: Version, _ fields: [ConfigurationField]) -> [ConfigurationField] {
    version <= last ? fields : []
  }

  private func strings(_ names: String...) -> [ConfigurationField] { names.map { ConfigurationField($0) } }

  private var clusterConfiguration: [ConfigurationField] {
    let component = componentFields
    let image = strings("imageRepository", "imageTag")
    let etcd = [
      ConfigurationField("local", .object(localEtcdFields + image)),
      ConfigurationField("external", .object(externalEtcdFields)),
    ]
    let apiServer =
      component + [ConfigurationField("certSANs", .list(.string))]
      + until(.v1beta3, [ConfigurationField("timeoutForControlPlane", .duration)])
    let disabled = since(.v1beta4, [ConfigurationField("disabled", .boolean)])
    return [
      ConfigurationField("etcd", .object(etcd)),
      ConfigurationField("networking", .object(strings("serviceSubnet", "podSubnet", "dnsDomain"))),
      ConfigurationField("apiServer", .object(apiServer)),
      ConfigurationField("controllerManager", .object(component)),
      ConfigurationField("scheduler", .object(component)),
      ConfigurationField("dns", .object(image + disabled + until(.v1beta2, strings("type")))),
      ConfigurationField("featureGates", .map(.boolean)),
    ]
      + strings(
        "kubernetesVersion", "controlPlaneEndpoint", "certificatesDir", "imageRepository", "clusterName")
      + until(.v1beta2, [ConfigurationField("useHyperKubeImage", .boolean)])
      + since(
        .v1beta4,
        [
          ConfigurationField("proxy", .object(disabled)), ConfigurationField("encryptionAlgorithm"),
          ConfigurationField("certificateValidityPeriod", .duration),
          ConfigurationField("caCertificateValidityPeriod", .duration),
        ])
  }

  private var initConfiguration: [ConfigurationField] {
    let token =
      strings("token", "description", "expires")
      + [
        ConfigurationField("ttl", .duration), ConfigurationField("usages", .list(.string)),
        ConfigurationField("groups", .list(.string)),
      ]
    return [
      ConfigurationField("bootstrapTokens", .list(.object(token))),
      ConfigurationField("localAPIEndpoint", .object(endpointFields)),
    ] + since(.v1beta2, strings("certificateKey")) + nodeFields
  }

  private var joinConfiguration: [ConfigurationField] {
    let bootstrapToken =
      strings("token", "apiServerEndpoint")
      + [
        ConfigurationField("caCertHashes", .list(.string)),
        ConfigurationField("unsafeSkipCAVerification", .boolean),
      ]
    let discovery =
      [
        ConfigurationField("bootstrapToken", .object(bootstrapToken)),
        ConfigurationField("file", .object(strings("kubeConfigPath"))),
        ConfigurationField("tlsBootstrapToken"),
      ] + until(.v1beta3, [ConfigurationField("timeout", .duration)])
    let controlPlane =
      [ConfigurationField("localAPIEndpoint", .object(endpointFields))]
      + since(.v1beta2, strings("certificateKey"))
    return [
      ConfigurationField("caCertPath"), ConfigurationField("discovery", .object(discovery)),
      ConfigurationField("controlPlane", .object(controlPlane)),
    ] + nodeFields
  }

  /// What InitConfiguration and JoinConfiguration have in common.
  private var nodeFields: [ConfigurationField] {
    let taint = strings("key", "value", "effect", "timeAdded")
    let timeouts = [
      "controlPlaneComponentHealthCheck", "kubeletHealthCheck", "kubernetesAPICall", "etcdAPICall",
      "tlsBootstrap",
      "discovery", "upgradeManifests",
    ]
    let registration =
      strings("name", "criSocket")
      + [
        ConfigurationField("taints", .list(.object(taint))),
        ConfigurationField("kubeletExtraArgs", arguments),
      ] + since(.v1beta2, [ConfigurationField("ignorePreflightErrors", .list(.string))])
      + since(.v1beta3, strings("imagePullPolicy"))
      + since(.v1beta4, [ConfigurationField("imagePullSerial", .boolean)])
    return [ConfigurationField("nodeRegistration", .object(registration))]
      + since(
        .v1beta3,
        [
          ConfigurationField("skipPhases", .list(.string)),
          ConfigurationField("patches", .object(strings("directory"))),
        ])
      + since(
        .v1beta4,
        [
          ConfigurationField("dryRun", .boolean),
          ConfigurationField("timeouts", .object(timeouts.map { ConfigurationField($0, .duration) })),
        ])
  }

  private var endpointFields: [ConfigurationField] {
    [ConfigurationField("advertiseAddress"), ConfigurationField("bindPort", .number)]
  }

  private var componentFields: [ConfigurationField] {
    let volume =
      strings("name", "hostPath", "mountPath", "pathType") + [ConfigurationField("readOnly", .boolean)]
    return [
      ConfigurationField("extraArgs", arguments), ConfigurationField("extraVolumes", .list(.object(volume))),
    ] + environment
  }

  private var localEtcdFields: [ConfigurationField] {
    [
      ConfigurationField("dataDir"), ConfigurationField("extraArgs", arguments),
      ConfigurationField("serverCertSANs", .list(.string)),
      ConfigurationField("peerCertSANs", .list(.string)),
    ] + environment
  }

  private var externalEtcdFields: [ConfigurationField] {
    [ConfigurationField("endpoints", .list(.string))] + strings("caFile", "certFile", "keyFile")
      + since(.v1beta4, [ConfigurationField("httpEndpoints", .list(.string))])
  }

  /// Command-line arguments of a component: v1beta4 lets one stand twice.
  private var arguments: ConfigurationType {
    version == .v1beta4 ? .list(.object(strings("name", "value"))) : .map(.string)
  }

  private var environment: [ConfigurationField] {
    let variable = strings("name", "value") + [ConfigurationField("valueFrom", .any)]
    return since(.v1beta4, [ConfigurationField("extraEnvs", .list(.object(variable)))])
  }
}
