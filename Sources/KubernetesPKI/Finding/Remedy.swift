package import FileStore
package import FoundationEssentials
package import OpenSSLX509

/// What to do about a finding: values, which the program puts into words.
///
/// None of them costs a CA or the key of service-account tokens: for those it is always to put back what was there.
package struct Remedy: Hashable, Sendable {
  /// One thing to do.
  package enum Action: Hashable, Sendable {
    /// Nothing, if it is meant to be so.
    case nothingIfIntended
    /// Put back good copies of these files.
    case putBack([String])
    /// Put back the key that belongs to a certificate.
    case putBackKey(String, of: String)
    /// Put back the certificate and the key of a CA as they were.
    case putBackCA(certificate: String, key: String)
    /// Put the key of a CA there for the time of the run.
    case lendCAKey(String)
    /// Renew these certificates.
    case renew([CatalogEntry.ID])
    /// Renew a kubeconfig with what was said of the node and its cluster, so that it points to the right server.
    case pointTo(CatalogEntry.ID)
    /// Renew all certificates that the tree has.
    case renewAll
    /// Renew a certificate with these SANs in addition.
    case addSANs(CatalogEntry.ID, [GeneralName])
    /// Move these files away, and make what they hold again; of an external CA, make CSRs.
    case makeAgain([CatalogEntry.ID], files: [String], isCAExternal: Bool = false)
    /// Make these certificates.
    case make([CatalogEntry.ID])
    /// In a new cluster, make these CAs, and the key pair of service-account tokens, which all nodes are to share.
    case makeShared([CatalogEntry.ID], includesServiceAccountKey: Bool)
    /// Make the key pair of service-account tokens, or the half of it that is missing.
    case makeServiceAccountKey
    /// Where the private key of service-account tokens is right, move the public keys away, and derive them from it; tokens of
    /// any other key become invalid.
    case deriveServiceAccountPublicKey(String)
    /// Put back the pair of service-account tokens; with another one, all tokens become invalid.
    case putBackServiceAccountPair(key: String, publicKey: String)
    /// Put back the private key of service-account tokens. If it is lost, make another pair; tokens of the lost key stay valid
    /// where the old public key stays, too.
    case putBackServiceAccountKey(String, publicKey: String)
    /// Replace the key of service-account tokens.
    case replaceServiceAccountKey
    /// Make CSRs for these certificates, which an external CA signs.
    case request([CatalogEntry.ID])
    /// Have these CSRs signed where the CA's key is, and put the certificates in place.
    case signAndInstall(requests: [String])
    /// Have a CSR signed as it is.
    case signAsRequested(String)
    /// Replace a CA by another one, with a time in which both are trusted, here or where its key is.
    case replaceCA(CatalogEntry.ID, isKeyHere: Bool)
    /// Give a CA new dates, with its own key, then renew what has expired with it; where the key is, if it is not here.
    case extendCA(CatalogEntry.ID, thenRenew: [CatalogEntry.ID], keyIsHere: Bool)
    /// Have the root CA sign the certificate of a CA again, with the same key.
    case haveCASignedAgain(certificate: String)
    /// Replace a CA, here or where its key is, until it expires; of no CA of the tree, the root CA.
    case planReplacement(of: CatalogEntry.ID?, isKeyHere: Bool, until: Date)
    /// Replace the root CA, and with it all CAs below it.
    case replaceRoot
    /// Set the mode of these files to 0600.
    case restrict([String], isCompromised: Bool)
    /// Take the private keys out of files that are no secret.
    case takeKeysOut([String])
    /// Give these files to the caller, or run the command as their owner.
    case changeOwner([String])
    /// Take the right to write to these files from others.
    case forbidOthersToWrite([String])
    /// Put the files themselves in the place of symbolic links.
    case replaceLinks([String])
    /// Run the command again that was interrupted.
    case runAgain
    /// Remove these files.
    case remove([String])
    /// Run the command as the owner of the tree.
    case runAsOwner
    /// Check the clock, which shows this instant.
    case checkClock(Date)
    /// Name the directory of the tree.
    case nameTree
    /// Name the directory of the kubeconfigs.
    case nameKubeconfigDirectory
    /// Name the role of the machine.
    case nameRole
    /// Name the root directory of the machine that the tree is of.
    case nameRootDirectory
    /// Make a tree.
    case makeTree
    /// Make a tree in another directory.
    case makeTreeForCluster
    /// Copy these files from the node whose files are right.
    case copyFromRightNode([String])
    /// Make what the other CA signed again, too.
    case makeAgainWhatItSigned
    /// On one of two nodes, make the leaf certificates and kubeconfigs again.
    case makeLeavesAgainOnOneNode
    /// On all but one of several nodes, make the leaf certificates and kubeconfigs again, with the node's own name and address.
    case makeLeavesAgainForNode
    /// Put all public keys of service-account tokens into each of these files.
    case giveAllPublicKeys([String])
    /// Put the certificates of all CAs that one of these files accepts into each of them.
    case giveAllCAs([String])
    /// Put the CA certificate and those above it into a file, in this order.
    case writeRootChain(String, ca: String)
    /// Use another root CA.
    case useAnotherRoot
    /// Name the root CA's certificate, or put it there.
    case nameRoot
    /// Name the root CA's key.
    case nameRootKey
    /// Do without the root CA, or start with an empty directory.
    case leaveRootOut
    /// Name another CA, or another tree.
    case nameAnotherCA
    /// Keep the signing certificate alone in a file, and the bundle in another.
    case separateSigningCertificate(String, key: String)
    /// Give each CA a name of its own.
    case nameCAsApart
    /// Have the external etcd's CA sign another client certificate.
    case askExternalEtcd
    /// Correct an argument in a static pod's manifest.
    case correctManifest(String, argument: String)
    /// Have the kubelet ask for a serving certificate, and approve its CSR.
    case approveServing
    /// Mount a file into the pod of a manifest.
    case mountInManifest(String, manifest: String)
    /// Have a certificate that is none of the tree's signed again by whoever signed it.
    case signElsewhere(String)
    /// Name the style that the tree should have.
    case nameStyle
    /// Choose a kind of key for which keys can be made.
    case chooseKeyAlgorithm
    /// Remove what keeps a file from being replaced.
    case makeReplaceable(String, FileError.Obstacle)
    /// Renew with a new key.
    case renewWithNewKey
    /// Allow that another CA than before signs.
    case allowNewCA
    /// Move a kubeconfig away and make another.
    case makeKubeconfigAgain(String)
    /// Get a good copy of a file.
    case getGoodCopy(String)
    /// Name a file of a kind that can be inspected.
    case nameInspectableFile
    /// Give the right password of a PKCS#12 file.
    case namePassword
    /// Name one of several certificates only.
    case nameOne
    /// Name the files that the signer returned.
    case nameSignedFiles
    /// Name the tree from which a CSR came.
    case nameTreeOfRequest
    /// Restore another backup.
    case restoreAnotherBackup
    /// Restore the backup of a later run first, if that replaced the key.
    case restoreLaterBackup(key: String)
    /// Make the fixtures in a directory again.
    case makeFixturesAgain(String)
    /// Set a later time or a longer validity in the specification of fixtures, and make them again.
    case changeFixtureTimes
    /// Put the files of a rotation back as they were, of this CA, or of the key of service-account tokens.
    case rotationAdvice(CatalogEntry.ID?)
    /// Bring a CA, or the key of service-account tokens, to the stage of a rotation that it has, which makes again what is lost
    /// of it.
    case rotateAgain(RotationVerb, CatalogEntry.ID?)
    /// Go to another stage, if a file is lost.
    case rotateIfLost(RotationVerb, CatalogEntry.ID?)
    /// Go back one stage.
    case goBack(CatalogEntry.ID?)
    /// Switch to a successor that everything trusts, and that its predecessor does not certify.
    case switchWithoutCross(CatalogEntry.ID)
    /// Of an external CA, keep this key where that of the CA is.
    case keepWithCAKey(String)
    /// Have kube-controller-manager sign with this file, in this manifest, and run the command again.
    case nameSigner(String, manifest: String)
    /// Look where the rotation stands.
    case showRotation
    /// Copy the files of the successor to another node, and do its part there; `nil` for the key of service-account tokens.
    case prepareOtherNode(CatalogEntry.ID?)
    /// Compare how far nodes are in a rotation: this one, and these.
    case compareRotations([TreeLocation])
    /// Have another node leave its own successor, then copy the files of the right one to it, and do its part there.
    case leaveOtherSuccessor(CatalogEntry.ID?)
    /// Name a node of this cluster; if this one is, put back the CA or key that the other nodes trust.
    case nameNodeOfCluster(String)
    /// Copy these files from a directory of another node, and do the stage here.
    case copyFromPeer(String, [String], RotationVerb, CatalogEntry.ID?)
    /// Issue what the predecessor has signed again, and wait for kubelets.
    case renewBeforeRetiring
    /// Wait until the tokens of the previous key have been renewed.
    case waitForTokens(Date)
    /// Say that all tokens were issued again since the switch.
    case sayTokensRenewed
    /// Copy the file of a CA from a control-plane node that has reached the stage.
    case copyCAOfStage(String)
    /// Have kube-controller-manager sign with this file.
    case separateSigner(String)
    /// What a caller outside of this library advises.
    case advice(String)
  }

  /// The things to do, the best first; one of them is enough.
  package let actions: [Action]
  /// The tree that commands are about; `nil` where none is.
  package let tree: TreeContext?

  /// Alternatives, for a tree.
  package init(_ actions: [Action], in tree: TreeContext? = nil) {
    self.actions = actions
    self.tree = tree
  }
}

/// What a command that mends a tree has to say of it.
package struct TreeContext: Hashable, Sendable {
  /// Where the tree is.
  package let location: TreeLocation
  /// The style and the version of its identities.
  package let style: NamingStyle
  /// The version of Kubernetes whose identities it has, where they depend on it.
  package let version: KubernetesVersion?
  /// The node's name, where it is known.
  package var nodeName: String?
  /// The API server's address on the node, where it is known.
  package var advertiseAddress: IPAddress?
  /// The control-plane endpoint, `HOST[:PORT]`, where it is known.
  package var controlPlaneEndpoint: String?
  /// The host of ``controlPlaneEndpoint``, without the brackets of an IPv6 address.
  package var controlPlaneHost: String?
  /// What else was said of the cluster and is not the default, as texts of options, by the names of fields.
  package var others: [String: String] = [:]

  /// A tree of which nothing but its catalog is known.
  package init(_ location: TreeLocation, _ catalog: Catalog) {
    self.location = location
    style = catalog.style
    version = catalog.version
  }
}
