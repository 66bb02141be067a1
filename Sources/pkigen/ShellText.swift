import FileStore
import KubernetesPKI
import OpenSSLX509

extension String {
  /// The text as a shell takes it for one word.
  var shellQuoted: String {
    let isPlain = utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "/._-+:@%,".utf8.contains(byte)
    }
    return isPlain && !isEmpty
      ? self
      : "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

extension Sequence<String> {
  /// The texts as words of a command.
  var shellWords: String { map(\.shellQuoted).joined(separator: " ") }
}

extension TreeLocation {
  /// The options that make pkigen find this tree, with a leading space; nothing for the default place.
  var commandOptions: String {
    guard hasKubeconfigs else { return " --cert-dir \(certificateDirectory.shellQuoted)" }
    let root = rootDirectory.map { " --rootfs \($0.shellQuoted)" } ?? ""
    guard isConventional else {
      return
        " --cert-dir \(certificateDirectory.shellQuoted) --kubeconfig-dir \(kubeconfigDirectory.shellQuoted)"
        + root
    }
    return (isDefault ? "" : " -d \(kubeconfigDirectory.shellQuoted)") + root
  }
}

extension TreeContext {
  /// The options that name the style of the identities, with a leading space; nothing for the documented style.
  var styleOptions: String {
    guard style != .documented else { return "" }
    let version = version == .newestKnown ? nil : version
    return " --style \(style.rawValue)" + (version.map { " --kubernetes-version \($0)" } ?? "")
  }

  /// The options that describe the cluster, with a leading space; a word in capitals for what is not known.
  ///
  /// - Parameter entries: what the command makes.
  func clusterOptions(for entries: [CatalogEntry]) -> String {
    let facts = entries.map(\.facts).reduce(into: Set()) { $0.formUnion($1) }
    var options = styleOptions
    if facts.contains(.nodeName) { options += " --node-name \(nodeName?.shellQuoted ?? "NAME")" }
    if !facts.isDisjoint(with: [.advertiseAddress, .controlPlane]) {
      let hasServer =
        advertiseAddress != nil || controlPlaneEndpoint != nil && !facts.contains(.advertiseAddress)
      let address = advertiseAddress?.description ?? (hasServer ? nil : "ADDRESS")
      options += address.map { " --advertise-ip \($0)" } ?? ""
      options += controlPlaneEndpoint.map { " --control-plane-endpoint \($0.shellQuoted)" } ?? ""
    }
    return options + otherOptions(for: entries) + location.commandOptions
  }

  /// The options of fields that have no default value here, and that decide something in what is made.
  private func otherOptions(for entries: [CatalogEntry]) -> String {
    let rules = entries.flatMap(\.sans).compactMap(\.field)
    let fields = ClusterField.all.filter { field in
      field == .bindPort ? entries.contains(where: \.isKubeconfig) : rules.contains(field)
    }
    return fields.compactMap { field in others[field.name].map { " \(field.option) \($0.shellQuoted)" } }
      .joined()
  }
}
