import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import StructuredText

/// Puts remedies into words: sentences that begin in lower case, with the commands of this run.
struct RemedyText {
  let remedy: Remedy

  /// All alternatives, in one line.
  var text: String { remedy.actions.map(text).joined(separator: "; or ") }

  /// Those of the options that the command of this run has, as the end of a sentence.
  func with(_ options: String...) -> String {
    let known = CommandPath(Main.arguments).options
    let own = options.filter(known.contains)
    return own.isEmpty ? "" : " with \(own.joined(separator: " and "))"
  }

  var options: String { remedy.tree?.location.commandOptions ?? "" }

  private func text(_ action: Remedy.Action) -> String {
    switch action {
    case .nothingIfIntended, .putBack, .putBackKey, .putBackCA, .lendCAKey, .putBackServiceAccountKey,
      .putBackServiceAccountPair,
      .getGoodCopy, .restoreAnotherBackup, .restoreLaterBackup, .copyFromRightNode:
      copies(action)
    case .renew, .pointTo, .renewAll, .addSANs, .makeAgain, .make, .makeShared, .makeServiceAccountKey,
      .deriveServiceAccountPublicKey,
      .request,
      .signAndInstall, .signAsRequested, .makeKubeconfigAgain, .renewWithNewKey, .chooseKeyAlgorithm,
      .makeLeavesAgainOnOneNode, .makeLeavesAgainForNode, .giveAllPublicKeys, .giveAllCAs,
      .makeAgainWhatItSigned:
      certificates(action)
    case .allowNewCA, .replaceCA, .extendCA, .haveCASignedAgain, .planReplacement, .replaceRoot,
      .replaceServiceAccountKey, .useAnotherRoot, .nameRoot,
      .nameRootKey, .leaveRootOut, .nameAnotherCA, .separateSigningCertificate, .nameCAsApart,
      .writeRootChain,
      .askExternalEtcd:
      cas(action)
    case .rotationAdvice, .rotateAgain, .rotateIfLost, .goBack, .switchWithoutCross, .keepWithCAKey,
      .nameSigner, .showRotation, .prepareOtherNode,
      .leaveOtherSuccessor, .nameNodeOfCluster, .copyFromPeer, .compareRotations, .renewBeforeRetiring,
      .waitForTokens,
      .sayTokensRenewed,
      .separateSigner, .copyCAOfStage:
      rotation(action)
    case .restrict, .takeKeysOut, .changeOwner, .forbidOthersToWrite, .replaceLinks, .makeReplaceable,
      .runAgain, .remove,
      .runAsOwner:
      files(action)
    case .checkClock, .nameTree, .nameKubeconfigDirectory, .nameRole, .nameRootDirectory, .makeTree,
      .makeTreeForCluster,
      .nameStyle, .namePassword, .nameOne, .nameSignedFiles,
      .nameTreeOfRequest, .correctManifest, .mountInManifest, .approveServing, .signElsewhere,
      .makeFixturesAgain,
      .changeFixtureTimes, .nameInspectableFile, .advice:
      others(action)
    }
  }

  /// What puts back what was there.
  private func copies(_ action: Remedy.Action) -> String {
    switch action {
    case .nothingIfIntended: "nothing, if this is intended"
    case .putBack(let paths): "put back a good copy of \(paths.listed)"
    case .putBackKey(let key, let certificate): "put back the key of \(certificate) as \(key)"
    case .putBackCA(let certificate, let key):
      "put back \(certificate) and \(key) as they were: nothing in the cluster trusts a new CA"
    case .lendCAKey(let key): "put the key there for the time of this run: \(key)"
    case .putBackServiceAccountKey(let path, let publicKey):
      "put back \(path); if it is lost, run mv \(publicKey.shellQuoted) \((publicKey + ".old").shellQuoted), then"
        + " pkigen phase cert sa\(options), then cat \((publicKey + ".old").shellQuoted) >> \(publicKey.shellQuoted), and copy both"
        + " files to every control-plane node: without the old public key, every service-account token becomes invalid"
    case .putBackServiceAccountPair(let key, let publicKey):
      "put back \(key) and \(publicKey); if they are lost, run pkigen phase cert sa\(options): a new pair makes every"
        + " service-account token invalid"
    case .getGoodCopy(let path): "get a good copy of \(path); this one is torn or was edited"
    case .restoreAnotherBackup: "restore another backup"
    case .restoreLaterBackup(let key): "restore the backup of a later run first, if that run replaced \(key)"
    case .copyFromRightNode(let paths): "copy \(paths.listed) from the node whose files are right"
    default: ""
    }
  }

  /// What makes or renews certificates.
  private func certificates(_ action: Remedy.Action) -> String {
    switch action {
    case .renew(let ids): "run pkigen renew \(names(ids))\(options)"
    case .pointTo(let id): "run pkigen renew \(names([id]))\(clusterOptions([id]))"
    case .renewAll: "run pkigen renew all\(options)"
    case .addSANs(let id, let names): "run pkigen renew \(self.names([id]))\(sanOptions(id, names))\(options)"
    case .makeAgain(let ids, let files, let isCAExternal):
      "move \(files.shellWordsInProse) away, then run "
        + (isCAExternal ? "pkigen csr create \(names(ids))\(clusterOptions(ids))" : makeCommand(ids))
    case .make(let ids): "run \(makeCommand(ids))"
    case .makeShared(let ids, let includesServiceAccountKey):
      "in a new cluster, run pkigen phase cert \(sharedNames(ids, includesServiceAccountKey))"
        + "\(remedy.tree?.styleOptions ?? "")\(options) first"
    case .makeServiceAccountKey: "run pkigen phase cert sa\(options)"
    case .deriveServiceAccountPublicKey(let path):
      "if the private key is the right one, move \(path.shellQuoted) away, then run pkigen phase cert sa\(options) to"
        + " derive it: every token that another key signed becomes invalid"
    case .request(let ids): "run pkigen csr create \(names(ids))\(clusterOptions(ids))"
    case .signAndInstall(let requests):
      "have \(requests.count == 1 ? requests[0] : "the .csr file of each") signed where that key is,"
        + " then run pkigen csr install\(options) with the certificates"
    case .signAsRequested(let path): "have \(path) signed as it asks"
    case .makeKubeconfigAgain(let path):
      "move \(path.shellQuoted) away, then run pkigen init or pkigen phase to make it again"
    case .renewWithNewKey: "run it without --reuse-key, which makes a new key"
    case .chooseKeyAlgorithm: "choose a kind of key with --key-algorithm"
    case .makeLeavesAgainOnOneNode:
      "on one of the two nodes, move the leaf certificates and kubeconfigs away and run pkigen init again"
    case .makeLeavesAgainForNode:
      "on all but one of the nodes, move the leaf certificates and kubeconfigs away and run pkigen init with the --node-name"
        + " and --advertise-ip of that node"
    case .giveAllPublicKeys(let paths):
      "put the public keys of all nodes into \(paths.listed), and restart kube-apiserver"
    case .giveAllCAs(let paths): "put the CA certificates of all nodes into \(paths.listed)"
    case .makeAgainWhatItSigned: "make again what the other CA signed"
    default: ""
    }
  }

  /// What concerns CAs.
  private func cas(_ action: Remedy.Action) -> String {
    switch action {
    case .replaceCA(let id, let isKeyHere): "replace the CA \(rotation(of: id, isKeyHere))"
    case .extendCA(let id, let leaves, keyIsHere: true):
      "extend the CA, so that what it signed stays good: pkigen renew \(names([id])) --reuse-key\(options);"
        + (leaves.isEmpty ? "" : " then pkigen renew \(names(leaves))\(options);")
        + " and do what the output says"
    case .extendCA(let id, _, keyIsHere: false):
      "where its key is, extend the CA, so that what it signed stays good: pkigen renew \(names([id])) --reuse-key;"
        + " then renew what has expired with it, and do what the output says"
    case .haveCASignedAgain(let certificate):
      "have the root CA sign \(certificate) again, with the same key; then pkigen renew all\(options), and"
        + " copy the certificate to every node"
    case .planReplacement(let id?, let isKeyHere, let end):
      "before \(end.rfc3339), extend the CA with pkigen renew \(names([id])) --reuse-key\(isKeyHere ? options : " where its key is"); or replace it \(rotation(of: id, isKeyHere))"
    case .planReplacement(nil, _, let end): "extend or replace the root CA before \(end.rfc3339)"
    case .allowNewCA:
      "if this CA is right and the cluster trusts it, run the command again\(with("--allow-new-ca"))"
    case .replaceRoot: "replace the root CA, and with it all CAs below it"
    case .replaceServiceAccountKey:
      "replace the key in stages, of which this is the first: run pkigen rotate prepare sa --key-algorithm"
        + " \(KeyAlgorithm.rsa2048.rawValue)\(options)"
    case .useAnotherRoot: "use another root CA"
    case .nameRoot: "name the root CA\(with("--root-ca-cert", "--root-ca-key"))"
    case .nameRootKey: "name the root CA's key with --root-ca-key"
    case .leaveRootOut:
      "leave the root CA out, and the CAs stay as they are; or start with an empty directory"
    case .nameAnotherCA: "name another CA\(with("--ca-cert", "--ca-key")), or another tree with -d"
    case .separateSigningCertificate(let path, let key):
      "keep the certificate of \(key) alone in \(path), and all of them in another file for"
        + " --client-ca-file and --root-ca-file"
    case .nameCAsApart: "give each CA a name of its own"
    case .writeRootChain(let path, let ca):
      "put \(ca) and the root CA's certificate into \(path), in this order"
    case .askExternalEtcd: "have the external etcd's CA sign a new client certificate, and put it there"
    default: ""
    }
  }
}

extension RemedyText {
  /// The command that begins to replace a CA.
  private func rotation(of id: CatalogEntry.ID, _ isKeyHere: Bool) -> String {
    isKeyHere
      ? "in stages, of which this is the first: run pkigen rotate prepare \(names([id]))\(options)"
      : "in stages, where its key is, with pkigen rotate prepare \(names([id])); then copy its certificate here"
  }

  func names(_ ids: [CatalogEntry.ID]) -> String {
    ids.map { id in Catalog.allFiles[id]?.name ?? id.rawValue }.joined(separator: " ")
  }

  private func sharedNames(_ ids: [CatalogEntry.ID], _ includesServiceAccountKey: Bool) -> String {
    (ids.compactMap { Catalog.allFiles[$0]?.name }
      + (includesServiceAccountKey ? [Catalog.serviceAccountKey] : []))
      .joined(separator: " ")
  }

  private func clusterOptions(_ ids: [CatalogEntry.ID]) -> String {
    remedy.tree?.clusterOptions(for: ids.compactMap { Catalog.allFiles[$0] })
      ?? " with the cluster's options"
  }

  /// The commands that make certificates and kubeconfigs.
  private func makeCommand(_ ids: [CatalogEntry.ID]) -> String {
    let entries = ids.compactMap { Catalog.allFiles[$0] }
    let pairs = entries.filter { !$0.isKubeconfig }.map(\.id)
    let kubeconfigs = entries.filter(\.isKubeconfig).map(\.id)
    return [("cert", pairs), ("kubeconfig", kubeconfigs)].filter { !$0.1.isEmpty }
      .map { "pkigen phase \($0.0) \(names($0.1))\(clusterOptions($0.1))" }.joined(separator: " and ")
  }

  private func sanOptions(_ id: CatalogEntry.ID, _ names: [GeneralName]) -> String {
    let extra = Catalog.allFiles[id]?.sans.first { if case .extra = $0 { true } else { false } }
    let option = extra?.field?.option
    let values = names.compactMap { name -> String? in
      switch name {
      case .dnsName(let name): name
      case .ipAddress(let address): "\(address)"
      case .rfc822Name, .uniformResourceIdentifier, .other: nil
      }
    }
    guard let option, !values.isEmpty else { return "" }
    return " \(option) \(values.joined(separator: ",").shellQuoted)"
  }
}

extension [String] {
  /// The paths of a sentence that a shell is to be given: `a and b`.
  fileprivate var shellWordsInProse: String { map(\.shellQuoted).joined(separator: " and ") }
}

extension Finding {
  /// The finding and what can be done, in one line.
  var note: String { "\(message); \(RemedyText(remedy: remedy).text)" }
}
