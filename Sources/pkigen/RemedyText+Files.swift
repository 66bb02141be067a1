import FileStore
import FoundationEssentials
import KubernetesPKI
import StructuredText

extension RemedyText {
  /// What concerns files.
  func files(_ action: Remedy.Action) -> String {
    switch action {
    case .restrict(let paths, let isCompromised):
      "run chmod 600 \(paths.shellWords)"
        + (isCompromised
          ? ", and treat the keys as compromised" : ", unless a component runs as a member of the group")
    case .takeKeysOut(let paths):
      "take the private key out of \(paths.listed), and treat it as compromised"
    case .changeOwner(let paths): "give \(paths.listed) to the caller with chown"
    case .forbidOthersToWrite(let paths): "run chmod o-w \(paths.shellWords)"
    case .replaceLinks(let paths): "put the files themselves in the place of \(paths.listed)"
    case .makeReplaceable(let path, let obstacle):
      FileError.irreplaceable(path, obstacle).hint ?? ""
    case .runAgain: "run the interrupted command again: the next run that writes finishes the work first"
    case .remove(let paths): "remove \(paths.listed)"
    case .runAsOwner: "run the command as the owner of the tree, or with sudo"
    default: ""
    }
  }

  func others(_ action: Remedy.Action) -> String {
    switch action {
    case .checkClock(let instant): "check this machine's clock, which shows \(instant.rfc3339)"
    case .nameTree: "name the tree's directory with -d"
    case .nameKubeconfigDirectory: "add --kubeconfig-dir, or -d, to include them"
    case .nameRole: "name what the machine is with --role"
    case .nameRootDirectory:
      "add --rootfs, the root directory of the machine that the tree is of (/ for this one), to include such files"
    case .makeTree: "make a tree with pkigen init\(options)"
    case .makeTreeForCluster: "make a tree for a cluster with pkigen init, in another directory"
    case .nameStyle: "name the style with --style and --kubernetes-version"
    case .namePassword:
      with("--password-file").isEmpty
        ? "show it with pkigen inspect --password-file" : "give its password\(with("--password-file"))"
    case .nameOne: "name only the one that should be installed"
    case .nameSignedFiles: "name the files that the signer returned"
    case .nameTreeOfRequest:
      "name the tree that the CSR came from with -d; CSRs are made with pkigen csr create\(options)"
    case .correctManifest(let manifest, let argument): "correct --\(argument) in \(manifest)"
    case .approveServing:
      "set serverTLSBootstrap: true in the kubelet's configuration, restart it, and approve the CSR that it makes: see pkigen csr approve --help"
    case .mountInManifest(let path, let manifest): "mount the directory of \(path) in \(manifest)"
    case .signElsewhere(let path): "have the CA of \(path) sign a new certificate, and put it there"
    case .makeFixturesAgain(let directory):
      "make them again with pkigen fixtures --out \(directory.shellQuoted), and the same --spec and --seed;"
        + " if no file was edited, another version of OpenSSL made them"
    case .changeFixtureTimes:
      "set a later time or a longer validity in the specification, and make them again"
    case .nameInspectableFile:
      "pkigen inspects PEM, DER, PKCS#7 and PKCS#12 files, kubeconfigs, CertificateSigningRequests, Secrets and ConfigMaps"
    case .advice(let text): text
    default: ""
    }
  }
}
