package import KubernetesPKI
package import OpenSSLX509
package import Testing

/// The configuration of a cluster of which so much is said.
package func configuration(
  nodeName: String? = nil, advertiseAddress: String? = nil, bindPort: String? = nil, endpoint: String? = nil,
  serviceSubnet: String? = nil, dnsDomain: String? = nil,
  extra: [ClusterConfiguration.ExtraNames: [String]] = [:]
) throws -> ClusterConfiguration {
  var settings = ClusterSettings()
  settings[.nodeName] = nodeName.map { Setting($0, from: .option("--node-name")) }
  settings[.advertiseAddress] = advertiseAddress.map { Setting($0, from: .option("--advertise-ip")) }
  settings[.bindPort] = bindPort.map { Setting($0, from: .option("--bind-port")) }
  settings[.controlPlaneEndpoint] = endpoint.map { Setting($0, from: .option("--control-plane-endpoint")) }
  settings[.serviceSubnets] = serviceSubnet.map { Setting($0, from: .option("--service-cidr")) }
  settings[.dnsDomain] = dnsDomain.map { Setting($0, from: .option("--service-dns-domain")) }
  for (list, names) in extra {
    let field = CatalogEntry.SANRule.extra(list).field
    if let field { settings[list: field] = names.map { Setting($0, from: .option("--san")) } }
  }
  return try settings.configuration()
}

/// Expects that a setting is refused, alone and for this reason.
package func expectProblem(
  _ problem: String, of text: String,
  sourceLocation: SourceLocation = #_sourceLocation, set: (inout ClusterSettings, Setting) -> Void
) throws {
  var settings = ClusterSettings()
  set(&settings, Setting(text, from: .option("--option")))
  let errors = try #require(throws: PKIErrors.self, sourceLocation: sourceLocation) {
    try settings.configuration()
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
