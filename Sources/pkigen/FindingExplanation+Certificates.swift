import KubernetesPKI

/// What findings in certificates mean: who signed them, when they expire, and what they say.
extension FindingCode {
  static let chains: [FindingCode: Explanation] = [
    .wrongCA: Explanation(
      "Another CA than the right one signed a certificate.",
      breaks: "Its peers refuse it: `x509: certificate signed by unknown authority`.",
      remedy: "Restore the right file; or make the certificate again."),
    .caRekeyed: Explanation(
      "A CA with the right name and another key signed a certificate, as happens when a CA was made again.",
      breaks: "Its peers refuse it: `x509: certificate signed by unknown authority`.",
      remedy: "If other machines trust the old CA, restore it. If not, make again what it signed."),
    .notACA: Explanation(
      "A CA certificate may not sign others: it lacks CA:TRUE or the key usage keyCertSign.",
      breaks: "Peers refuse every certificate that it signed.",
      remedy: "Restore the right CA certificate."),
    .chainRefused: Explanation(
      "The right CA signed a certificate, and Go still refuses the chain: an intermediate that has expired or is not"
        + " yet valid, a path that is too long, a critical extension or a signature algorithm that Go does not"
        + " support, or a name that the CA may not certify.",
      breaks: "Clients refuse the server, or the server the client.",
      remedy: "Make the certificate again. If the CA is the reason, replace the CA."),
    .noKeyIdentifiers: Explanation(
      "Two CAs have the same name, and a certificate lacks the key identifiers that distinguish them.",
      breaks: "A verifier that trusts both may try the wrong CA and refuse the certificate.",
      remedy:
        "Give the CAs different names; or make the certificates again with key identifiers, as pkigen does."),
    .frontProxyShared: Explanation(
      "The front-proxy CA and the client CA have the same key, or accept the same certificate.",
      breaks:
        "Anyone with a client certificate can put any user and group into the headers of a request, and become"
        + " cluster-admin.",
      remedy: "Make a separate front-proxy CA, and a new front-proxy-client certificate with it."),
    .casShareKey: Explanation(
      "Two CAs have the same key.",
      breaks:
        "Certificates of one CA open what the other protects: if one of them is etcd's, every kubelet can read and"
        + " write all of the cluster's data.",
      remedy: "Make a separate CA for each, and make again what it signs."),
    .bundleMismatch: Explanation(
      "`ca-bundle.crt` should hold a CA certificate and those above it, and lacks one of them.",
      breaks:
        "Clients that read the file and trust only the root, such as those with OpenSSL, refuse the servers of the"
        + " cluster.",
      remedy: "Put the CA certificate and the root CA certificate into the file, in this order."),
    .missingIntermediate: Explanation(
      "The CAs are below a root CA, and a certificate file does not include the CA certificate after the leaf.",
      breaks: "A client that trusts only the root CA cannot verify the leaf.",
      remedy: "Renew the leaf with `pkigen renew`, which appends the CA certificate."),
    .caBundle: Explanation(
      "`ca.crt` holds several certificates, its key is there to sign with, and no rotation has put them there.",
      breaks:
        "kube-controller-manager refuses a `--cluster-signing-cert-file` of more than one certificate: it approves"
        + " and signs nothing, so that kubelets cannot join or rotate.",
      remedy:
        "Keep only the CA that signs in `ca.crt`, and the bundle in another file for `--client-ca-file` and"
        + " `--root-ca-file`."),
  ]

  static let times: [FindingCode: Explanation] = [
    .expired: Explanation(
      "A certificate has expired.",
      breaks:
        "Its peers refuse it: `x509: certificate has expired or is not yet valid`. If a CA has expired, they refuse"
        + " all that it signed.",
      remedy: "`pkigen renew` for leaves and kubeconfigs. For a CA, `pkigen renew` with `--reuse-key`."),
    .notYetValid: Explanation(
      "A certificate is not yet valid.",
      breaks: "Its peers refuse it until then.",
      remedy: "Set the clock of the machine that is wrong; or make the certificate again."),
    .expiringSoon: Explanation(
      "A certificate expires within the time of `--warn`.",
      breaks: "Nothing yet.",
      remedy:
        "`pkigen renew` for leaves and kubeconfigs. For a CA, `pkigen renew` with `--reuse-key`, or `pkigen rotate`."
    ),
    .outlivesCA: Explanation(
      "A certificate is valid longer than its CA.",
      breaks:
        "Peers refuse it as soon as the CA expires: a monitor that watches only this certificate warns too late.",
      remedy: "Extend the CA before it expires: `pkigen renew` with `--reuse-key`."),
  ]

  static let contents: [FindingCode: Explanation] = [
    .wrongIdentity: Explanation(
      "A certificate has another common name or other organizations than its file should have.",
      breaks:
        "To the API server and etcd these are user and groups: they refuse the component, or it has rights that it"
        + " should not have.",
      remedy: "Restore the right file; or make the certificate again."),
    .otherVersionIdentity: Explanation(
      "A certificate has the identity that another version of kubeadm gave it, as after an upgrade. Renewals keep it.",
      breaks: "Nothing, as long as the role bindings of that version are in the cluster.",
      remedy: "Nothing; or make the certificate again to get the newer identity."),
    .unreadIdentity: Explanation(
      "The subject of a server certificate, or of a certificate for etcd, is not the one of its place in the PKI.",
      breaks:
        "Nothing: clients look at the SANs of a server, and etcd accepts every certificate that its CA signed.",
      remedy: "Nothing, if this is intended; or make the certificate again."),
    .wrongUsages: Explanation(
      "A certificate has extended key usages, but not the one that it needs; a server certificate has a key usage or a"
        + " Netscape certificate type that is not for servers; or a leaf says CA:TRUE.",
      breaks:
        "Go refuses a server without serverAuth, and a client without clientAuth: `x509: certificate specifies an"
        + " incompatible key usage`. OpenSSL refuses the server in the second case: `unsuitable certificate purpose`."
        + " With CA:TRUE, the key can sign identities.",
      remedy: "Make the certificate again."),
    .unusualUsages: Explanation(
      "The key usage of a certificate lacks digitalSignature, or its Netscape certificate type is not for clients.",
      breaks:
        "Nothing in the components of Kubernetes: Go looks at neither. Programs that use GnuTLS or OpenSSL can refuse it:"
        + " `Key usage violation in certificate has been detected`.",
      remedy: "Make the certificate again, if such programs connect."),
    .noUsages: Explanation(
      "A leaf certificate has no extended key usage.",
      breaks: "Nothing: servers and clients can both use it.",
      remedy: "Nothing, if this is intended; or make the certificate again."),
    .nameMissing: Explanation(
      "A server certificate lacks a SAN for a name or an address that clients connect to.",
      breaks: "These clients refuse the server: `x509: certificate is valid for …, not …`.",
      remedy: "`pkigen renew` with the cluster's options."),
    .noNames: Explanation(
      "A server certificate has no SAN.",
      breaks: "All clients refuse the server: `x509: certificate relies on legacy Common Name field`.",
      remedy: "`pkigen renew` with the cluster's options."),
    .weakKey: Explanation(
      "An RSA key has less than 2048 bits.",
      breaks:
        "Clients with OpenSSL in Debian's configuration refuse it, and Go refuses keys under 1024 bits. An attacker"
        + " can break the key.",
      remedy: "Make a new pair."),
    .unsupportedKey: Explanation(
      "Kubernetes does not support the key of a certificate, such as RSA under 1024 bits, or ECDSA on P-224 in a leaf,"
        + " or on a curve that Go does not support.",
      breaks: "Components can read neither the certificate nor what it signed.",
      remedy: "Make a new pair: RSA, or ECDSA on P-256, P-384 or P-521."),
    .weakSignature: Explanation(
      "A CA signed a certificate with SHA-1, MD5 or another weak hash.",
      breaks: "Components of Kubernetes refuse it: `x509: cannot verify signature: insecure algorithm`.",
      remedy: "Make the certificate again."),
    .weakSelfSignature: Explanation(
      "The self-signature of a root CA uses SHA-1, MD5 or another weak hash.",
      breaks: "Nothing: clients do not verify the signature of a CA that they trust.",
      remedy: "Nothing. The next CA gets a better signature."),
  ]
}
