internal import FileStore
internal import KubeadmConfig
package import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

extension Inventory {
  /// Reads an inventory in YAML, of which JSON is a part; docs/schema/inventory.json describes it. What
  /// `ansible-inventory --list` prints is an inventory of one cluster.
  ///
  /// - Throws: ``PKIErrors`` with everything that is wrong with its form. What is wrong with values is reported with the
  ///   configuration of each node.
  package init(reading path: String) throws(PKIErrors) {
    let document: ConfigurationValue?
    do throws(PKIError) {
      let text = try files(FileSystem.readStream(path))
      do throws(ConfigurationProblem) {
        document = try ConfigurationDocuments.first(text)
      } catch {
        throw PKIError.invalidConfiguration(path: path, line: error.line, problem: error.text, hint: nil)
      }
    } catch {
      throw PKIErrors([error])
    }
    var reader = InventoryReader(path: path)
    let value = document ?? ConfigurationValue(line: 1, content: .null)
    clusters = InventoryReader.isAnsible(value) ? reader.ansibleCluster(value) : reader.clusters(value)
    warnings = reader.warnings
    guard reader.errors.isEmpty else { throw PKIErrors(reader.errors) }
  }
}

/// Takes the fields of an inventory out of YAML, and gathers what is wrong with them.
struct InventoryReader {
  let path: String
  private(set) var errors: [PKIError] = []
  private(set) var warnings: [String] = []

  init(path: String) { self.path = path }

  mutating func clusters(_ document: ConfigurationValue) -> [Inventory.Cluster] {
    let members = fields(document, "the inventory", ["apiVersion", "kind", "clusters"])
    for (field, value) in [("apiVersion", "pkigen/v1"), ("kind", "Inventory")]
    where document.string(field) != value {
      report(members[field]?.line ?? document.line, "\(field) is not \(value)")
    }
    guard let list = members["clusters"], case .list(let values) = list.content, !values.isEmpty else {
      report(members["clusters"]?.line ?? document.line, "clusters is not a list of clusters")
      return []
    }
    var seen: Set<String> = []
    return values.compactMap { value in
      guard let cluster = cluster(value) else { return nil }
      if !seen.insert(cluster.name).inserted {
        report(value.line, "the cluster \(cluster.name) stands twice")
      }
      return cluster
    }
  }

  private mutating func cluster(_ value: ConfigurationValue) -> Inventory.Cluster? {
    let members = fields(value, "a cluster", ["name", "config", "options", "nodes"])
    guard let name = name(members["name"], of: "a cluster", value.line) else { return nil }
    if let problem = HostName.problem(name) { report(value.line, "the cluster \(name.quoted) is \(problem)") }
    var settings = options(members["options"], "options of \(name)", Inventory.clusterFields)
    if let config = members["config"] { read(config, of: name, into: &settings) }
    guard let list = members["nodes"], case .list(let values) = list.content, !values.isEmpty else {
      report(members["nodes"]?.line ?? value.line, "nodes of \(name) is not a list of nodes")
      return nil
    }
    var nodes: [Inventory.Node] = []
    for value in values { nodes += self.nodes(value, of: name) }
    refuseTwins(nodes, of: name, list.line)
    return Inventory.Cluster(
      name: name, settings: settings, nodes: nodes, hasEtcdNodes: nodes.contains { $0.roles.contains(.etcd) })
  }

  /// Names and addresses that two nodes have.
  private mutating func refuseTwins(_ nodes: [Inventory.Node], of cluster: String, _ line: Int) {
    var (names, addresses): (Set<String>, Set<String>) = ([], [])
    for node in nodes {
      if !names.insert(node.name).inserted { report(line, "the node \(cluster)/\(node.name) stands twice") }
      if let address = node.address, !addresses.insert(address).inserted {
        report(line, "two nodes of \(cluster) have the address \(address); one is \(node.name)")
      }
    }
  }

  private mutating func nodes(_ value: ConfigurationValue, of cluster: String) -> [Inventory.Node] {
    let members = fields(value, "a node of \(cluster)", ["name", "address", "roles", "options"])
    guard let pattern = name(members["name"], of: "a node of \(cluster)", value.line) else { return [] }
    let numbered: NumberedNames
    do throws(NumberedNames.Problem) {
      numbered = try NumberedNames(pattern)
    } catch {
      report(value.line, "the node \(pattern.quoted) is \(error.text)")
      return []
    }
    let roles = roles(members["roles"], of: pattern)
    let owner = "\(cluster)/\(pattern)"
    let options = options(members["options"], "options of \(owner)", Self.nodeFields)
    let addresses = addresses(members["address"], of: numbered, owner)
    return numbered.names.enumerated().map { index, name in
      let line = members["name"]?.line ?? value.line
      let own = ClusterSettings(
        .nodeName, name, from: .file(path: path, line: line, field: "\(cluster)/\(name)"))
      let address = addresses.map { addresses in
        ClusterSettings(
          .advertiseAddress, addresses[index],
          from: .file(
            path: path, line: members["address"]?.line ?? line, field: "address of \(cluster)/\(name)"))
      }
      if let problem = HostName.problem(name) { report(line, "the node \(name.quoted) is \(problem)") }
      return Inventory.Node(
        name: name, roles: roles, settings: ClusterSettings(joining: [options, own, address]))
    }
  }

  /// The addresses of nodes, counted on from the first one.
  private mutating func addresses(
    _ value: ConfigurationValue?, of names: NumberedNames, _ owner: String
  ) -> [String]? {
    guard let value else { return nil }
    guard let text = value.scalar else {
      report(value.line, "address of \(owner) is \(value.kind), not an IP address")
      return nil
    }
    guard names.isNumbered else { return [text] }
    guard let first = IPAddress(text) else {
      report(value.line, "address of \(owner) is \(text.quoted), not an IP address")
      return nil
    }
    let addresses = names.names.indices.compactMap { first.advanced(by: $0)?.description }
    guard addresses.count == names.names.count else {
      report(value.line, "address of \(owner): there are not so many addresses after \(text)")
      return nil
    }
    return addresses
  }

  private mutating func roles(_ value: ConfigurationValue?, of node: String) -> Set<NodeRole> {
    guard let value else { return [.controlPlane] }
    let texts = value.scalar.map { [$0] } ?? value.elements.map { $0.scalar ?? "" }
    let roles = texts.compactMap { NodeRole(rawValue: $0) }
    if roles.isEmpty || roles.count < texts.count {
      report(
        value.line,
        "roles of \(node) are not of \(NodeRole.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return roles.isEmpty ? [.controlPlane] : Set(roles)
  }
}

// Options and kubeadm's configuration.
extension InventoryReader {
  /// What can be said of a node, by the names of options.
  private static let nodeFields: [ClusterField] = [
    .bindPort, .apiServerSANs, .etcdServerSANs, .etcdPeerSANs,
  ]

  private mutating func options(
    _ value: ConfigurationValue?, _ owner: String, _ known: [ClusterField]
  ) -> ClusterSettings {
    guard let value else { return ClusterSettings() }
    let members = fields(value, owner, known.map(\.name))
    let settings = known.compactMap { field -> ClusterSettings? in
      guard let value = members[field.name] else { return nil }
      let isList = if case .list = value.content { field.form == .list } else { false }
      let texts = isList ? value.elements.map(\.scalar) : [value.scalar]
      guard !texts.contains(nil) else {
        report(value.line, "\(field.name) in \(owner) is \(value.kind), not a text")
        return nil
      }
      return ClusterSettings(
        field, texts.compactMap(\.self).joined(separator: ","),
        from: .file(path: path, line: value.line, field: "\(field.name) in \(owner)"))
    }
    return ClusterSettings(joining: settings)
  }

  /// Takes what the options leave open from kubeadm's configuration, a file or the documents themselves.
  private mutating func read(
    _ value: ConfigurationValue, of cluster: String, into settings: inout ClusterSettings
  ) {
    do throws(PKIErrors) {
      var configuration: KubeadmConfiguration
      if let text = value.scalar {
        configuration = try KubeadmConfiguration(
          reading: text.hasPrefix("/") ? text : Path.join(Path.directory(of: path), text))
      } else {
        let documents = value.elements.isEmpty ? [value] : value.elements
        configuration = try KubeadmConfiguration(documents, path: path)
      }
      errors += configuration.settings.problems
      warnings += configuration.warnings
      // The file describes the cluster, and one of its nodes; the inventory names the nodes.
      configuration.forgetNode()
      _ = settings.complete(from: configuration.settings)
      settings.problems = []
    } catch {
      errors += error.errors
    }
  }
}

// Parts of YAML.
extension InventoryReader {
  mutating func report(_ line: Int, _ problem: String, hint: String? = nil) {
    errors.append(.invalidConfiguration(path: path, line: line, problem: problem, hint: hint))
  }

  /// The fields of an object, of which only `known` ones may be there, each once.
  private mutating func fields(
    _ value: ConfigurationValue, _ owner: String, _ known: [String]
  ) -> [String: ConfigurationValue] {
    guard case .object(let members) = value.content else {
      report(value.line, "\(owner) is \(value.kind), not fields with values")
      return [:]
    }
    for member in members {
      if !known.contains(member.name) {
        report(
          member.line, "\(member.name.quoted) is not a field of \(owner)",
          hint: "the fields here are \(known.joined(separator: ", "))")
      } else if member.isOverridden {
        report(member.line, "\(member.name) of \(owner) stands twice")
      }
    }
    return Dictionary(members.filter { !$0.isOverridden }.map { ($0.name, $0.value) }) { first, _ in first }
  }

  private mutating func name(_ value: ConfigurationValue?, of owner: String, _ line: Int) -> String? {
    if let name = value?.scalar, !name.isEmpty { return name }
    report(value?.line ?? line, "name of \(owner) is \(value?.kind ?? "missing")")
    return nil
  }
}

extension ConfigurationValue {
  /// The text of a scalar.
  var scalar: String? {
    switch content {
    case .string(let text), .number(let text), .boolean(let text): text
    case .null, .list, .object: nil
    }
  }
}
