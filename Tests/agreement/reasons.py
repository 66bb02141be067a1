"""Why verifiers differ from pkigen verify, where they do."""

OTHERS = ("openssl", "go", "gnutls", "python")

# Judges, what they say and pkigen does not, what is wrong with the certificate, and why they may say so.
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
    (("openssl", "python"), "refuses", ("CA", "names of example.com only"),
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


def reason(verifier, relation, codes):
    """The reason for which a verifier differs from pkigen about a relation; `None` where there is none."""
    verdict = "accepts" if codes else "refuses"
    wrong = relation.wrong().items()
    return next(
        (why for judges, says, what, why in REASONS if verifier in judges and says == verdict and what in wrong), None)
