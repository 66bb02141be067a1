internal import StructuredText

extension ClusterSettings {
  /// Takes from `file` what is not said here.
  ///
  /// - Returns: a sentence for each value of the file that another one here replaces.
  public mutating func complete(from file: ClusterSettings) -> [String] {
    let singles: [WritableKeyPath<ClusterSettings, Setting?>] = [
      \.kubernetesVersion, \.clusterName, \.nodeName, \.advertiseAddress, \.bindPort, \.controlPlaneEndpoint,
      \.serviceSubnet, \.dnsDomain, \.keyAlgorithm, \.certificateValidity, \.caCertificateValidity,
    ]
    var notes: [String] = []
    for path in singles {
      guard let own = self[keyPath: path] else {
        self[keyPath: path] = file[keyPath: path]
        continue
      }
      if let other = file[keyPath: path] { notes += own.note(replacing: [other]) }
    }
    for list in ClusterConfiguration.ExtraNames.allCases {
      let others = file.extraNames[list] ?? []
      guard let own = extraNames[list], let first = own.first else {
        extraNames[list] = others
        continue
      }
      if own.map(\.text) != others.map(\.text) { notes += first.note(replacing: others) }
    }
    externalEtcd = file.externalEtcd ?? externalEtcd
    problems += file.problems
    return notes
  }
}

extension Setting {
  /// That this value is used and not those, unless it is the same.
  public func note(replacing others: [Setting]) -> [String] {
    guard let first = others.first, others.map(\.text) != [text] else { return [] }
    let texts = others.map { $0.text.quoted }.joined(separator: ", ")
    return ["\(origin) wins over \(first.origin), which says \(texts)"]
  }
}
