/// The stable name of a kind of finding.
///
/// What each means in a cluster, and what to do, is in ``explanation`` and in `docs/findings.md`.
public enum FindingCode: String, CaseIterable, Sendable, Encodable {
  // Files

  /// A file that must be there is not.
  case missingFile = "missing-file"
  /// A file cannot be opened or read.
  case unreadableFile = "unreadable-file"
  /// A file does not hold what it should: torn, empty, not PEM, not YAML.
  case malformedFile = "malformed-file"
  /// Components skip a part of a file that they can use otherwise.
  case skippedBlock = "skipped-block"
  /// A run died when it had put only a part of its files in place.
  case unfinishedRun = "unfinished-run"
  /// A file that a run is to replace cannot be replaced.
  case irreplaceableFile = "irreplaceable-file"
  /// A run died and left temporary files.
  case leftoverFile = "leftover-file"
  /// Every user can read a private key, or overwrite it.
  case keyExposed = "key-exposed"
  /// A group can read a private key, or overwrite it.
  case keyGroupReadable = "key-group-readable"
  /// A private key belongs to another user than the caller.
  case foreignOwner = "foreign-owner"
  /// Every user can overwrite a certificate, or change a directory.
  case writableByOthers = "writable-by-others"
  /// A symbolic link leads out of the tree.
  case linkOutOfTree = "link-out-of-tree"

  /// The keys of the tree were made of a seed, and are public.
  case insecureTestKeys = "insecure-test-keys"
  /// A fixture is not what its specification gives.
  case fixtureChanged = "fixture-changed"

  // Pairs

  /// A certificate is there without its private key.
  case keyMissing = "key-missing"
  /// A private key is there without its certificate.
  case certificateMissing = "certificate-missing"
  /// A private key waits for its certificate from an external CA.
  case awaitingCertificate = "awaiting-certificate"
  /// A private key belongs to another certificate.
  case keyMismatch = "key-mismatch"
  /// The key of a CA that has to sign is absent.
  case caKeyMissing = "authority-key-missing"
  /// A CA certificate is there without its key, and nothing has to be signed.
  case externalCA = "external-authority"
  /// sa.pub is not the public half of sa.key.
  case serviceAccountKeyMismatch = "service-account-key-mismatch"

  // Chains

  /// A certificate was signed by another CA.
  case wrongCA = "wrong-authority"
  /// A certificate was signed by a CA of the right name with another key.
  case caRekeyed = "authority-rekeyed"
  /// A CA certificate may not sign others.
  case notACA = "not-an-authority"
  /// The signature is right, and verifiers refuse the chain all the same.
  case chainRefused = "chain-refused"
  /// Two CAs share a name, and nothing else says which is meant.
  case noKeyIdentifiers = "no-key-identifiers"
  /// The front-proxy CA and the client CA accept the same certificates.
  case frontProxyShared = "front-proxy-shared"
  /// Two CAs have the same key.
  case casShareKey = "authorities-share-key"
  /// ca.crt holds several certificates where one is needed.
  case caBundle = "authority-bundle"

  /// The file that should lead from a CA to its root CA does not.
  case bundleMismatch = "bundle-mismatch"
  /// A leaf's file lacks the certificate of its CA, which is below a root CA.
  case missingIntermediate = "missing-intermediate"

  // Rotation

  /// The files of a CA, or of the key of service-account tokens, are of no stage of a rotation.
  case irregularRotation = "irregular-rotation"
  /// What should be a CA's successor, certified by it, is something else.
  case crossCertificateMismatch = "cross-certificate-mismatch"
  /// A CA's successor, certified by it, is not there.
  case crossCertificateMissing = "cross-certificate-missing"
  /// The file with the signing certificate of kube-controller-manager is not that of the CA that signs.
  case signingFileMismatch = "signing-file-mismatch"
  /// A stage of a rotation comes after another that has not been reached.
  case rotationOrder = "rotation-order"
  /// What a stage of a rotation would end the trust in is still in use.
  case predecessorInUse = "predecessor-in-use"
  /// What a stage of a rotation would have sign is not trusted everywhere yet.
  case successorNotTrusted = "successor-not-trusted"
  /// kube-controller-manager signs with a file that is about to hold several certificates.
  case signingFileShared = "signing-file-shared"

  // Times

  /// A certificate has expired.
  case expired
  /// A certificate is not yet valid.
  case notYetValid = "not-yet-valid"
  /// A certificate expires soon.
  case expiringSoon = "expiring-soon"
  /// A certificate is valid longer than its CA.
  case outlivesCA = "outlives-authority"

  // Contents

  /// A common name or organization is not that of the catalog.
  case wrongIdentity = "wrong-identity"
  /// A common name or organization is that of another version of kubeadm than the rest of the tree.
  case otherVersionIdentity = "other-version-identity"
  /// A subject is not that of the catalog, where no component reads it.
  case unreadIdentity = "unread-identity"
  /// An extended key usage is missing, OpenSSL refuses the server, or one is there that must not be.
  case wrongUsages = "wrong-usages"
  /// A usage that Go does not look at forbids what a certificate is for.
  case unusualUsages = "unusual-usages"
  /// A leaf may be used for anything.
  case noUsages = "no-usages"
  /// A certificate lacks a name by which clients reach the server.
  case nameMissing = "name-missing"
  /// A server's certificate has no subject alternative name at all.
  case noNames = "no-names"
  /// A key is so short that it can be broken.
  case weakKey = "weak-key"
  /// A key is of a kind that Kubernetes does not take.
  case unsupportedKey = "unsupported-key"
  /// A signature is made over a hash that can be forged.
  case weakSignature = "weak-signature"
  /// The same with a signature that clients do not verify: the self-signature of a root CA.
  case weakSelfSignature = "weak-self-signature"

  // Kubeconfigs

  /// A kubeconfig trusts another CA than the tree's.
  case kubeconfigCA = "kubeconfig-authority"
  /// A kubeconfig points to another server than the cluster's.
  case kubeconfigServer = "kubeconfig-server"
  /// A kubeconfig points to a name or address that the API server's certificate does not have.
  case kubeconfigServerName = "kubeconfig-server-name"

  // Static pods

  /// A manifest names a file that its pod does not find, or cannot use.
  case manifestFile = "manifest-file"
  /// Files that manifests name do not fit together.
  case manifestMismatch = "manifest-mismatch"

  // Other nodes

  /// Another node's tree has another CA, or accepts one more.
  case peerCA = "peer-authority"
  /// Another node's tree has another pair for service-account tokens.
  case peerServiceAccountKey = "peer-service-account-key"
  /// Another node's tree has the private key of a leaf of this one.
  case peerSharesKey = "peer-shares-key"
  /// Two nodes have the same name or address.
  case peerSameNode = "peer-same-node"

  // What was looked at

  /// A manifest says what no option does.
  case manifestValues = "manifest-values"
  /// Backups hold private keys of certificates that are still valid.
  case keysInBackups = "keys-in-backups"

  /// The kubelet serves with a certificate that it has signed itself.
  case kubeletSelfSigned = "kubelet-self-signed"
  /// Something was not looked at, as it is not part of the tree.
  case outsideTree = "outside-tree"
  /// The tree is one of a worker or of an etcd host, where no option says so.
  case detectedRole = "detected-role"
  /// The naming style that the tree was compared with, where no option names one.
  case detectedStyle = "detected-style"
  /// The tree has nothing of an etcd member.
  case externalEtcd = "external-etcd"

  /// How bad such a finding is.
  public var severity: Finding.Severity {
    switch self {
    case .missingFile, .unreadableFile, .malformedFile, .irreplaceableFile, .unfinishedRun, .keyExposed,
      .keyMissing,
      .certificateMissing, .awaitingCertificate,
      .keyMismatch, .caKeyMissing, .serviceAccountKeyMismatch, .wrongCA, .caRekeyed,
      .notACA, .chainRefused, .frontProxyShared, .casShareKey, .caBundle,
      .bundleMismatch, .expired,
      .notYetValid, .wrongIdentity, .wrongUsages, .nameMissing, .noNames, .unsupportedKey, .weakSignature,
      .irregularRotation, .crossCertificateMismatch, .signingFileMismatch, .rotationOrder, .predecessorInUse,
      .successorNotTrusted, .signingFileShared,
      .kubeconfigCA,
      .kubeconfigServer, .kubeconfigServerName, .manifestFile, .manifestMismatch, .peerCA,
      .peerServiceAccountKey, .peerSameNode,
      .fixtureChanged:
      .error
    case .insecureTestKeys,
      .skippedBlock, .leftoverFile, .keyGroupReadable, .foreignOwner, .writableByOthers, .linkOutOfTree,
      .noKeyIdentifiers, .missingIntermediate, .crossCertificateMissing,
      .expiringSoon, .outlivesCA, .unusualUsages, .weakKey, .peerSharesKey:
      .warning
    case .externalCA, .otherVersionIdentity, .unreadIdentity, .noUsages, .weakSelfSignature,
      .detectedStyle, .externalEtcd,
      .manifestValues, .keysInBackups, .kubeletSelfSigned, .outsideTree, .detectedRole:
      .info
    }
  }
}
