internal import FileStore
package import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// The static pods of a control-plane node, as the manifests beside its PKI describe them.
package struct StaticPods: Sendable {
  /// The pods, in the order of their manifests' names.
  package private(set) var pods: [StaticPod] = []
  /// Why manifests cannot be read, one error each.
  package private(set) var problems: [PKIError] = []

  /// Reads the manifests of a node: every file of the directory `manifests` beside the kubeconfigs, as the kubelet does.
  ///
  /// A node without such a directory has no static pods.
  package init(besides location: TreeLocation) {
    self.init(reading: location.manifestDirectory, within: location.reach)
  }

  /// Reads the manifests in a directory.
  ///
  /// - Parameter reach: the files to which symbolic links may lead.
  private init(reading directory: String, within reach: FileReach) {
    let names: [String]
    do throws(FileError) {
      guard let directory = reach.place(ofDirectory: directory) else { return }
      guard try FileSystem.status(directory, followingLinks: true)?.isDirectory == true else { return }
      names = try FileSystem.names(in: directory).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      problems = [.files(error)]
      return
    }
    for name in names {
      let path = Path.join(directory, name)
      if reach.place(ofRelative: path) != nil { read(path) }
    }
  }

  /// The static pods of these manifests.
  package init(reading manifests: [String]) {
    for path in manifests { read(path) }
  }

  private mutating func read(_ path: String) {
    do throws(FileError) {
      guard try FileSystem.status(path, followingLinks: true)?.isRegular == true else { return }
      let text = try FileSystem.read(path)
      do throws(ConfigurationProblem) {
        pods += try ConfigurationDocuments.read(text).compactMap { StaticPod($0, path: path) }
      } catch {
        problems.append(.invalidConfiguration(path: path, line: error.line, problem: error.text, hint: nil))
      }
    } catch {
      problems.append(.files(error))
    }
  }

  /// The pod of a component, where there is one.
  package subscript(component: ComponentReading.Component) -> StaticPod? {
    pods.first { $0.component == component }
  }
}

extension StaticPods {
  /// That manifests cannot be read, as findings.
  package var findings: [Finding] {
    problems.map { problem in
      let path = problem.path ?? ""
      let isForbidden = problem.systemError?.isPermission == true
      if case .files = problem {
        return Finding(
          .unreadableFile, [path], "\(problem)", isForbidden ? .runAsOwner : .putBack([path]),
          cause: problem.systemError)
      }
      return Finding(
        .malformedFile, [path], "the kubelet cannot read a manifest: \(problem)", .putBack([path]))
    }
  }

  /// What the arguments say of the cluster and of the node: the API server's address and port, the service networks, the
  /// domain of services, where etcd's member listens, and an etcd that is not on the node. The name that kubeadm gives an
  /// etcd member is the node's.
  package var settings: ClusterSettings {
    var settings = ClusterSettings()
    if let etcd = self[.etcd] {
      if etcd.isKubeadms { settings[.nodeName] = etcd.setting("name") }
      settings[list: .etcdServerSANs] = sans(etcdServerHosts, of: etcd, "listen-client-urls")
      settings[list: .etcdPeerSANs] = sans(etcdPeerHosts, of: etcd, "listen-peer-urls")
    }
    guard let server = self[.kubeAPIServer] else { return settings }
    settings[.advertiseAddress] = server.setting("advertise-address")
    settings[.bindPort] = server.setting("secure-port")
    settings[.serviceSubnets] = server.setting("service-cluster-ip-range")
    settings[.dnsDomain] = server.setting("service-account-issuer").flatMap(Self.domain)
    if isEtcdExternal(server), let servers = server.setting("etcd-servers") {
      settings[.externalEtcd] = Setting("true", from: servers.origin)
      for (field, name) in [
        (ClusterField.etcdCAFile, "etcd-cafile"), (.etcdCertFile, "etcd-certfile"),
        (.etcdKeyFile, "etcd-keyfile"),
      ] {
        settings[field] = server.setting(name).map {
          Setting(server.hostPath(of: $0.text) ?? $0.text, from: $0.origin)
        }
      }
    }
    return settings
  }

  /// kubeadm's issuer of tokens is a URL in the domain of services.
  private static func domain(_ issuer: Setting) -> Setting? {
    let prefix = "https://kubernetes.default.svc."
    guard issuer.text.hasPrefix(prefix) else { return nil }
    return Setting(
      String(issuer.text.dropFirst(prefix.count).prefix { !"/:".contains($0) }), from: issuer.origin)
  }

  /// Whether the API server uses no etcd on its own node.
  private func isEtcdExternal(_ server: StaticPod) -> Bool {
    guard self[.etcd] == nil, let servers = server.argument("etcd-servers") else { return false }
    let hosts = Self.hosts(servers.value)
    return !hosts.isEmpty
      && hosts.allSatisfy { host in
        if case .ipAddress(let address) = host { !address.isLoopback } else { host != .dnsName("localhost") }
      }
  }

  /// The names and addresses under which etcd's server certificate is used on this node.
  package var etcdServerHosts: [GeneralName] { hosts("listen-client-urls", "advertise-client-urls") }

  /// The names and addresses under which etcd's peer certificate is used on this node.
  package var etcdPeerHosts: [GeneralName] { hosts("listen-peer-urls", "initial-advertise-peer-urls") }

  /// Hosts as SANs, without what each member has.
  private func sans(_ hosts: [GeneralName], of etcd: StaticPod, _ argument: String) -> [Setting] {
    let line = etcd.argument(argument)?.line ?? 1
    return hosts.compactMap { host in
      switch host {
      case .ipAddress(let address) where !address.isLoopback:
        Setting(address.description, from: .file(path: etcd.path, line: line, field: "--\(argument)"))
      case .dnsName(let name) where name != "localhost":
        Setting(name, from: .file(path: etcd.path, line: line, field: "--\(argument)"))
      default: nil
      }
    }
  }

  private func hosts(_ names: String...) -> [GeneralName] {
    var hosts: [GeneralName] = []
    for name in names {
      for host in self[.etcd]?.argument(name).map({ Self.hosts($0.value) }) ?? [] where !hosts.contains(host)
      {
        hosts.append(host)
      }
    }
    return hosts
  }

  /// The hosts of `https` URLs with commas between them; addresses at which a server listens for all are none.
  private static func hosts(_ urls: String) -> [GeneralName] {
    urls.split(separator: ",").compactMap { Endpoint(url: String($0))?.host }.filter { host in
      if case .ipAddress(let address) = host { !address.isUnspecified } else { true }
    }
  }
}
