internal import OpenSSLX509

/// The certificate policies of a chain as Go checks them, where any policy is acceptable.
///
/// Follows policiesValid in src/crypto/x509/verify.go, Go 1.27: RFC 5280 section 6.1 as updated by RFC 9618. Go keeps a
/// graph; where any policy will do, what matters of it is which policies stand at its end.
enum PolicyRules {
  /// What a certificate says about policies.
  struct Contents {
    var policies: [ObjectIdentifier] = []
    var mappings: [(issuer: ObjectIdentifier, subject: ObjectIdentifier)] = []
    var requireExplicitPolicy: Int?
    var inhibitPolicyMapping: Int?
    var inhibitAnyPolicy: Int?
  }

  private static let anyPolicy = ObjectIdentifier("2.5.29.32.0")

  /// Whether the chain, from the leaf to the anchor, has a policy where it needs one.
  static func areValid(_ chain: [ParsedCertificate]) -> Bool {
    let count = chain.count - 1
    guard count > 0 else { return true }
    var state = State(remaining: count + 1)
    for index in stride(from: count - 1, through: 0, by: -1) {
      guard state.add(chain[index], isLeaf: index == 0) else { return false }
    }
    if state.explicitPolicy > 0 { state.explicitPolicy -= 1 }
    if chain[0].says.policy.requireExplicitPolicy == 0 { state.explicitPolicy = 0 }
    return state.explicitPolicy > 0 || state.level?.isEmpty == false
  }

  private struct State {
    /// The policies that are valid at this depth, each with those that are expected below; `nil` where there are none.
    var level: [ObjectIdentifier: Set<ObjectIdentifier>]? = [anyPolicy: [anyPolicy]]
    var explicitPolicy: Int
    var policyMapping: Int
    var inhibitAnyPolicy: Int

    init(remaining: Int) {
      (explicitPolicy, policyMapping, inhibitAnyPolicy) = (remaining, remaining, remaining)
    }

    /// Goes one certificate down, and says whether the chain can still be valid.
    mutating func add(_ certificate: ParsedCertificate, isLeaf: Bool) -> Bool {
      let contents = certificate.says.policy
      if contents.policies.isEmpty { level = nil }
      guard explicitPolicy > 0 || level != nil else { return false }
      if let above = level {
        var next = policies(of: contents, below: above, isSelfIssued: certificate.isSelfIssued && !isLeaf)
        if !isLeaf, !map(&next, contents.mappings) { return false }
        level = next
      }
      if !isLeaf { count(contents, isSelfIssued: certificate.isSelfIssued) }
      return true
    }

    private func policies(
      of contents: Contents, below above: [ObjectIdentifier: Set<ObjectIdentifier>], isSelfIssued: Bool
    ) -> [ObjectIdentifier: Set<ObjectIdentifier>] {
      let expected = above.values.reduce(into: Set<ObjectIdentifier>()) { $0.formUnion($1) }
      var next: [ObjectIdentifier: Set<ObjectIdentifier>] = [:]
      for policy in contents.policies where policy != anyPolicy {
        if expected.contains(policy) || above[anyPolicy] != nil { next[policy] = [policy] }
      }
      if contents.policies.contains(anyPolicy), inhibitAnyPolicy > 0 || isSelfIssued {
        for policy in expected where next[policy] == nil { next[policy] = [policy] }
      }
      return next
    }

    /// Applies the mappings of a CA; says whether they are such as may be.
    private func map(
      _ level: inout [ObjectIdentifier: Set<ObjectIdentifier>],
      _ mappings: [(issuer: ObjectIdentifier, subject: ObjectIdentifier)]
    ) -> Bool {
      guard policyMapping > 0 else {
        for mapping in mappings { level[mapping.issuer] = nil }
        return true
      }
      guard !mappings.contains(where: { $0.issuer == anyPolicy || $0.subject == anyPolicy }) else {
        return false
      }
      let subjects = Dictionary(grouping: mappings, by: \.issuer).mapValues { Set($0.map(\.subject)) }
      for (issuer, subjects) in subjects where level[issuer] != nil || level[anyPolicy] != nil {
        level[issuer] = subjects
      }
      return true
    }

    private mutating func count(_ contents: Contents, isSelfIssued: Bool) {
      if !isSelfIssued {
        explicitPolicy = max(0, explicitPolicy - 1)
        policyMapping = max(0, policyMapping - 1)
        inhibitAnyPolicy = max(0, inhibitAnyPolicy - 1)
      }
      // Go takes a number below zero for an absent one.
      func least(_ limit: Int?, _ counter: Int) -> Int {
        limit.map { $0 >= 0 ? min($0, counter) : counter } ?? counter
      }
      explicitPolicy = least(contents.requireExplicitPolicy, explicitPolicy)
      policyMapping = least(contents.inhibitPolicyMapping, policyMapping)
      inhibitAnyPolicy = least(contents.inhibitAnyPolicy, inhibitAnyPolicy)
    }
  }
}
