import ArgumentParser
import KubernetesPKI

/// Options that describe a cluster or a node.
protocol ClusterOptions: ParsableArguments {
  /// What they say.
  var settings: ClusterSettings { get }
}

/// What a command uses for a value that no option gives; its help page says so.
protocol Defaults: Sendable {
  /// Whether it is Kubernetes' default.
  static var areKubernetes: Bool { get }
}

/// Commands that make files go by Kubernetes' defaults.
enum KubernetesDefaults: Defaults {
  static let areKubernetes = true
}

/// Commands that look at files go by what is there.
enum NoDefaults: Defaults {
  static let areKubernetes = false
}

/// The node.
struct NodeOptions<Default: Defaults>: ClusterOptions {
  @Option(.nodeName, Default.self, or: "this host's name") var nodeName: ClusterSettings?
  @Option(.advertiseAddress, Default.self) var advertiseIP: ClusterSettings?
  // A value that begins with a dash is wrong, and its own check says so.
  @Option(.bindPort, Default.self, parsing: .unconditional) var bindPort: ClusterSettings?

  var settings: ClusterSettings { ClusterSettings(joining: [nodeName, advertiseIP, bindPort]) }
}

/// The load balancer.
struct EndpointOptions: ClusterOptions {
  @Option(.controlPlaneEndpoint, NoDefaults.self) var controlPlaneEndpoint: ClusterSettings?

  var settings: ClusterSettings { controlPlaneEndpoint ?? ClusterSettings() }
}

/// What all nodes of the cluster share.
struct NetworkOptions<Default: Defaults>: ClusterOptions {
  @OptionGroup var endpoint: EndpointOptions
  @Option(.serviceSubnets, Default.self) var serviceCIDR: ClusterSettings?
  @Option(.dnsDomain, Default.self) var serviceDNSDomain: ClusterSettings?
  @OptionGroup var etcd: EtcdOptions

  var settings: ClusterSettings {
    ClusterSettings(joining: [endpoint.settings, serviceCIDR, serviceDNSDomain, etcd.settings])
  }
}

/// Where etcd is.
struct EtcdOptions: ClusterOptions {
  @Flag(
    name: .customLong(ClusterField.externalEtcd.name), help: ArgumentHelp(ClusterField.externalEtcd.summary))
  var isExternal = false

  var settings: ClusterSettings {
    let field = ClusterField.externalEtcd
    return isExternal ? ClusterSettings(field, "true", from: .option(field.option)) : ClusterSettings()
  }
}

/// SANs besides those that the cluster needs.
struct SANOptions: ClusterOptions {
  @Option(.apiServerSANs) var apiserverSAN: [ClusterSettings]
  @Option(.etcdServerSANs) var etcdServerSAN: [ClusterSettings]
  @Option(.etcdPeerSANs) var etcdPeerSAN: [ClusterSettings]
  @Option(.kubeletServerSANs) var kubeletServerSAN: [ClusterSettings]

  var settings: ClusterSettings {
    ClusterSettings(joining: apiserverSAN + etcdServerSAN + etcdPeerSAN + kubeletServerSAN)
  }
}

/// What becomes of the SANs of certificates that get successors.
struct SANChangeOptions: ParsableArguments {
  @Option(
    name: .customLong("drop-san"),
    help: ArgumentHelp("SAN to drop.", valueName: "san"))
  var dropSAN: [String] = []

  @Flag(
    name: .customLong("replace-sans"),
    help: "Drop all SANs that no option makes.")
  var replacesSANs = false

  /// Whether neither option is given.
  var isEmpty: Bool { dropSAN.isEmpty && !replacesSANs }

  /// The changes, where these settings are said of the cluster.
  func changes(
    by stated: ClusterSettings, in selection: Selection, of catalog: Catalog
  ) throws -> SANChanges {
    var changes = SANChanges()
    changes.entries = stated.renamed(in: catalog).intersection(selection.entries)
    changes.dropped = Setting.list(dropSAN, from: "--drop-san")
    changes.replaces = replacesSANs
    if replacesSANs, changes.entries.isEmpty {
      throw ValidationError(
        "--replace-sans needs an option that names SANs of these certificates, or --config.")
    }
    return changes
  }
}

/// How long certificates live.
struct ValidityOptions<Default: Defaults>: ClusterOptions {
  @Option(.certificateValidity, Default.self, parsing: .unconditional) var validity: ClusterSettings?

  var settings: ClusterSettings { validity ?? ClusterSettings() }

  /// The lifetime that was given, or the default.
  func lifetime() throws -> Lifetime { try settings.configuration().certificateValidity }
}

/// How long CA certificates live.
struct CAValidityOptions: ClusterOptions {
  @Option(.caCertificateValidity, KubernetesDefaults.self, parsing: .unconditional)
  var caValidity: ClusterSettings?

  var settings: ClusterSettings { caValidity ?? ClusterSettings() }
}

/// The algorithm of new keys.
struct KeyOptions<Default: Defaults>: ClusterOptions {
  @Option(.keyAlgorithm, Default.self) var keyAlgorithm: ClusterSettings?

  var settings: ClusterSettings { keyAlgorithm ?? ClusterSettings() }
}

/// Whose names and identities certificates and kubeconfigs carry.
struct StyleOptions<Default: Defaults>: ClusterOptions {
  @Option(.style, Default.self) var style: ClusterSettings?
  @Option(.kubernetesVersion, Default.self) var kubernetesVersion: ClusterSettings?

  var settings: ClusterSettings { ClusterSettings(joining: [style, kubernetesVersion]) }

  func validate() throws {
    if kubernetesVersion != nil, settings.style != .kubeadm {
      throw ValidationError("--kubernetes-version has no effect without --style kubeadm.")
    }
  }
}

/// kubeadm's configuration.
struct ConfigOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "kubeadm's configuration or ConfigMap; - for stdin.",
      valueName: "file"), completion: .file(extensions: ["yaml", "yml", "json"]))
  var config: String?
}

extension ClusterField {
  /// The option, with its dashes.
  var option: String { "--\(name)" }

  /// The option and its aliases.
  fileprivate var optionNames: NameSpecification {
    NameSpecification(([name] + aliases).map { .customLong($0) })
  }

  fileprivate func help(_ defaultText: String?) -> ArgumentHelp {
    let choices = choices.isEmpty ? "" : " One of \(choices.joined(separator: ", "))."
    let text = summary + choices + (defaultText.map { " (default: \($0))" } ?? "")
    return ArgumentHelp("\(text)", valueName: valueName)
  }

  fileprivate var completion: CompletionKind { choices.isEmpty ? .default : .list(choices) }
}

extension Option {
  /// The option of a field; its help names the default where the command goes by one.
  init(
    _ field: ClusterField, _ defaults: any Defaults.Type, or other: String? = nil,
    parsing: SingleValueParsingStrategy = .next
  ) where Value == ClusterSettings? {
    let text = defaults.areKubernetes ? field.defaultText ?? other : nil
    self.init(
      name: field.optionNames, parsing: parsing, help: field.help(text), completion: field.completion,
      transform: { ClusterSettings(field, $0, from: .option(field.option)) })
  }

  /// The option of a field that takes a list.
  init(_ field: ClusterField) where Value == [ClusterSettings] {
    self.init(
      wrappedValue: [], name: field.optionNames, parsing: .singleValue, help: field.help(nil),
      completion: field.completion, transform: { ClusterSettings(field, $0, from: .option(field.option)) })
  }
}

extension Setting {
  /// The value of an option, where it was given.
  init?(_ text: String?, from option: String) {
    guard let text else { return nil }
    self.init(text, from: .option(option))
  }

  /// The values of an option that may be repeated or be a list with commas.
  static func list(_ texts: [String], from option: String) -> [Setting] {
    list(texts, from: .option(option))
  }
}
