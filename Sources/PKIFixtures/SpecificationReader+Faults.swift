internal import FoundationEssentials
internal import KubernetesPKI
internal import StructuredText

extension SpecificationReader {
  private static let faultFields = ["name", "cluster", "at"]

  /// The defects that are wanted: `all`, or a list of names and of objects with a name.
  func faults(_ fields: Fields, in specification: FixtureSpecification) -> [FixtureSpecification.Fault] {
    guard let member = fields.member("defects") else { return [] }
    switch member.value.content {
    case .string("all"):
      let entry = Entry(name: "all", fields: object(member.value))
      return Defect.all.compactMap { fault($0, entry, in: specification) }
    case .list(let values):
      var seen: Set<String> = []
      return values.compactMap { value in
        let entry = self.entry(value)
        guard let entry, let defect = Defect.all.first(where: { $0.name == entry.name }) else {
          report(value.line, "defects has \(value.kind) in it that names no defect", hint: Self.hint)
          return nil
        }
        if !seen.insert(defect.name).inserted { report(value.line, "the defect \(defect.name) stands twice") }
        return fault(defect, entry, in: specification)
      }
    default:
      report(member.line, "defects is neither all nor a list of their names", hint: Self.hint)
      return []
    }
  }

  private static let hint = "the defects are \(Defect.all.map(\.name).joined(separator: ", "))"

  private func object(_ value: ConfigurationValue) -> Fields {
    Fields(path: path, owner: "defects", line: value.line, members: [])
  }

  private func entry(_ value: ConfigurationValue) -> Entry? {
    switch value.content {
    case .string(let name): return Entry(name: name, fields: object(value))
    case .object:
      let fields = self.fields(value, "defects", Self.faultFields)
      return fields.text("name").map { Entry(name: $0.text, fields: fields) }
    default: return nil
    }
  }

  private func fault(
    _ defect: Defect, _ entry: Entry, in specification: FixtureSpecification
  ) -> FixtureSpecification.Fault? {
    guard let name = cluster(entry.fields.text("cluster"), of: entry, in: specification) else { return nil }
    let cluster = specification.clusters.first { $0.name == name }
    guard cluster?.catalog[.etcdCA] != nil else {
      report(entry.fields.line, "defects need a cluster with etcd, and \(name) has none")
      return nil
    }
    guard cluster?.stages.areIdle == true else {
      report(entry.fields.line, "defects need a cluster without a stage, and \(name) has one")
      return nil
    }
    let end = entry.fields.text("at")
    if let end, !defect.hasInstant { report(end, "of no use: only expires-at has an instant") }
    return FixtureSpecification.Fault(defect: defect, cluster: name, end: end.flatMap { instant($0) })
  }
}
