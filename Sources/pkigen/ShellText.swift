import FileStore
import KubernetesPKI

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

  /// The options that describe the cluster, as far as they are known, with a leading space.
  ///
  /// - Parameter facts: what the command needs to know.
  func clusterOptions(for facts: Set<ClusterConfiguration.Fact>) -> String {
    var options = styleOptions
    var isComplete = true
    if facts.contains(.nodeName) {
      options += nodeName.map { " --node-name \($0.shellQuoted)" } ?? ""
      isComplete = nodeName != nil
    }
    let needsAddress = !facts.isDisjoint(with: [.advertiseAddress, .controlPlane])
    if needsAddress {
      options += advertiseAddress.map { " --advertise-ip \($0)" } ?? ""
      options += controlPlaneEndpoint.map { " --control-plane-endpoint \($0.shellQuoted)" } ?? ""
      let hasServer =
        advertiseAddress != nil || controlPlaneEndpoint != nil && !facts.contains(.advertiseAddress)
      isComplete = isComplete && hasServer
    }
    return options + location.commandOptions + (isComplete ? "" : " with the cluster's options")
  }
}
