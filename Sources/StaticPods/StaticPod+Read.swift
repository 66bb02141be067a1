internal import KubernetesPKI
internal import StructuredText

extension StaticPod {
  /// Reads a manifest; `nil` where it is no pod of a component.
  init?(_ document: ConfigurationValue, path: String) {
    guard document.string("kind") == "Pod", let spec = document.member("spec")?.value else { return nil }
    for container in spec.elements("containers") {
      let words = container.elements("command") + container.elements("args")
      guard let component = Self.component(of: container, words) else { continue }
      self.component = component
      self.path = path
      isKubeadms = Self.isKubeadms(document)
      arguments = Self.arguments(words)
      mounts = Self.mounts(of: container, in: spec)
      return
    }
    return nil
  }

  /// Whether the pod has an annotation of kubeadm's.
  private static func isKubeadms(_ document: ConfigurationValue) -> Bool {
    guard let annotations = document.member("metadata")?.value.member("annotations")?.value,
      case .object(let members) = annotations.content
    else { return false }
    return members.contains { $0.name.hasPrefix("kubeadm.kubernetes.io/") }
  }

  /// Which component a container runs: by the program, or else by the container's name.
  private static func component(
    of container: ConfigurationValue, _ words: [ConfigurationValue]
  ) -> ComponentReading.Component? {
    let program = words.first?.scalar?.split(separator: "/").last.map(String.init)
    return program.flatMap { ComponentReading.Component(rawValue: $0) }
      ?? container.string("name").flatMap { ComponentReading.Component(rawValue: $0) }
  }

  /// The arguments, which are written as `--name=value`, `--name value` or `--name`.
  private static func arguments(_ words: [ConfigurationValue]) -> [Argument] {
    var arguments: [Argument] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let text = word.scalar, text.hasPrefix("--") else { continue }
      let parts = text.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      var value = parts.count == 2 ? String(parts[1]) : nil
      if value == nil, let next = rest.first?.scalar, !next.hasPrefix("-") {
        value = next
        rest = rest.dropFirst()
      }
      arguments.append(Argument(name: String(parts[0]), value: value ?? "true", line: word.line))
    }
    return arguments
  }

  /// The volumes that a container mounts.
  private static func mounts(of container: ConfigurationValue, in spec: ConfigurationValue) -> [Mount] {
    var hostPaths: [String: String] = [:]
    for volume in spec.elements("volumes") {
      guard let name = volume.string("name"), let path = volume.member("hostPath")?.value.string("path")
      else {
        continue
      }
      hostPaths[name] = path
    }
    return container.elements("volumeMounts").compactMap { mount in
      guard let name = mount.string("name"), let mountPath = mount.string("mountPath") else { return nil }
      let hostPath = hostPaths[name].map { path in mount.string("subPath").map { "\(path)/\($0)" } ?? path }
      return Mount(hostPath: hostPath.map(withoutSlash), mountPath: withoutSlash(mountPath))
    }
  }

  private static func withoutSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}

extension ConfigurationValue {
  /// The elements of a field that holds a list.
  fileprivate func elements(_ name: String) -> [ConfigurationValue] {
    if case .list(let elements) = member(name)?.value.content { elements } else { [] }
  }

  /// The text of a scalar.
  fileprivate var scalar: String? {
    switch content {
    case .string(let text), .number(let text), .boolean(let text): text
    case .null, .list, .object: nil
    }
  }
}
