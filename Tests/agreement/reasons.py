"""Why verifiers differ from pkigen verify, where they do."""

import re

# Verifiers, what they say and pkigen does not, what is wrong with the certificate, what pkigen says of it where it is pkigen that
# refuses it, and why they may say so. Where pkigen refuses, one of the verifiers has to refuse too.
REASONS = [
    (("go", "gnutls", "python"), "accepts", ("key usage", "keyCertSign alone"),
     r"^wrong-usages: .* so that OpenSSL refuses it$",
     "they look at no key usage of a leaf when they verify it; OpenSSL refuses the server"),
    (("openssl",), "refuses", ("key usage", "keyCertSign alone"), "",
     "it looks at the key usage of a client; the components of Kubernetes, in Go, do not"),
    (("python",), "refuses", ("key usage", "keyCertSign alone"), "",
     "it refuses keyCertSign in a leaf; the components of Kubernetes, in Go, look at no key usage of a client"),
    (("openssl",), "refuses", ("key usage", "keyEncipherment alone"), "",
     "it looks at the key usage of a client; the components of Kubernetes, in Go, do not"),
    (("openssl", "gnutls"), "refuses", ("authority key identifier", "another"), "",
     "they look for an issuer by the identifier of its key too; the components of Kubernetes, in Go, prefer one that fits"
     " and take another"),
    (("go", "gnutls", "openssl"), "accepts", ("constraints", "CA:TRUE"),
     r"^wrong-usages: .* is a CA certificate \(CA:TRUE\)$",
     "they let a CA's certificate serve as a leaf; Python does not"),
    (("gnutls",), "accepts", ("CA", "no constraints"), r"^not-an-authority: ",
     "it takes everything that it trusts for a CA"),
    (("gnutls",), "accepts", ("CA", "server usage only"), r"^chain-refused: .* the extended key usages of ",
     "it looks for usages in the leaf alone"),
    (("gnutls",), "accepts", ("CA", "client usage only"), r"^chain-refused: .* the extended key usages of ",
     "it looks for usages in the leaf alone"),
    (("openssl", "gnutls", "python"), "refuses", ("CA", "names of example.com only"), "",
     "they hold addresses, or common names, against a list of permitted host names; the components of Kubernetes, in Go,"
     " do not"),
    (("openssl", "python"), "refuses", ("authority key identifier", "absent"), "",
     "they hold an issuer to RFC 5280, 4.2.1.1 (OpenSSL with -x509_strict); no component of Kubernetes does"),
    (("openssl", "python"), "refuses", ("usages", "any"), "",
     "they do not know anyExtendedKeyUsage; the components of Kubernetes, in Go, do"),
    (("openssl", "python"), "refuses", ("CA", "no key usage"), "",
     "they hold an issuer to RFC 5280, 4.2.1.3 (OpenSSL with -x509_strict); no component of Kubernetes does"),
    (("python",), "refuses", ("constraints", "CA:TRUE"), "",
     "it refuses CA:TRUE in a leaf even where the key usage does not let it sign"),
]


# Of trees in which one thing is odd, which Go accepts: what verify says of it, what is odd, who refuses it as verify does (asked as
# `witnesses.py` has it), and why Go does not.
SAYINGS = [
    (r"^malformed-file: .*nested asn1 error", "", "openssl",
     "Go skips what stands after the last field of a structure, and whatever is built with OpenSSL (curl, HAProxy, nginx in"
     " front of kube-apiserver) cannot read the certificate"),
    (r"^wrong-identity: ", r"^(damaged )?leaf ", "authorizer",
     "the handshake looks at no subject; kube-apiserver and etcd take user and groups from it"),
    (r"^malformed-file: pki/etcd/ca.crt .*there is no CERTIFICATE block", r"^text .* in ca.crt$", "client_go",
     "etcd takes blocks of any label and with headers for certificates; kubeadm does not"),
    (r"^key-exposed: .* where a private key is", r"^text the label .*PRIVATE KEY in ca.crt$", "client_go",
     "etcd takes blocks of any label and with headers for certificates; kubeadm does not"),
    (r"^malformed-file: .*cannot read the private key: it is damaged, or no private key",
     r"^(key|byte|text) ", "openssl",
     "Go takes the scalar alone from the key; whatever is built with OpenSSL (nginx, HAProxy) finds the rest damaged"),
    (r"^wrong-usages: .* so that OpenSSL refuses it$", r"^(damaged )?leaf ", "openssl",
     "Go looks at no key usage and no Netscape type of a leaf; OpenSSL does"),
    (r"^not-an-authority: ", r"^(CA|damaged CA|bundle) ", "kubeadm",
     "kubeadm reads the first certificate of the file, which has to be a CA's"),
    (r"^not-an-authority: ", r"^(damaged )?CA ", "openssl",
     "a key usage without a bit is none to Go; to OpenSSL it allows nothing"),
    (r"^authority-bundle: ", r"^text (twice|a certificate (before|after)) in ca.crt$", "signer",
     "kube-controller-manager signs with a file of exactly one certificate"),
    (r"^malformed-file: .* it is encrypted, and Kubernetes reads", r"^(key|text) ", "openssl",
     "Go skips the header that says that a key is encrypted; whatever is built with OpenSSL asks for the password"),
    (r"^wrong-usages: ", r"^leaf empty usages$", "openssl",
     "an empty list of usages is none to Go; to OpenSSL it allows nothing"),
    (r"^no-names: ", r"^(damaged )?leaf ", "openssl",
     "Go skips names that it does not know; whatever is built with OpenSSL (curl) can read none of them"),
]


def reason_of_findings(odd, findings, answer):
    """The reason for which Go differs from what verify says; `None` where there is none for each finding."""
    if answer:
        return None
    [(kind, label)] = odd.wrong().items()
    whys = [
        next((why for pattern, what, witness, why in SAYINGS
              if re.search(pattern, says) and re.search(what, f"{kind} {label}") and odd.witnesses.refuse(witness)), None)
        for says in texts(findings)]
    return whys[0] if all(whys) else None


def reason(verifier, relation, findings, answers):
    """The reason for which a verifier differs from pkigen about a relation; `None` where there is none."""
    verdict, wrong = "accepts" if findings else "refuses", relation.wrong().items()
    rows = [(pattern, why) for verifiers, says, what, pattern, why in REASONS
            if verifier in verifiers and says == verdict and what in wrong]
    if findings and not any(answers.values()):
        return None
    whys = [next((why for pattern, why in rows if re.search(pattern, says)), None) for says in texts(findings) or [""]]
    return whys[0] if all(whys) else None


def texts(findings):
    return [f"{code}: {message}" for code, message in findings]
