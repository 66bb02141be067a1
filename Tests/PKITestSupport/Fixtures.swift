package import KubernetesPKI
package import OpenSSLX509
package import Testing

/// The configuration of a cluster of which so much is said.
package func configuration(
  nodeName: String? = nil, advertiseAddress: String? = nil, bindPort: String? = nil, endpoint: String? = nil,
  serviceSubnet: String? = nil, dnsDomain: String? = nil,
  extra: [ClusterConfiguration.ExtraNames: [String]] = [:]
) throws -> ClusterConfiguration {
  var request = ClusterSettings()
  request.nodeName = nodeName.map { Setting($0, from: .option("--node-name")) }
  request.advertiseAddress = advertiseAddress.map { Setting($0, from: .option("--advertise-ip")) }
  request.bindPort = bindPort.map { Setting($0, from: .option("--bind-port")) }
  request.controlPlaneEndpoint = endpoint.map { Setting($0, from: .option("--control-plane-endpoint")) }
  request.serviceSubnet = serviceSubnet.map { Setting($0, from: .option("--service-cidr")) }
  request.dnsDomain = dnsDomain.map { Setting($0, from: .option("--service-dns-domain")) }
  request.extraNames = extra.mapValues { $0.map { Setting($0, from: .option("--san")) } }
  return try request.configuration(needing: [])
}

/// Expects that a setting is refused, alone and for this reason.
package func expectProblem(
  _ problem: String, of text: String, refusing names: Set<String> = [],
  sourceLocation: SourceLocation = #_sourceLocation, set: (inout ClusterSettings, Setting) -> Void
) throws {
  var request = ClusterSettings()
  set(&request, Setting(text, from: .option("--option")))
  let errors = try #require(throws: PKIErrors.self, sourceLocation: sourceLocation) {
    try request.configuration(needing: [], refusing: names)
  }
  #expect(
    errors.errors == [.invalidSetting(.option("--option"), value: text, problem: problem, hint: nil)],
    sourceLocation: sourceLocation)
}

/// The general name of an address; of a text that is none, one that nothing else equals.
package func address(_ text: String) -> GeneralName { IPAddress(text).map { .ipAddress($0) } ?? .other([]) }

extension [UInt8] {
  /// The bytes as a text.
  package var text: String { String(decoding: self, as: UTF8.self) }
}
