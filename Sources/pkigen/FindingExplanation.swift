import KubernetesPKI

extension FindingCode {
  /// What a kind of finding means: a row of `docs/findings.md`.
  struct Explanation: Hashable, Sendable {
    /// What was found.
    let meaning: String
    /// What does not work in the cluster because of it, or may stop working.
    let breaks: String
    /// What to do.
    let remedy: String

    package init(_ meaning: String, breaks: String, remedy: String) {
      self.meaning = meaning
      self.breaks = breaks
      self.remedy = remedy
    }
  }

  /// What the code means; the tests prove that there is a row for each.
  var explanation: Explanation? { Self.explanations[self] }

  private static let explanations = [
    files, pairs, chains, times, contents, kubeconfigs, staticPods, peers, facts, rotationExplanations,
  ].reduce(
    into: [:]
  ) { $0.merge($1) { first, _ in first } }

  private static let files: [FindingCode: Explanation] = [
    .missingFile: Explanation(
      "A file that every control plane needs is missing.",
      breaks:
        "The component that reads the file does not start. Without a CA, clients refuse every certificate that it"
        + " signed.",
      remedy:
        "Restore it from a backup, or make it with `pkigen phase`. Do not make a new CA while certificates of the"
        + " old one are in use."),
    .unreadableFile: Explanation(
      "pkigen cannot read a file: no permission, a dangling link, or not a regular file.",
      breaks:
        "The component does not start if it runs with the same rights. pkigen did not check the contents.",
      remedy: "Run `pkigen verify` as the owner of the files, or fix the link or the file."),
    .malformedFile: Explanation(
      "A file does not hold what it should: it is truncated, empty, encrypted, not PEM, or not a kubeconfig; or Go"
        + " cannot parse a certificate in it.",
      breaks: "The component that reads the file does not start.",
      remedy:
        "Restore a good copy; or move the certificate and its key away and make both again with `pkigen phase`."
    ),
    .skippedBlock: Explanation(
      "A file, or the data in a kubeconfig, holds a PEM block that Go cannot read beside others that it can: one that is"
        + " torn, or two that share a line.",
      breaks:
        "Components skip the block and report nothing. If it was a CA, they refuse every certificate that the CA signed.",
      remedy:
        "Restore a good copy. If two files were joined, start each `-----BEGIN` on a line of its own."),
    .unfinishedRun: Explanation(
      "A run of pkigen stopped after it had made its files, before all of them were in place.",
      breaks:
        "Components find old and new files side by side, or none. All other findings treat the new files as if they"
        + " were in place.",
      remedy: "Run pkigen once more: any command that writes to the directory first finishes the earlier run."
    ),
    .irreplaceableFile: Explanation(
      "A file that has to be renewed is immutable or append-only (`chattr`), or something is mounted on it.",
      breaks: "Nothing until its certificate expires. pkigen renews everything else.",
      remedy: "`chattr -i` or `-a`, or `umount`; then run the command again."),
    .insecureTestKeys: Explanation(
      "`INSECURE-TEST-KEYS.md` says that `pkigen fixtures` made the keys from a seed.",
      breaks: "Anyone who knows the seed has every private key.",
      remedy: "Use these files in tests only. Make a PKI for a cluster with `pkigen init`."),
    .fixtureChanged: Explanation(
      "A file of a fixture set differs from what its specification gives.",
      breaks: "Nothing in a cluster. Tests do not test what they say.",
      remedy: "Make the set again with `pkigen fixtures`."),
    .leftoverFile: Explanation(
      "A run of pkigen stopped before it changed anything, and left temporary files.",
      breaks: "Nothing, but the files may hold private keys.",
      remedy:
        "Run pkigen once more: any command that writes to the directory first removes them. Or remove them by hand."
    ),
    .keyExposed: Explanation(
      "Every user of the machine can read or overwrite a private key.",
      breaks:
        "Anyone who has read the key can act as that component until the CA is replaced. Anyone who has read a CA"
        + " key can act as any user.",
      remedy: "`chmod 600`. Treat the key as compromised: renew the certificate, or replace the CA."),
    .keyGroupReadable: Explanation(
      "The members of a group can read or overwrite a private key.",
      breaks: "Nothing, if every member of the group may act as that component.",
      remedy: "`chmod 600`, unless a component runs as a member of the group."),
    .foreignOwner: Explanation(
      "Another user than the one who runs `pkigen verify` owns a private key.",
      breaks:
        "Nothing, if the component runs as that user. If not, a user who should not have the key has it and can"
        + " change its mode.",
      remedy: "`chown` the file, or run `pkigen verify` as its owner."),
    .writableByOthers: Explanation(
      "Every user of the machine can overwrite a certificate or a public key, or change a directory.",
      breaks: "Any user can decide whom the cluster trusts.",
      remedy: "`chmod o-w`."),
    .linkOutOfTree: Explanation(
      "A symbolic link leads out of the PKI directory and the kubeconfig directory.",
      breaks:
        "Static pods mount these directories and not the target of the link: for them the file is missing.",
      remedy: "Replace the link by the file."),
  ]

  private static let pairs: [FindingCode: Explanation] = [
    .keyMissing: Explanation(
      "A certificate, or `sa.pub`, has no private key beside it.",
      breaks: "The component that reads the pair does not start. Without `sa.key` there are no new tokens.",
      remedy: "Restore the key; or move the certificate away and make a new pair."),
    .certificateMissing: Explanation(
      "A private key has no certificate beside it.",
      breaks: "The component that reads the pair does not start.",
      remedy: "Restore the certificate; or move the key away and make a new pair."),
    .awaitingCertificate: Explanation(
      "A private key, in a file or in a kubeconfig, waits for its certificate from an external CA.",
      breaks: "The component that reads the pair does not start.",
      remedy:
        "Sign the `.csr` file beside it where the CA key is, and install the certificate with `pkigen csr install`."
    ),
    .keyMismatch: Explanation(
      "A private key does not match its certificate.",
      breaks: "The component that reads the pair does not start. A CA with such a pair cannot sign.",
      remedy: "Restore the file that was replaced; or make a new pair."),
    .caKeyMissing: Explanation(
      "The key of a CA that has to sign is missing. `pkigen verify` does not ask for it.",
      breaks: "Nothing, but pkigen cannot make the certificates that were asked for.",
      remedy: "Put the CA key in place; or sign the certificate where the CA key is."),
    .externalCA: Explanation(
      "A CA certificate is here without its key: an external CA.",
      breaks: "Nothing, but certificates have to be signed and renewed where the CA key is.",
      remedy: "Nothing, if the CA key is kept off this machine on purpose."),
    .serviceAccountKeyMismatch: Explanation(
      "`sa.pub` is not the public key of `sa.key`.",
      breaks:
        "kube-apiserver refuses the tokens that kube-controller-manager signs: pods cannot reach the API.",
      remedy:
        "If `sa.key` is the right one, move `sa.pub` away and run `pkigen phase cert sa`, which derives it again."
    ),
  ]

  private static let kubeconfigs: [FindingCode: Explanation] = [
    .kubeconfigCA: Explanation(
      "A kubeconfig does not trust the cluster's CA.",
      breaks: "Its user refuses the API server: `x509: certificate signed by unknown authority`.",
      remedy: "Make the kubeconfig again."),
    .kubeconfigServer: Explanation(
      "A kubeconfig points to another server than the cluster's options say.",
      breaks: "Its user reaches no API server, or that of another cluster.",
      remedy: "Make the kubeconfig again; or correct the options."),
    .kubeconfigServerName: Explanation(
      "A kubeconfig points to a name or an address that is not a SAN of `apiserver.crt`.",
      breaks: "Its user refuses the API server: `x509: certificate is valid for …, not …`.",
      remedy: "Renew apiserver with that name (`--apiserver-san`); or make the kubeconfig again."),
  ]

  private static let staticPods: [FindingCode: Explanation] = [
    .manifestFile: Explanation(
      "The manifest of a static pod names a file that is missing, that cannot be used, or that its pod does not mount.",
      breaks: "The component does not start.",
      remedy: "Put the file there; or correct the manifest."),
    .manifestMismatch: Explanation(
      "Files that manifests name do not fit together: a key and its certificate, a certificate and the CAs with which it is"
        + " verified, or the keys of service-account tokens.",
      breaks:
        "The component does not start, or it and its peers refuse each other: `x509: certificate signed by unknown authority`.",
      remedy: "Correct the manifest, or put the right file where it looks."),
  ]

  private static let peers: [FindingCode: Explanation] = [
    .peerCA: Explanation(
      "Another control-plane node has a different CA, or accepts certificates of a CA that this one does not accept.",
      breaks:
        "Each node refuses the certificates of the other's CA: etcd members do not find each other, and clients work"
        + " or fail depending on the node that they reach.",
      remedy:
        "Copy the CA from the node that is right, and make again what the other CA signed. During a rotation, do the"
        + " stage on every node."),
    .peerServiceAccountKey: Explanation(
      "Another control-plane node has a different key pair for service-account tokens.",
      breaks: "Tokens work or fail depending on the API server that they reach.",
      remedy: "Copy `sa.key` and `sa.pub` from the node that is right."),
    .peerSharesKey: Explanation(
      "Another control-plane node has the same private key for a certificate.",
      breaks:
        "Nothing, but an attacker who takes one node has the identity of both, and the certificate may lack the"
        + " names and addresses of one.",
      remedy: "Make the certificates again on one of the nodes."),
    .peerSameNode: Explanation(
      "Control-plane nodes have the same node name, or the same advertise address.",
      breaks:
        "Kubelets with the same name take the Node object from each other, and two etcd members or API servers cannot have"
        + " the same address.",
      remedy:
        "Make the leaf certificates and kubeconfigs of all but one of them again, with their own name and address."
    ),
  ]

  private static let facts: [FindingCode: Explanation] = [
    .manifestValues: Explanation(
      "The manifest of a static pod says what no option does; or an option says something else than a manifest. pkigen"
        + " compared the files with the option, or else with the manifest.",
      breaks: "Nothing.",
      remedy: "Nothing, if the manifest is right."),
    .keysInBackups: Explanation(
      "Backups of `pkigen renew` hold private keys of certificates that have not expired.",
      breaks: "Nothing, but such a key gives the same access as the one in place.",
      remedy: "Keep few backups: `pkigen renew --keep-backups 3`; or remove those that you no longer need."),
    .kubeletSelfSigned: Explanation(
      "The kubelet serves with `/var/lib/kubelet/pki/kubelet.crt`, which it signed itself at its first start, and does not"
        + " renew.",
      breaks:
        "Nothing: kube-apiserver does not verify kubelets unless `--kubelet-certificate-authority` says so. Other clients,"
        + " such as metrics-server, cannot verify it.",
      remedy:
        "Nothing; or set `serverTLSBootstrap: true` in the kubelet's configuration, and approve its CSR."),
    .outsideTree: Explanation(
      "Part of what the tree could have was not read: kubeconfigs, as `--cert-dir` alone does not say which belong to the"
        + " certificates; or a file outside of a tree in another place than `/etc/kubernetes`. Paths in kubeconfigs and"
        + " manifests, and symbolic links, are those of the machine that the tree was copied from.",
      breaks: "Nothing.",
      remedy: "Add `--kubeconfig-dir` for the kubeconfigs; `--rootfs` for the files of the machine."),
    .detectedRole: Explanation(
      "The files are those of a worker or of an etcd host. pkigen expects only what such a machine needs.",
      breaks: "Nothing, if the machine is one.",
      remedy: "Nothing; or give `--role control-plane`."),
    .detectedStyle: Explanation(
      "No option says which style's identities the certificates should have. pkigen compared them with the style"
        + " that fits best.",
      breaks: "Nothing.",
      remedy: "Nothing; or give `--style` and `--kubernetes-version`."),
    .externalEtcd: Explanation(
      "There are no certificates of an etcd member. pkigen assumes an external etcd.",
      breaks: "Nothing, if etcd is external.",
      remedy: "Nothing; or make them with `pkigen phase cert`."),
  ]
}
