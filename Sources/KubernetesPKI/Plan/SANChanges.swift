internal import FoundationEssentials
internal import OpenSSLX509
internal import StructuredText

/// What becomes of the SANs of certificates that get successors: a successor has all SANs of its predecessor, and nothing
/// else is guessed.
package struct SANChanges: Sendable {
  /// What was said of the cluster, and nothing else: its names are added.
  package var cluster: ClusterConfiguration?
  /// The certificates to which they are added.
  package var entries: Set<CatalogEntry.ID> = []
  /// SANs that are not kept, by their values (`10.0.0.10`, `cp1`) or with their kinds (`DNS:cp1`).
  package var dropped: [Setting] = []
  /// Whether ``entries`` keep no host names and addresses but those of ``cluster``.
  package var replaces = false

  /// No change.
  package init() {}

  /// The SANs of a certificate's successor; `nil` where they stay as they are.
  ///
  /// Host names come before addresses, and those before names of other kinds.
  func names(of entry: CatalogEntry, after previous: [GeneralName]) -> [GeneralName]? {
    let added = entries.contains(entry.id) ? cluster.map(entry.sans) ?? [] : []
    let replacesAll = replaces && entries.contains(entry.id)
    let kept = previous.filter { name in
      !(replacesAll && name.isServerName) && !dropped.contains { name.isWritten($0.text) }
    }
    let new = added.filter { name in !kept.contains { $0.isSameServer(as: name) } }
    // The order that the certificate has is as good as any other.
    guard kept.count < previous.count || !new.isEmpty, Set(kept + new) != Set(previous) else { return nil }
    let all = kept + new
    let (hosts, others) = (all.filter(\.isDNSName), all.filter { !$0.isDNSName })
    return hosts + others.filter(\.isServerName) + others.filter { !$0.isServerName }
  }

  /// The errors that a name to drop is in none of these certificates, or that it is added, too.
  func errors(for entries: [CatalogEntry], in tree: TreeContents) -> [PKIError] {
    dropped.compactMap { setting in
      let present = entries.filter { entry in
        // What cannot be read has no names to go by.
        let names = (try? tree[entry.id].certificate?.subjectAlternativeName())??.names ?? []
        return names.contains { $0.isWritten(setting.text) }
      }
      guard !present.isEmpty else {
        return setting.invalid("no SAN of the selected certificates", hint: Self.hint(entries, tree))
      }
      let isAdded = present.contains { entry in
        self.entries.contains(entry.id)
          && cluster.map(entry.sans)?.contains { $0.isWritten(setting.text) } == true
      }
      return isAdded ? setting.invalid("to be added and dropped in one run") : nil
    }
  }

  private static func hint(_ entries: [CatalogEntry], _ tree: TreeContents) -> String? {
    let lists = entries.compactMap { entry -> String? in
      let names = (try? tree[entry.id].certificate?.subjectAlternativeName())??.names ?? []
      return names.isEmpty ? nil : "\(entry.name) has \(names.map(\.description).joined(separator: ", "))"
    }
    return lists.isEmpty ? nil : lists.joined(separator: "; ")
  }
}

extension GeneralName {
  /// Whether clients look for a server by such a name.
  fileprivate var isServerName: Bool {
    switch self {
    case .dnsName, .ipAddress: true
    case .rfc822Name, .uniformResourceIdentifier, .other: false
    }
  }

  fileprivate var isDNSName: Bool { if case .dnsName = self { true } else { false } }

  /// Whether both names are the same to clients, which take host names in any case.
  fileprivate func isSameServer(as other: GeneralName) -> Bool {
    guard case .dnsName(let one) = self, case .dnsName(let two) = other else { return self == other }
    return one.asciiLowercased == two.asciiLowercased
  }

  /// Whether a text writes the name: its value, or its kind and its value.
  fileprivate func isWritten(_ text: String) -> Bool {
    if case .ipAddress(let address) = self, let other = IPAddress(text) { return address == other }
    let (text, whole) = (text.asciiLowercased, description.asciiLowercased)
    return text == whole || text == whole.drop { $0 != ":" }.dropFirst()
  }
}
