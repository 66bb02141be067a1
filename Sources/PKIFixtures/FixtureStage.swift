internal import KubernetesPKI

/// A stage of a rotation, as a specification names it.
enum FixtureStage: String, CaseIterable {
  /// What the cluster was made with signs, and nothing else is trusted.
  case idle
  /// A successor is trusted too.
  case prepared
  /// The successor signs, and its predecessor is trusted too.
  case switched
  /// As prepared, after a switch that was undone: everything was issued twice.
  case back
  /// The successor signs, and nothing else is trusted.
  case retired

  /// What leads to the stage, from a cluster that was just made.
  var verbs: [RotationVerb] {
    switch self {
    case .idle: []
    case .prepared: [.prepare]
    case .switched: [.prepare, .switchOver]
    case .back: [.prepare, .switchOver, .back]
    case .retired: [.prepare, .switchOver, .retire]
    }
  }
}

/// The stages of the CAs of a cluster and of its key of service-account tokens.
struct FixtureStages {
  /// Those of the CAs; a CA without one is idle.
  var cas: [CatalogEntry.ID: FixtureStage] = [:]
  /// That of the key of service-account tokens.
  var serviceAccountKey = FixtureStage.idle

  /// Whether nothing is rotated.
  var areIdle: Bool { serviceAccountKey == .idle && cas.values.allSatisfy { $0 == .idle } }

  /// The runs that lead to the stages, in order, each with what it is about.
  var runs: [(verb: RotationVerb, selection: Selection)] {
    [RotationVerb.prepare, .switchOver, .back, .retire].compactMap { verb in
      var selection = Selection(Set(cas.filter { $0.value.verbs.contains(verb) }.keys))
      selection.serviceAccountKey = serviceAccountKey.verbs.contains(verb)
      return selection == Selection() ? nil : (verb, selection)
    }
  }
}
