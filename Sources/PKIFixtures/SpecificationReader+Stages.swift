internal import KubernetesPKI
internal import StructuredText

extension SpecificationReader {
  /// The stages of a cluster: one name for everything, or a name for each of its CAs and the key of service-account tokens.
  func stages(_ fields: Fields, of catalog: Catalog) -> FixtureStages {
    guard let value = fields.member("stage")?.value else { return FixtureStages() }
    var stages = FixtureStages()
    guard case .object = value.content else {
      guard let stage = fields.text("stage").flatMap(stage) else { return stages }
      for ca in catalog.cas { stages.cas[ca.id] = stage }
      stages.serviceAccountKey = stage
      return stages
    }
    let members = self.fields(
      value, fields.name("stage"), catalog.cas.map(\.name) + [Catalog.serviceAccountKey])
    for ca in catalog.cas { stages.cas[ca.id] = members.text(ca.name).flatMap(stage) }
    if let stage = members.text(Catalog.serviceAccountKey).flatMap(stage) { stages.serviceAccountKey = stage }
    return stages
  }

  private func stage(_ setting: Setting) -> FixtureStage? {
    if let stage = FixtureStage(rawValue: setting.text) { return stage }
    report(
      setting, "not a stage",
      hint: "the stages are \(FixtureStage.allCases.map(\.rawValue).joined(separator: ", "))")
    return nil
  }
}
