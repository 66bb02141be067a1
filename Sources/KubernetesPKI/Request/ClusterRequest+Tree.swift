internal import OpenSSLX509

extension ClusterRequest {
  /// Whether it says something that decides which names certificates carry.
  public var saysNames: Bool {
    [nodeName, advertiseAddress, controlPlaneEndpoint, serviceSubnet, dnsDomain].contains { $0 != nil }
      || extraNames.values.contains { !$0.isEmpty }
  }

  /// The request, with what it does not say of the node taken from the kubeconfigs of its tree: the node's name from
  /// kubelet.conf's user, the address and the port from controller-manager.conf's server, and the load balancer from
  /// admin.conf's, where that is another.
  public func completed(from tree: TreeContents) -> ClusterRequest {
    var request = self
    func setting(_ text: String?, _ file: String) -> Setting? {
      text.map { Setting($0, from: .environment(file)) }
    }
    let kubelet = tree.kubeconfigs[.kubelet]?.value?.clientCertificates.first?.subject.commonName
    if request.nodeName == nil, let kubelet, kubelet.hasPrefix("system:node:") {
      request.nodeName = setting(
        String(kubelet.dropFirst("system:node:".count)), "the node's name in kubelet.conf")
    }
    let local = tree.kubeconfigs[.controllerManager]?.value.flatMap { Self.authority($0.server) }
    let control = tree.kubeconfigs[.admin]?.value.flatMap { Self.authority($0.server) }
    if request.advertiseAddress == nil, let local {
      request.advertiseAddress = setting(local.host, "the server in controller-manager.conf")
      request.bindPort = request.bindPort ?? setting(local.port, "the server in controller-manager.conf")
    }
    if request.controlPlaneEndpoint == nil, let local, let control, control.text != local.text {
      request.controlPlaneEndpoint = setting(control.text, "the server in admin.conf")
    }
    return request
  }

  /// The `HOST:PORT` of a URL, whole and in its parts.
  private static func authority(_ url: String) -> (text: String, host: String, port: String?)? {
    guard url.hasPrefix("https://") else { return nil }
    let text = String(url.dropFirst("https://".count).prefix { $0 != "/" })
    guard case .success(let endpoint) = Endpoint.parse(text) else { return nil }
    let host =
      switch endpoint.host {
      case .ipAddress(let address): address.description
      case .dnsName(let name): name
      default: ""
      }
    return (text, host, endpoint.port.map(String.init))
  }
}
