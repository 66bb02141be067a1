internal import FileStore
internal import GoRules
internal import OpenSSLX509
internal import StructuredText

/// Checks the files that the arguments of static pods name: whether they are there, fit together, and carry the names by
/// which the components are reached.
struct ManifestCheck {
  private let examination: Examination
  /// The arguments whose files are not of this machine.
  private let outside: [FileUse]
  /// The arguments whose files the pods do not find.
  private let hidden: [FileUse]
  private let files: [UsedFile]

  /// Reads the files.
  init(_ uses: [FileUse], in examination: Examination) {
    self.examination = examination
    let location = examination.location
    let places = uses.map { use in (use: use, path: use.hostPath.flatMap { location.place(onMachine: $0) }) }
    hidden = uses.filter { $0.source == .nowhere }
    outside = places.filter { $0.path == nil && $0.use.hostPath != nil }.map(\.use)
    files = places.compactMap { use, path in path.map { UsedFile(use, at: $0, in: examination.tree) } }
  }

  /// Of a file with one of these it is known already that it does not fit.
  private static let obstacles: Set<FindingCode> = [
    .missingFile, .unreadableFile, .malformedFile, .keyMissing, .certificateMissing, .awaitingCertificate,
    .keyMismatch, .serviceAccountKeyMismatch, .wrongCA, .caRekeyed, .notACA, .chainRefused, .caBundle,
    .signingFileMismatch, .irregularRotation,
  ]

  /// What is wrong, beside what is known already.
  func findings(beside known: [Finding]) -> [Finding] {
    let named = Set(known.filter { Self.obstacles.contains($0.code) }.flatMap(\.files))
    // Where a certificate is missing, its key is too.
    let pairs = Catalog.allFiles.entries.map { Set(examination.location.paths(of: $0)) }
    let told = pairs.filter { !$0.isDisjoint(with: named) }.reduce(named) { $0.union($1) }
    let found =
      hiddenFindings + absenceFindings + problemFindings + pairFindings + trustFindings + signingFindings
      + tokenFindings
    let others = foreignFindings.filter { finding in
      !known.contains { $0.code == finding.code && $0.files.contains(finding.files[0]) }
    }
    return (found + others).filter { told.isDisjoint(with: $0.files) } + outsideFindings
  }

  private func finding(
    _ code: FindingCode, _ files: [String], _ message: String, _ actions: [Remedy.Action]
  ) -> Finding {
    Finding(code, files, message, remedy: Remedy(actions, in: examination.context))
  }

  private func correct(_ use: FileUse) -> Remedy.Action {
    .correctManifest(use.manifest, argument: use.argument)
  }
}

// Whether the files are there.
extension ManifestCheck {
  private var outsideFindings: [Finding] {
    guard !outside.isEmpty else { return [] }
    let paths = Self.unique(outside.compactMap(\.hostPath))
    let manifests = Self.unique(outside.map(\.manifest))
    return [
      Finding(
        .outsideTree, manifests,
        "\(manifests.listed) \(manifests.count == 1 ? "names" : "name") \(paths.listed), outside of the tree: not read",
        .nameRootDirectory)
    ]
  }

  private var hiddenFindings: [Finding] {
    hidden.map { use in
      finding(
        .manifestFile, [use.manifest],
        "\(use.words) names \(use.path), which the pod does not find: no volume is mounted there",
        [correct(use), .mountInManifest(use.path, manifest: use.manifest)])
    }
  }

  private var absenceFindings: [Finding] {
    let absent = files.filter(\.isAbsent)
    return Self.unique(absent.map(\.path)).map { path in
      let uses = absent.filter { $0.path == path }.map(\.use)
      let row = examination.catalog.entries.first { examination.location.paths(of: $0).contains(path) }
      return finding(
        .manifestFile, [path] + Self.unique(uses.map(\.manifest)),
        "\(path) is missing; \(uses.map(\.words).listed) \(uses.count == 1 ? "names" : "name") it",
        [row.map { examination.absenceAction($0) } ?? .putBack([path])] + uses.prefix(1).map(correct))
    }
  }

  private var problemFindings: [Finding] {
    files.compactMap { file in
      guard let problem = file.problem else { return nil }
      // What a permission keeps from being read is said once for all files.
      if case .unusable(let finding) = file.content, finding.code == .unreadableFile { return finding }
      return finding(
        .manifestFile, [file.path, file.use.manifest],
        "\(file.use.words) names a file that cannot be used: \(problem)",
        [.putBack([file.path]), correct(file.use)])
    }
  }

  private static func unique(_ texts: [String]) -> [String] {
    texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

// Whether they fit together.
extension ManifestCheck {
  private struct Argument {
    let component: ComponentReading.Component
    let name: String

    init(_ component: ComponentReading.Component, _ name: String) {
      self.component = component
      self.name = name
    }
  }

  /// Which client or server is verified with which CAs.
  private static let trust: [(leaf: Argument, cas: Argument)] = [
    (Argument(.kubeAPIServer, "tls-cert-file"), Argument(.kubeControllerManager, "root-ca-file")),
    (Argument(.kubeAPIServer, "etcd-certfile"), Argument(.etcd, "trusted-ca-file")),
    (Argument(.etcd, "cert-file"), Argument(.kubeAPIServer, "etcd-cafile")),
    (Argument(.etcd, "peer-cert-file"), Argument(.etcd, "peer-trusted-ca-file")),
    (
      Argument(.kubeAPIServer, "proxy-client-cert-file"),
      Argument(.kubeAPIServer, "requestheader-client-ca-file")
    ),
    (
      Argument(.kubeControllerManager, "cluster-signing-cert-file"),
      Argument(.kubeAPIServer, "client-ca-file")
    ),
    (Argument(.kubeControllerManager, "kubeconfig"), Argument(.kubeAPIServer, "client-ca-file")),
    (Argument(.kubeScheduler, "kubeconfig"), Argument(.kubeAPIServer, "client-ca-file")),
  ]

  private func uses(of argument: Argument) -> [UsedFile] {
    files.filter { $0.use.component == argument.component && $0.use.argument == argument.name }
  }

  /// That files do not fit with one; the argument that is more likely wrong comes first.
  private func mismatch(_ files: [UsedFile], _ other: UsedFile, _ message: String) -> Finding {
    let isOther = files.count > 1 || files.allSatisfy { isUsual($0) }
    let first = files.prefix(1).map(\.use)
    let uses = isOther ? [other.use] + first : first + [other.use]
    let all = files + [other]
    return finding(
      .manifestMismatch, Self.unique(all.map(\.path) + all.map(\.use.manifest)), message, uses.map(correct))
  }

  /// Whether a file is where the layout has one of what the argument is for.
  private func isUsual(_ file: UsedFile) -> Bool {
    let path = Path.name(of: file.use.path)
    return Self.usual[file.use.argument]?.contains(path) == true
  }

  private static let usual: [String: [String]] = [
    "tls-cert-file": ["apiserver.crt"], "tls-private-key-file": ["apiserver.key"],
    "cert-file": ["server.crt"],
    "key-file": ["server.key"], "peer-cert-file": ["peer.crt"], "peer-key-file": ["peer.key"],
    "etcd-certfile": ["apiserver-etcd-client.crt"], "proxy-client-cert-file": ["front-proxy-client.crt"],
    "cluster-signing-cert-file": ["ca.crt", "ca-signing.crt"],
    "kubeconfig": ["controller-manager.conf", "scheduler.conf"],
    "service-account-signing-key-file": ["sa.key"], "service-account-private-key-file": ["sa.key"],
  ]

  private var pairFindings: [Finding] {
    files.compactMap { file in
      guard case .certificate(let name) = file.use.content else { return nil }
      guard let key = files.first(where: { $0.use.manifest == file.use.manifest && $0.use.argument == name })
      else {
        let isElsewhere = (outside + hidden).contains {
          $0.manifest == file.use.manifest && $0.argument == name
        }
        return isElsewhere
          ? nil
          : finding(
            .manifestMismatch, [file.path, file.use.manifest],
            "\(file.use.words) names a certificate, and no --\(name) names its key", [correct(file.use)])
      }
      guard let certificate = file.leaf.first, let value = key.key,
        (try? value.isPair(of: certificate.publicKey)) != true
      else { return nil }
      return mismatch(
        [key], file, "\(key.use.words) names \(key.path), which is not the private key of \(file.path)")
    }
  }

  /// Whether clients and servers are verified with the CAs that signed them; what does not verify under the same file is one
  /// finding.
  private var trustFindings: [Finding] {
    var groups: [(bundle: UsedFile, files: [UsedFile])] = []
    for (leaf, cas) in Self.trust {
      guard let bundle = uses(of: cas).last, let anchors = bundle.certificates else { continue }
      for file in uses(of: leaf) {
        guard let certificate = file.leaf.first, !Self.isVerified(certificate, file.leaf, by: anchors) else {
          continue
        }
        if let index = groups.firstIndex(where: { $0.bundle.path == bundle.path }) {
          groups[index].files.append(file)
        } else {
          groups.append((bundle, [file]))
        }
      }
    }
    return groups.map { bundle, files in
      let paths = Self.unique(files.map(\.path))
      return mismatch(
        files, bundle,
        "\(paths.listed) \(paths.count == 1 ? "does" : "do") not verify under \(bundle.path):"
          + " \(files[0].use.words) and \(bundle.use.words) name them")
    }
  }

  private static func isVerified(_ leaf: Certificate, _ chain: [Certificate], by anchors: [Certificate])
    -> Bool
  {
    let chains = try? ChainBuilder.chains(
      of: leaf, following: Array(chain.dropFirst()), trusted: anchors, purpose: .any, at: nil)
    return chains?.isEmpty == false
  }

  /// Whether kube-controller-manager signs with exactly one certificate, of a CA.
  private var signingFindings: [Finding] {
    uses(of: Argument(.kubeControllerManager, "cluster-signing-cert-file")).flatMap { file -> [Finding] in
      guard let certificates = file.certificates, let first = certificates.first else { return [] }
      let problem =
        certificates.count > 1
        ? "which holds \(certificates.count) certificates: kube-controller-manager signs with exactly one"
        : (try? first.isCA()) == true ? nil : "which is not the certificate of a CA"
      return problem.map { problem in
        [
          finding(
            .manifestMismatch, [file.path, file.use.manifest],
            "\(file.use.words) names \(file.path), \(problem)", [correct(file.use)])
        ]
      } ?? []
    }
  }

  /// Whether the API server verifies the tokens that are signed.
  private var tokenFindings: [Finding] {
    let verifying = uses(of: Argument(.kubeAPIServer, "service-account-key-file"))
    let keys = verifying.flatMap { file -> [PublicKey] in
      if case .publicKeys(let keys) = file.content { keys } else { [] }
    }
    let signing =
      uses(of: Argument(.kubeAPIServer, "service-account-signing-key-file"))
      + uses(of: Argument(.kubeControllerManager, "service-account-private-key-file"))
    let strangers = signing.filter { file in
      file.key.map { key in !keys.contains { (try? key.isPair(of: $0)) == true } } ?? false
    }
    guard let first = verifying.first, !keys.isEmpty, !strangers.isEmpty else { return [] }
    let paths = Self.unique(strangers.map(\.path))
    return [
      mismatch(
        strangers, first,
        "the public \(paths.count == 1 ? "key" : "keys") of \(paths.listed) \(paths.count == 1 ? "is" : "are") not in"
          + " \(verifying.map(\.path).listed): \(strangers[0].use.words) and \(first.use.words) name them")
    ]
  }
}

// What is known of certificates that are none of the tree's.
extension ManifestCheck {
  private static let servers: [(argument: Argument, entry: CatalogEntry.ID)] = [
    (Argument(.kubeAPIServer, "tls-cert-file"), .apiserver), (Argument(.etcd, "cert-file"), .etcdServer),
    (Argument(.etcd, "peer-cert-file"), .etcdPeer),
  ]

  private var foreignFindings: [Finding] {
    let own = Set(examination.catalog.entries.map { examination.location.path(of: $0) })
    return files.filter { !own.contains($0.path) }.flatMap { file -> [Finding] in
      guard case .certificate = file.use.content, let certificate = file.leaf.first else { return [] }
      return examination.validityFindings(certificate, file.path, .signElsewhere(file.path))
        + nameFindings(file, certificate)
    }
  }

  private func nameFindings(_ file: UsedFile, _ certificate: Certificate) -> [Finding] {
    let server = Self.servers.first {
      $0.argument.component == file.use.component && $0.argument.name == file.use.argument
    }
    guard let id = server?.entry, let row = examination.catalog[id] ?? Catalog.documented[id] else {
      return []
    }
    let missing = examination.missingSANs(in: certificate, row)
    guard !missing.isEmpty else { return [] }
    return [
      finding(
        .nameMissing, [file.path, file.use.manifest],
        "\(file.path) lacks the SAN \(missing.map(\.description).joined(separator: ", "))",
        [.signElsewhere(file.path)])
    ]
  }
}
