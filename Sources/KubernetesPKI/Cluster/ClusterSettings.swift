internal import StructuredText

/// What is said of a cluster, unchecked: each value as text, with its origin, by its field.
package struct ClusterSettings: Sendable {
  private var settings: [ClusterField: [Setting]] = [:]

  /// What is wrong with it already, besides what its values will show.
  package var problems: [PKIError] = []

  /// Nothing said.
  package init() {}

  /// One field said; of a field that takes a list, the text has commas between its values.
  package init(_ field: ClusterField, _ text: String, from origin: Setting.Origin) {
    settings[field] = field.form == .list ? Setting.list([text], from: origin) : [Setting(text, from: origin)]
  }

  /// All that these say; of two values for one field the later one, of lists all values.
  package init(joining all: [ClusterSettings?]) {
    for other in all.compactMap(\.self) {
      for (field, values) in other.settings {
        settings[field] = field.form == .list ? (settings[field] ?? []) + values : values
      }
    }
  }

  /// What is said of a field; `nil` where nothing is.
  package subscript(field: ClusterField) -> Setting? {
    get { settings[field]?.last }
    set { settings[field] = newValue.map { [$0] } }
  }

  /// All that is said of a field that takes a list.
  package subscript(list field: ClusterField) -> [Setting] {
    get { settings[field] ?? [] }
    set { settings[field] = newValue.isEmpty ? nil : newValue }
  }

  /// Whether nothing is said.
  package var isEmpty: Bool { settings.isEmpty && problems.isEmpty }

  /// The fields of which something is said, in the order of the table.
  package var fields: [ClusterField] { ClusterField.all.filter { settings[$0] != nil } }

  /// Checks every value.
  ///
  /// - Parameters:
  ///   - facts: what the files to be made cannot do without.
  ///   - assumingDefaults: whether a cluster of which nothing else is said has Kubernetes' usual service network and
  ///     domain. Commands that make files have to know both; commands that look at files can leave them open.
  /// - Throws: ``PKIErrors`` with all that is wrong.
  package func configuration(
    needing facts: Set<ClusterConfiguration.Fact> = [], assumingDefaults: Bool = true
  ) throws(PKIErrors) -> ClusterConfiguration {
    var (cluster, errors, wrong) = read(assumingDefaults ? ClusterConfiguration() : .unknown)
    if let setting = self[.nodeName], let problem = cluster.nodeNameProblem {
      errors.append(setting.invalid(problem))
    }
    errors += cluster.missing(facts).filter { !wrong.contains($0) }.map { .missingSetting($0.name) }
    if !errors.isEmpty { throw PKIErrors(errors) }
    return cluster
  }

  /// The configuration that the good values make of another, what is wrong with the others, and their fields.
  private func read(
    _ start: ClusterConfiguration
  ) -> (cluster: ClusterConfiguration, errors: [PKIError], wrong: Set<ClusterField>) {
    var (cluster, errors, wrong) = (start, problems, Set<ClusterField>())
    for field in ClusterField.all {
      for setting in self[list: field] {
        guard let problem = field.take(setting.text, into: &cluster) else { continue }
        errors.append(setting.invalid(problem.text, hint: problem.hint))
        wrong.insert(field)
      }
    }
    return (cluster, errors, wrong)
  }

  /// The table of what the tree of such a cluster consists of; values that cannot be used are not considered, of which
  /// ``configuration(needing:assumingDefaults:)`` reports.
  package var catalog: Catalog { read(ClusterConfiguration()).cluster.catalog }

  /// Whose names and identities the tree is to carry; ``NamingStyle/documented`` where nothing usable is said.
  package var style: NamingStyle { read(ClusterConfiguration()).cluster.style }

  /// Parses settings and collects what is wrong with them.
  package struct Check {
    /// What was wrong so far.
    package var errors: [PKIError]

    /// A check that has found these errors already.
    package init(errors: [PKIError] = []) { self.errors = errors }

    /// The value of a setting that is there and that `parse` reads.
    package mutating func optional<Value>(
      _ setting: Setting?, _ parse: (String) -> Result<Value, HostName.Problem>
    ) -> Value? {
      guard let setting else { return nil }
      switch parse(setting.text) {
      case .success(let value): return value
      case .failure(let problem):
        errors.append(setting.invalid(problem.text, hint: problem.hint))
        return nil
      }
    }
  }
}
