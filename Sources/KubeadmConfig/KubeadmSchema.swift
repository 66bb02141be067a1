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
  /// Something that nobody looks into.
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
/// See <https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/> and its predecessor's page.
struct KubeadmSchema: Sendable {
  /// The versions that are known.
  enum Version: String, CaseIterable, Sendable {
    case v1beta3, v1beta4
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

  /// Fields that came with v1beta4.
  private func since4(_ fields: [ConfigurationField]) -> [ConfigurationField] {
    version == .v1beta4 ? fields : []
  }

  /// Fields that went with v1beta4.
  private func until3(_ fields: [ConfigurationField]) -> [ConfigurationField] {
    version == .v1beta3 ? fields : []
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
      + until3([ConfigurationField("timeoutForControlPlane", .duration)])
    let disabled = since4([ConfigurationField("disabled", .boolean)])
    return [
      ConfigurationField("etcd", .object(etcd)),
      ConfigurationField("networking", .object(strings("serviceSubnet", "podSubnet", "dnsDomain"))),
      ConfigurationField("apiServer", .object(apiServer)),
      ConfigurationField("controllerManager", .object(component)),
      ConfigurationField("scheduler", .object(component)),
      ConfigurationField("dns", .object(image + disabled)),
      ConfigurationField("featureGates", .map(.boolean)),
    ]
      + strings(
        "kubernetesVersion", "controlPlaneEndpoint", "certificatesDir", "imageRepository", "clusterName")
      + since4([
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
      ConfigurationField("localAPIEndpoint", .object(endpointFields)), ConfigurationField("certificateKey"),
    ] + nodeFields
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
      ] + until3([ConfigurationField("timeout", .duration)])
    let controlPlane = [
      ConfigurationField("localAPIEndpoint", .object(endpointFields)), ConfigurationField("certificateKey"),
    ]
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
      strings("name", "criSocket", "imagePullPolicy")
      + [
        ConfigurationField("taints", .list(.object(taint))),
        ConfigurationField("kubeletExtraArgs", arguments),
        ConfigurationField("ignorePreflightErrors", .list(.string)),
      ] + since4([ConfigurationField("imagePullSerial", .boolean)])
    return [
      ConfigurationField("nodeRegistration", .object(registration)),
      ConfigurationField("skipPhases", .list(.string)),
      ConfigurationField("patches", .object(strings("directory"))),
    ]
      + since4([
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
      + since4([ConfigurationField("httpEndpoints", .list(.string))])
  }

  /// Command-line arguments of a component: v1beta4 lets one stand twice.
  private var arguments: ConfigurationType {
    version == .v1beta4 ? .list(.object(strings("name", "value"))) : .map(.string)
  }

  private var environment: [ConfigurationField] {
    let variable = strings("name", "value") + [ConfigurationField("valueFrom", .any)]
    return since4([ConfigurationField("extraEnvs", .list(.object(variable)))])
  }
}
