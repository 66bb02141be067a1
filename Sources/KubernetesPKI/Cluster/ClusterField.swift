internal import OpenSSLX509

/// A property of a cluster or of a node: its name, where kubeadm says it, what it is for, its default and its rule.
///
/// The table is ``all``. Options, help, completion, kubeadm's configuration and the fixtures' specification come from it.
package struct ClusterField: Sendable {
  /// Where kubeadm's configuration has a field,
  /// <https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/>.
  package enum KubeadmPath: Hashable, Sendable {
    /// In ClusterConfiguration.
    case cluster(String)
    /// In InitConfiguration and JoinConfiguration.
    case node(String)
    /// In `localAPIEndpoint` of InitConfiguration, and of JoinConfiguration's `controlPlane`.
    case endpoint(String)
  }

  /// How a field's value is written.
  package enum Form: Hashable, Sendable {
    /// One value.
    case single
    /// Values, which may be several in one text with commas between them.
    case list
    /// `true` or `false`.
    case boolean
  }

  /// The name, in lower case with dashes: `advertise-ip`.
  package let name: String
  /// What the field is for, as one sentence.
  package let summary: String
  /// What a value is, in a word: `ip`.
  package let valueName: String
  /// kubeadm's names of the same option.
  package let aliases: [String]
  /// Where kubeadm's configuration has it, if it does.
  package let kubeadmPath: KubeadmPath?
  /// How its value is written.
  package let form: Form
  /// The values, where there are few.
  package let choices: [String]
  /// The values in a configuration that are not the defaults, as the text of an option; `nil` where there are none.
  package func text(in cluster: ClusterConfiguration) -> String? {
    let texts = values(cluster).map(\.text)
    let text = texts.joined(separator: ",")
    return text.isEmpty || text == defaultText ? nil : text
  }

  /// Puts the value of a text into a configuration, unless the text has a problem.
  private let read: @Sendable (String, inout ClusterConfiguration) -> HostName.Problem?
  /// The values in a configuration, each with its problem.
  private let values: @Sendable (ClusterConfiguration) -> [(text: String, problem: HostName.Problem?)]

  /// The default, as text; `nil` where there is none.
  package var defaultText: String? {
    let texts = values(ClusterConfiguration()).map(\.text)
    return texts.isEmpty ? nil : texts.joined(separator: ",")
  }

  /// Puts the value of a text into a configuration.
  ///
  /// - Returns: what is wrong with the text.
  package func take(_ text: String, into cluster: inout ClusterConfiguration) -> HostName.Problem? {
    read(text, &cluster)
  }

  /// What is wrong with the field's values in a configuration that a program made.
  func errors(in cluster: ClusterConfiguration) -> [PKIError] {
    values(cluster).compactMap { value in
      value.problem.map { .invalidSetting(.value(name), value: value.text, problem: $0.text, hint: nil) }
    }
  }
}

extension ClusterField: Hashable {
  /// Fields are equal when their names are.
  package static func == (one: ClusterField, other: ClusterField) -> Bool { one.name == other.name }

  /// Hashes the name.
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// How a field's values are read, checked and written.
struct FieldRule<Value: Sendable>: Sendable {
  /// The value that a text writes.
  let parse: @Sendable (String) -> Result<Value, HostName.Problem>
  /// What is wrong with a value, as what follows "is".
  var problem: @Sendable (Value) -> String? = { _ in nil }
  /// A value as text.
  var text: @Sendable (Value) -> String = { "\($0)" }

  /// The value that a text writes, unless something is wrong with it.
  func read(_ text: String) -> Result<Value, HostName.Problem> {
    parse(text).flatMap { value in problem(value).map { .failure(.init($0)) } ?? .success(value) }
  }

  /// A value as text, with what is wrong with it.
  func check(_ value: Value) -> (text: String, problem: HostName.Problem?) {
    (text(value), problem(value).map { .init($0) })
  }
}

/// What a field is called and what it is for.
struct FieldName {
  let name: String
  let valueName: String
  var aliases: [String] = []
  var kubeadm: ClusterField.KubeadmPath?
  var choices: [String] = []
  let summary: String
}

extension ClusterField {
  /// A field of which a configuration may have a value.
  init<Value: Sendable>(
    _ field: FieldName, _ path: any WritableKeyPath<ClusterConfiguration, Value?> & Sendable,
    _ rule: FieldRule<Value>, form: Form = .single
  ) {
    self.init(field, form) { text, cluster in
      rule.read(text).problem { cluster[keyPath: path] = $0 }
    } values: { cluster in
      cluster[keyPath: path].map { [rule.check($0)] } ?? []
    }
  }

  /// A field of which a configuration always has a value.
  init<Value: Sendable>(
    _ field: FieldName, always path: any WritableKeyPath<ClusterConfiguration, Value> & Sendable,
    _ rule: FieldRule<Value>
  ) {
    self.init(field, .single) { text, cluster in
      rule.read(text).problem { cluster[keyPath: path] = $0 }
    } values: { cluster in
      [rule.check(cluster[keyPath: path])]
    }
  }

  /// A field of which a configuration has any number of values.
  init<Value: Sendable>(
    _ field: FieldName, list path: any WritableKeyPath<ClusterConfiguration, [Value]> & Sendable,
    _ rule: FieldRule<Value>
  ) {
    self.init(field, .list) { text, cluster in
      rule.read(text).problem { cluster[keyPath: path].append($0) }
    } values: { cluster in
      cluster[keyPath: path].map(rule.check)
    }
  }

  private init(
    _ field: FieldName, _ form: Form,
    read: @escaping @Sendable (String, inout ClusterConfiguration) -> HostName.Problem?,
    values: @escaping @Sendable (ClusterConfiguration) -> [(text: String, problem: HostName.Problem?)]
  ) {
    name = field.name
    summary = field.summary
    valueName = field.valueName
    aliases = field.aliases
    kubeadmPath = field.kubeadm
    choices = field.choices
    self.form = form
    self.read = read
    self.values = values
  }
}

extension Result where Failure == HostName.Problem {
  /// Hands a value on; returns the problem where there is none.
  fileprivate func problem(_ use: (Success) -> Void) -> HostName.Problem? {
    switch self {
    case .success(let value):
      use(value)
      return nil
    case .failure(let problem): return problem
    }
  }
}
