package import FoundationEssentials
package import KubernetesPKI
import Testing

extension MadeTree {
  /// The plan of a stage of a rotation.
  package func rotation(
    _ verb: RotationVerb, _ names: String..., at instant: Date = days(1),
    _ change: (inout RotationOptions) throws -> Void = { _ in }
  ) throws -> Plan {
    let catalog = catalog.withEveryKubeconfig
    var options = RotationOptions(verb, try Selection.test(names, .trustAnchors, in: catalog))
    options.signingFile = .separate
    options.areTokensRenewed = true
    try change(&options)
    return try Plan(rotating: options, of: catalog, in: contents, at: instant)
  }

  /// Brings the tree to a stage.
  package func rotate(_ verb: RotationVerb, _ names: String...) throws {
    for name in names { try carryOut(rotation(verb, name)) }
  }

  /// The tree as it is on the disk.
  package var contents: TreeContents {
    TreeContents(reading: location, catalog: catalog.withEveryKubeconfig)
  }

  /// Where the rotation of an entry stands, or of the key of service-account tokens.
  package func stage(_ id: CatalogEntry.ID?) throws -> RotationStage {
    guard let id else { return contents.serviceAccountStage }
    return contents.stage(of: try #require(catalog[id]))
  }
}
