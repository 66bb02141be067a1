"""Why verifiers differ from pkigen verify, where they do."""

import re

OTHERS = ("openssl", "go", "gnutls", "python")

# Verifiers, what they say and pkigen does not, what is wrong with the certificate, and why they may say so.
REASONS = [
    (("go", "gnutls", "python"), "accepts", ("key usage", "keyCertSign alone"),
     "they look at no key usage of a leaf when they verify it; OpenSSL refuses the server"),
    (("openssl",), "refuses", ("key usage", "keyCertSign alone"),
     "it looks at the key usage of a client; the components of Kubernetes, in Go, do not"),
    (("python",), "refuses", ("key usage", "keyCertSign alone"),
     "it refuses keyCertSign in a leaf; the components of Kubernetes, in Go, look at no key usage of a client"),
    (("openssl",), "refuses", ("key usage", "keyEncipherment alone"),
     "it looks at the key usage of a client; the components of Kubernetes, in Go, do not"),
    (("openssl", "gnutls"), "refuses", ("authority key identifier", "another"),
     "they look for an issuer by the identifier of its key too; the components of Kubernetes, in Go, prefer one that fits"
     " and take another"),
    (("go", "python", "gnutls", "openssl"), "accepts", ("constraints", "CA:TRUE"),
     "they let a CA's certificate serve as a leaf"),
    (("gnutls",), "accepts", ("CA", "no constraints"),
     "it takes everything that it trusts for a CA"),
    (("gnutls",), "accepts", ("CA", "server usage only"), "it looks for usages in the leaf alone"),
    (("gnutls",), "accepts", ("CA", "client usage only"), "it looks for usages in the leaf alone"),
    (("openssl", "gnutls", "python"), "refuses", ("CA", "names of example.com only"),
     "they hold addresses, or common names, against a list of permitted host names; the components of Kubernetes, in Go,"
     " do not"),
    (("openssl", "python"), "refuses", ("authority key identifier", "absent"),
     "they hold an issuer to RFC 5280, 4.2.1.1 (OpenSSL with -x509_strict); no component of Kubernetes does"),
    (("openssl", "python"), "refuses", ("usages", "any"),
     "they do not know anyExtendedKeyUsage; the components of Kubernetes, in Go, do"),
    (("openssl", "python"), "refuses", ("CA", "no key usage"),
     "they hold an issuer to RFC 5280, 4.2.1.3 (OpenSSL with -x509_strict); no component of Kubernetes does"),
    (("python",), "refuses", ("constraints", "CA:TRUE"),
     "it refuses CA:TRUE in a leaf even where the key usage does not let it sign"),
]


# Of trees in which one thing is odd: what verify says, all of it, after a line with what is odd; what Go says, or "" where it
# accepts; and why they differ, with the component or program that sees it as verify does.
SAYINGS = [
    (r"^malformed-file: .*nested asn1 error", "",
     "Go skips what stands after the last field of a structure, and whatever is built with OpenSSL (curl, HAProxy, nginx in"
     " front of kube-apiserver) cannot read the certificate"),
    (r"^wrong-identity: ", "", "the handshake looks at no subject; kube-apiserver and etcd take user and groups from it"),
    (r"^malformed-file: pki/etcd/ca.crt .*there is no CERTIFICATE block|^key-exposed: .* where a private key is", "",
     "etcd takes blocks of any label and with headers for certificates; kubeadm does not"),
    (r"^malformed-file: .*cannot read the private key: (it is damaged, or no private key|there are bytes after its end)", "",
     "Go takes the scalar alone from the key; whatever is built with OpenSSL (nginx, HAProxy) finds the rest damaged"),
    (r"^wrong-usages: .* so that OpenSSL refuses it$", "",
     "Go looks at no key usage and no Netscape type of a leaf; OpenSSL does"),
    (r"^not-an-authority: ", "",
     "kubeadm reads the first certificate of the file, which has to be a CA's; OpenSSL wants to read the whole extension"),
    (r"^authority-bundle: ", "", "kube-controller-manager signs with a file of exactly one certificate"),
    (r"it is encrypted, and Kubernetes reads", "",
     "Go skips the header that says that a key is encrypted; whatever is built with OpenSSL asks for the password"),
    (r"^leaf empty usages\nwrong-usages: ", "",
     "an empty list of usages is none to Go; to OpenSSL it allows nothing"),
    (r"^damaged leaf longer 0x4\nwrong-usages: ", "",
     "Go skips what stands after the value of an extension; OpenSSL cannot read the usages, and refuses the certificate"),
    (r"^no-names: ", "", "Go skips names that it does not know; whatever is built with OpenSSL (curl) can read none of them"),
]


def reason_of_findings(odd, findings, answer):
    """The reason for which Go differs from what verify says; `None` where there is none."""
    [(kind, label)] = odd.wrong().items()
    says = [f"{kind} {label}\n{code}: {message}" for code, message in findings]
    return next(
        (why for pattern, other, why in SAYINGS
         if says and all(re.search(pattern, one, re.MULTILINE) for one in says)
         and other in answer and bool(other) == bool(answer)),
        None)


def reason(verifier, relation, codes):
    """The reason for which a verifier differs from pkigen about a relation; `None` where there is none."""
    verdict = "accepts" if codes else "refuses"
    wrong = relation.wrong().items()
    return next(
        (why for verifiers, says, what, why in REASONS if verifier in verifiers and says == verdict and what in wrong), None)
