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

  private static let explanations = [files, pairs, chains, times, contents, kubeconfigs, peers, facts].reduce(
    into: [:]
  ) { $0.merge($1) { first, _ in first } }

  private static let files: [FindingCode: Explanation] = [
    .missingFile: Explanation(
      "A file that every control plane needs is not there.",
      breaks:
        "The component that is given the file does not start; without an authority nobody trusts what it signed.",
      remedy:
        "Put it back from a backup, or make it with `pkigen phase`. Do not make an authority again while what it"
        + " signed is in use."),
    .unreadableFile: Explanation(
      "A file is there and cannot be read: no permission, a dangling link, no regular file.",
      breaks:
        "If the component has no more rights than the caller, it does not start; what is in the file was not judged.",
      remedy: "Run `pkigen verify` as the owner of the tree; mend the link or the file."),
    .malformedFile: Explanation(
      "A file does not hold what it should: it is torn, empty, encrypted, not PEM, or no kubeconfig; or Go cannot parse a"
        + " certificate in it.",
      breaks: "The component that is given the file does not start.",
      remedy:
        "Put a good copy back; or move it and its counterpart away and make both again with `pkigen phase`."),
    .unfinishedRun: Explanation(
      "A run of pkigen died after it had made its files, and before all of them were in place.",
      breaks:
        "Components find old and new files side by side, or none. All other findings count the new files as if they"
        + " were in place.",
      remedy: "Run pkigen once more: whatever writes to the tree first finishes what was begun."),
    .insecureTestKeys: Explanation(
      "`INSECURE-TEST-KEYS.md` says that `pkigen fixtures` made the keys of a seed.",
      breaks: "Whoever knows the seed has every private key of the tree.",
      remedy: "Use the tree in tests only; make one for a cluster with `pkigen init`."),
    .fixtureChanged: Explanation(
      "A file of a set of fixtures is not what its specification gives.",
      breaks: "Tests do not test what they say; nothing in a cluster.",
      remedy: "Make the set again with `pkigen fixtures`."),
    .leftoverFile: Explanation(
      "A run of pkigen died before it changed anything, and left files that nobody needs.",
      breaks: "Nothing; but private keys may be among them.",
      remedy: "Run pkigen once more: whatever writes to the tree first removes them. Or remove them by hand."),
    .keyExposed: Explanation(
      "Everybody on the machine can read a private key, or overwrite it.",
      breaks:
        "Whoever has read it can be that component until the authority is replaced; with an authority's key,"
        + " anybody at all.",
      remedy: "`chmod 600`; and take the key for known: renew the certificate, replace the authority."),
    .keyGroupReadable: Explanation(
      "The members of a group can read a private key, or overwrite it.",
      breaks: "Nothing, if everybody in the group may be that component.",
      remedy: "`chmod 600`, unless a component runs as a member of the group."),
    .foreignOwner: Explanation(
      "A private key belongs to another user than the one who runs `pkigen verify`.",
      breaks:
        "Nothing, if that user runs the component; else a stranger has the key and can change its mode.",
      remedy: "`chown`; or run `pkigen verify` as the owner of the tree."),
    .writableByOthers: Explanation(
      "Everybody on the machine can overwrite a certificate, a public key or what a directory holds.",
      breaks: "Whoever does so decides whom the cluster trusts.",
      remedy: "`chmod o-w`."),
    .linkOutOfTree: Explanation(
      "A symbolic link leads out of the tree's two directories.",
      breaks:
        "Static pods see the directories, not the place that the link leads to: there the file is missing.",
      remedy: "Put the file itself in the place of the link."),
  ]

  private static let pairs: [FindingCode: Explanation] = [
    .keyMissing: Explanation(
      "A certificate, or `sa.pub`, is there without its private key.",
      breaks:
        "The component that is given the pair does not start; without `sa.key` there are no new tokens.",
      remedy: "Put the key back; or move the certificate away and make a new pair."),
    .certificateMissing: Explanation(
      "A private key is there without its certificate.",
      breaks: "The component that is given the pair does not start.",
      remedy: "Put the certificate back; or move the key away and make a new pair."),
    .awaitingCertificate: Explanation(
      "A private key, in a file or in a kubeconfig, waits for its certificate, which an authority elsewhere has to sign.",
      breaks: "The component that is given the pair does not start.",
      remedy:
        "Have the `.csr` beside it signed where the authority's key is, and put the certificate in place with"
        + " `pkigen csr install`."),
    .keyMismatch: Explanation(
      "A private key is not that of its certificate.",
      breaks:
        "The component that is given the pair does not start; with an authority's pair, nothing can be signed.",
      remedy: "Put back the one of the two that was replaced; or make a new pair."),
    .authorityKeyMissing: Explanation(
      "The key of an authority that has to sign is not there. `pkigen verify` does not ask for it.",
      breaks: "Nothing; but what was asked for cannot be made.",
      remedy: "Put the key there; or have the certificate signed where the key is."),
    .externalAuthority: Explanation(
      "The certificate of an authority is there and its key is not: it is kept elsewhere.",
      breaks: "Nothing; but certificates have to be signed, and renewed, where the key is.",
      remedy: "Nothing, if that is how it should be."),
    .serviceAccountKeyMismatch: Explanation(
      "`sa.pub` is not the public key of `sa.key`.",
      breaks:
        "kube-apiserver refuses the tokens that kube-controller-manager signs: pods cannot reach the API.",
      remedy:
        "Move `sa.pub` away and have `pkigen phase cert sa` derive it again, if `sa.key` is the right one."),
  ]

  private static let chains: [FindingCode: Explanation] = [
    .wrongAuthority: Explanation(
      "A certificate was signed by another authority than it should be.",
      breaks: "Whoever it is shown to refuses it: `x509: certificate signed by unknown authority`.",
      remedy: "Put the right file back; or make the certificate again."),
    .authorityRekeyed: Explanation(
      "A certificate was signed by an authority of the right name with another key, as after an authority was made again.",
      breaks: "Whoever it is shown to refuses it: `x509: certificate signed by unknown authority`.",
      remedy: "Put the old authority back, if other machines trust it; else make again what it signed."),
    .notAnAuthority: Explanation(
      "The certificate of an authority may not sign others: it lacks CA:TRUE or the usage keyCertSign.",
      breaks: "Everything that it signed is refused.",
      remedy: "Put the authority's own certificate there."),
    .chainRefused: Explanation(
      "The right CA signed a certificate, and Go refuses the chain all the same: an intermediate that is expired or not yet"
        + " valid, a path that is too long, a critical extension or a signature algorithm that Go does not have, a name"
        + " that the CA may not certify.",
      breaks: "Clients refuse the server, or the server the client.",
      remedy: "Make the certificate again; where the reason is the authority's, replace that."),
    .noKeyIdentifiers: Explanation(
      "Two authorities have the same name, and a certificate lacks the key identifiers that tell them apart.",
      breaks: "A verifier that trusts both may try the wrong one, and refuse what the other signed.",
      remedy:
        "Give authorities different names; make the certificates again with key identifiers, as pkigen does."),
    .frontProxyShared: Explanation(
      "The front-proxy authority and the client authority have the same key, or accept the same certificate.",
      breaks:
        "Whoever has a client certificate can put any user and group into the headers of a request, and be"
        + " cluster-admin.",
      remedy: "Make a front-proxy authority of its own, and front-proxy-client with it."),
    .authoritiesShareKey: Explanation(
      "Two authorities have the same key.",
      breaks:
        "What one of them signed opens what the other guards: with etcd's, every kubelet reads and writes all of"
        + " the cluster's data.",
      remedy: "Make an authority of its own for each, and again what it signs."),
    .bundleMismatch: Explanation(
      "A file of an authority's certificate and those above it (`ca-bundle.crt`) lacks one of them.",
      breaks:
        "Clients that are given the file and start from the root, as OpenSSL's, refuse the servers of the cluster.",
      remedy: "Put the authority's certificate and the root's into the file, in this order."),
    .missingIntermediate: Explanation(
      "The authorities are below a root, and a leaf's file does not have the authority's certificate after the leaf.",
      breaks: "Whoever knows the root only finds no way from the leaf to it.",
      remedy: "Renew the leaf with `pkigen renew`, which appends what is missing."),
    .authorityBundle: Explanation(
      "`ca.crt` holds several certificates, and its key is there to sign with.",
      breaks:
        "kube-controller-manager refuses a `--cluster-signing-cert-file` of more than one certificate: it approves"
        + " and signs nothing, so that kubelets cannot join or rotate.",
      remedy:
        "Keep the authority that signs alone in `ca.crt`, and the bundle in another file for `--client-ca-file` and"
        + " `--root-ca-file`."),
  ]

  private static let times: [FindingCode: Explanation] = [
    .expired: Explanation(
      "A certificate is no longer in force.",
      breaks:
        "Whoever it is shown to refuses it: `x509: certificate has expired or is not yet valid`. With an authority's,"
        + " all that it signed is refused.",
      remedy: "`pkigen renew` for leaves and kubeconfigs; an authority has to be replaced."),
    .notYetValid: Explanation(
      "A certificate is not yet in force.",
      breaks: "Whoever it is shown to refuses it until then.",
      remedy: "Set the clock of the machine that is wrong; or make the certificate again."),
    .expiringSoon: Explanation(
      "A certificate ends within the time of `--warn`.",
      breaks: "Nothing yet.",
      remedy: "`pkigen renew` for leaves and kubeconfigs; plan the replacement of an authority."),
    .outlivesAuthority: Explanation(
      "A certificate says that it is in force for longer than its authority is.",
      breaks: "It ends with its authority, whatever it says: whoever watches its own end will be surprised.",
      remedy: "Plan the replacement of the authority for its end."),
  ]

  private static let contents: [FindingCode: Explanation] = [
    .wrongIdentity: Explanation(
      "The common name or the organizations of a certificate are not those of its place in the tree.",
      breaks:
        "To the API server and etcd they are user and groups: the component is refused, or has rights that it should"
        + " not have.",
      remedy: "Put the right file back; or make the certificate again."),
    .otherVersionIdentity: Explanation(
      "A certificate has the identity that another version of kubeadm gave it, as after an upgrade: renewals keep it.",
      breaks: "Nothing, as long as the bindings of that version are in the cluster.",
      remedy: "Nothing; or make the certificate again to have the newer identity."),
    .wrongUsages: Explanation(
      "A certificate lacks a usage that its place in the tree needs, or says CA:TRUE where it must not.",
      breaks:
        "Clients refuse a server without serverAuth, servers a client without clientAuth: `x509: certificate"
        + " specifies an incompatible key usage`. With CA:TRUE, its key can sign identities.",
      remedy: "Make the certificate again."),
    .nameMissing: Explanation(
      "A server's certificate lacks a name or an address at which clients reach the server.",
      breaks: "Clients that connect there refuse the server: `x509: certificate is valid for …, not …`.",
      remedy: "`pkigen renew` with the cluster's options."),
    .noNames: Explanation(
      "A server's certificate has no subject alternative name.",
      breaks: "All clients refuse the server: `x509: certificate relies on legacy Common Name field`.",
      remedy: "`pkigen renew` with the cluster's options."),
    .weakKey: Explanation(
      "An RSA key has less than 2048 bits.",
      breaks:
        "Clients that use OpenSSL as Debian sets it up refuse it; Go refuses keys under 1024 bits; it can be broken.",
      remedy: "Make a new pair."),
    .unsupportedKey: Explanation(
      "A certificate's key is of a kind that Kubernetes does not take, such as RSA under 1024 bits, or ECDSA on P-224 or on"
        + " a curve that Go does not know.",
      breaks: "Components can read neither the certificate nor what it signed.",
      remedy: "Make a new pair: RSA, or ECDSA on a curve of NIST's."),
    .weakSignature: Explanation(
      "An authority signed a certificate over SHA-1, MD5 or another hash that can be forged.",
      breaks: "Components of Kubernetes refuse it: `x509: cannot verify signature: insecure algorithm`.",
      remedy: "Make the certificate again."),
    .weakSelfSignature: Explanation(
      "A root's signature of itself is made over SHA-1, MD5 or another hash that can be forged.",
      breaks: "Nothing: nobody verifies the signature of what is trusted already.",
      remedy: "Nothing; the next authority will have a better one."),
  ]

  private static let kubeconfigs: [FindingCode: Explanation] = [
    .kubeconfigAuthority: Explanation(
      "A kubeconfig does not trust the tree's authority.",
      breaks: "Its user refuses the API server: `x509: certificate signed by unknown authority`.",
      remedy: "Make the kubeconfig again."),
    .kubeconfigServer: Explanation(
      "A kubeconfig points to another server than the cluster's options say.",
      breaks: "Its user reaches no API server, or that of another cluster.",
      remedy: "Make the kubeconfig again; or correct the options."),
    .kubeconfigServerName: Explanation(
      "A kubeconfig points to a name or an address that `apiserver.crt` does not have.",
      breaks: "Its user refuses the API server: `x509: certificate is valid for …, not …`.",
      remedy: "Renew apiserver with that name (`--apiserver-san`); or make the kubeconfig again."),
  ]

  private static let peers: [FindingCode: Explanation] = [
    .peerAuthority: Explanation(
      "The tree of another control-plane node does not hold the same authority.",
      breaks:
        "Each node refuses what the other's authority signed: etcd finds no peer, and clients work or fail by the"
        + " node that they reach.",
      remedy: "Copy the authority from the node that is right, and make again what the other signed."),
    .peerServiceAccountKey: Explanation(
      "The tree of another control-plane node has another pair for service-account tokens.",
      breaks: "Tokens work or fail by the API server that they reach.",
      remedy: "Copy `sa.key` and `sa.pub` from the node that is right."),
    .peerSharesKey: Explanation(
      "The tree of another control-plane node has the private key of a leaf of this one.",
      breaks:
        "Nothing; but who takes one node has the identity of both, and names and addresses of one may be missing.",
      remedy: "Make the leaves of one of the nodes again, there."),
  ]

  private static let facts: [FindingCode: Explanation] = [
    .keysInBackups: Explanation(
      "Backups that `renew` made hold private keys of certificates that have not expired.",
      breaks: "Nothing; but such a key opens what the one in place opens.",
      remedy: "Keep few of them: `pkigen renew --keep-backups 3`; or remove those that you need no more."),
    .detectedStyle: Explanation(
      "Nobody said which identities the tree should carry; it was judged by those that fit best.",
      breaks: "Nothing.",
      remedy: "Nothing; or say it with `--style` and `--kubernetes-version`."),
    .externalEtcd: Explanation(
      "There are no certificates of an etcd member, so etcd was taken to be elsewhere.",
      breaks: "Nothing, if etcd is elsewhere.",
      remedy: "Nothing; or make them with `pkigen phase cert`."),
  ]
}
