internal import OpenSSLX509
internal import StructuredText

extension ClusterField {
  /// Every field, in the order in which help pages and errors name them.
  package static let all: [ClusterField] = [
    nodeName, advertiseAddress, bindPort, controlPlaneEndpoint, serviceSubnets, dnsDomain, apiServerSANs,
    etcdServerSANs, etcdPeerSANs, kubeletServerSANs, clusterName, externalEtcd, etcdCAFile, etcdCertFile,
    etcdKeyFile, keyAlgorithm, certificateValidity, caCertificateValidity, style, kubernetesVersion,
  ]

  // MARK: the node

  /// ``ClusterConfiguration/nodeName``.
  package static let nodeName = ClusterField(
    FieldName(
      name: "node-name", valueName: "name", kubeadm: .node("nodeRegistration.name"),
      summary: "Node name of the kubelet."),
    \.nodeName, FieldRule(parse: { .success($0.asciiLowercased) }, problem: HostName.nodeNameProblem))

  /// ``ClusterConfiguration/advertiseAddress``.
  package static let advertiseAddress = ClusterField(
    FieldName(
      name: "advertise-ip", valueName: "ip", aliases: ["apiserver-advertise-address"],
      kubeadm: .endpoint("advertiseAddress"), summary: "IP address of the API server on the node."),
    \.advertiseAddress, FieldRule(parse: IPAddress.parse, problem: IPAddress.advertiseProblem))

  /// ``ClusterConfiguration/bindPort``.
  package static let bindPort = ClusterField(
    FieldName(
      name: "bind-port", valueName: "port", aliases: ["apiserver-bind-port"], kubeadm: .endpoint("bindPort"),
      summary: "Port of the API server on the node."),
    always: \.bindPort, FieldRule(parse: Port.parse, problem: Port.problem))

  // MARK: the cluster

  /// ``ClusterConfiguration/controlPlaneEndpoint``.
  package static let controlPlaneEndpoint = ClusterField(
    FieldName(
      name: "control-plane-endpoint", valueName: "host[:port]", kubeadm: .cluster("controlPlaneEndpoint"),
      summary: "Load balancer in front of the API servers."),
    \.controlPlaneEndpoint, FieldRule(parse: Endpoint.parse, problem: \.problem, text: \.text))

  /// ``ClusterConfiguration/serviceSubnets``.
  package static let serviceSubnets = ClusterField(
    FieldName(
      name: "service-cidr", valueName: "cidr[,cidr]", kubeadm: .cluster("networking.serviceSubnet"),
      summary: "Service IP range, or one of each IP family."),
    always: \.serviceSubnets,
    FieldRule(parse: ServiceSubnet.parseAll, problem: ServiceSubnet.problem) {
      $0.map(\.description).joined(separator: ",")
    })

  /// ``ClusterConfiguration/dnsDomain``.
  package static let dnsDomain = ClusterField(
    FieldName(
      name: "service-dns-domain", valueName: "domain", kubeadm: .cluster("networking.dnsDomain"),
      summary: "DNS domain of services."),
    \.dnsDomain, FieldRule(parse: { .success($0.asciiLowercased) }, problem: HostName.serviceDomainProblem))

  /// ``ClusterConfiguration/clusterName``.
  package static let clusterName = ClusterField(
    FieldName(
      name: "cluster-name", valueName: "name", kubeadm: .cluster("clusterName"),
      summary: "Name of the cluster in kubeconfigs."),
    \.clusterName, FieldRule(parse: { .success($0) }, problem: HostName.textProblem))

  // MARK: extra SANs

  /// The API server's ``ClusterConfiguration/extraNames``.
  package static let apiServerSANs = sans(
    .apiServer, "apiserver-san", aliases: ["apiserver-cert-extra-sans"], .cluster("apiServer.certSANs"),
    "API server")
  /// The etcd server's ``ClusterConfiguration/extraNames``.
  package static let etcdServerSANs = sans(
    .etcdServer, "etcd-server-san", .cluster("etcd.local.serverCertSANs"), "etcd server")
  /// The etcd peer's ``ClusterConfiguration/extraNames``.
  package static let etcdPeerSANs = sans(
    .etcdPeer, "etcd-peer-san", .cluster("etcd.local.peerCertSANs"), "etcd peer")
  /// The kubelet's ``ClusterConfiguration/extraNames``.
  package static let kubeletServerSANs = sans(
    .kubeletServer, "kubelet-server-san", nil, "kubelet's serving")

  private static func sans(
    _ list: ClusterConfiguration.ExtraNames, _ name: String, aliases: [String] = [], _ kubeadm: KubeadmPath?,
    _ owner: String
  ) -> ClusterField {
    ClusterField(
      FieldName(
        name: name, valueName: "san", aliases: aliases, kubeadm: kubeadm,
        summary: "Extra SAN for the \(owner) certificate."),
      list: \.[extra: list],
      FieldRule(
        parse: { HostName.generalName($0, allowsWildcard: true) },
        problem: { HostName.problem($0, allowsWildcard: true) }, text: \.valueText))
  }

  // MARK: etcd

  /// ``ClusterConfiguration/externalEtcd``.
  package static let externalEtcd = ClusterField(
    FieldName(
      name: "external-etcd", valueName: "boolean", choices: ["true", "false"],
      summary: "etcd has a PKI of its own."),
    \.isEtcdExternal, FieldRule(parse: Bool.parse), form: .boolean)

  /// ``ExternalEtcd/caFile``.
  package static let etcdCAFile = etcdFile(
    "etcd-ca-file", "caFile", \.etcdCAFile, "CA bundle of the external etcd.")
  /// ``ExternalEtcd/certFile``.
  package static let etcdCertFile = etcdFile(
    "etcd-cert-file", "certFile", \.etcdCertFile, "Client certificate for the external etcd.")
  /// ``ExternalEtcd/keyFile``.
  package static let etcdKeyFile = etcdFile(
    "etcd-key-file", "keyFile", \.etcdKeyFile, "Key of the client certificate for the external etcd.")

  private static func etcdFile(
    _ name: String, _ field: String,
    _ path: any WritableKeyPath<ClusterConfiguration, String?> & Sendable, _ summary: String
  ) -> ClusterField {
    ClusterField(
      FieldName(
        name: name, valueName: "file", kubeadm: .cluster("etcd.external.\(field)"), summary: summary),
      path, FieldRule(parse: { .success($0) }, problem: HostName.pathProblem))
  }

  // MARK: how certificates are made

  /// ``ClusterConfiguration/keyAlgorithm``.
  package static let keyAlgorithm = ClusterField(
    FieldName(
      name: "key-algorithm", valueName: "algorithm", kubeadm: .cluster("encryptionAlgorithm"),
      choices: KeyAlgorithm.allCases.map(\.rawValue), summary: "Algorithm of new keys."),
    always: \.keyAlgorithm, FieldRule(parse: KeyAlgorithm.parse, text: \.rawValue))

  /// ``ClusterConfiguration/certificateValidity``.
  package static let certificateValidity = ClusterField(
    FieldName(
      name: "validity", valueName: "duration", kubeadm: .cluster("certificateValidityPeriod"),
      summary: "Lifetime of certificates: 90d, 6mo."),
    always: \.certificateValidity,
    FieldRule(parse: Lifetime.parseLong, problem: \.problem, text: \.shortest))

  /// ``ClusterConfiguration/caCertificateValidity``.
  package static let caCertificateValidity = ClusterField(
    FieldName(
      name: "ca-validity", valueName: "duration", kubeadm: .cluster("caCertificateValidityPeriod"),
      summary: "Lifetime of CA certificates."),
    always: \.caCertificateValidity,
    FieldRule(parse: Lifetime.parseLong, problem: \.problem, text: \.shortest))

  /// ``ClusterConfiguration/style``.
  package static let style = ClusterField(
    FieldName(
      name: "style", valueName: "style", choices: NamingStyle.allCases.map(\.rawValue),
      summary: "Names and identities of the certificates."),
    always: \.style, FieldRule(parse: NamingStyle.parse, text: \.rawValue))

  /// ``ClusterConfiguration/kubernetesVersion``.
  package static let kubernetesVersion = ClusterField(
    FieldName(
      name: "kubernetes-version", valueName: "vX.Y.Z", kubeadm: .cluster("kubernetesVersion"),
      summary: "Version of kubeadm to follow."),
    always: \.kubernetesVersion, FieldRule(parse: KubernetesVersion.parse))
}
