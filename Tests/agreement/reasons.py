"""Why judges differ from pkigen verify, where they do."""

OTHERS = ("openssl", "go", "gnutls", "python")

# Judges, what they say and pkigen does not, what is wrong with the certificate, and why they may say so.
REASONS = [
    (("go", "gnutls", "python"), "accepts", ("key usage", "keyCertSign alone"),
     "they look at no key usage of a leaf when they verify it; OpenSSL refuses the server"),
    (("openssl",), "refuses", ("key usage", "keyCertSign alone"),
     "it looks at the key usage of a client; the components of Kubernetes, in Go, do not"),
    (("openssl",), "refuses", ("key usage", "keyEncipherment alone"),
     "it looks at the key usage of a client; the components of Kubernetes, in Go, do not"),
    (("openssl", "gnutls"), "refuses", ("authority key identifier", "another"),
     "they look for an issuer by the identifier of its key too; the components of Kubernetes, in Go, prefer one that fits"
     " and take another"),
    (("go", "python", "gnutls", "openssl"), "accepts", ("constraints", "CA:TRUE"),
     "they let an authority's certificate serve as a leaf"),
    (("gnutls",), "accepts", ("authority", "no constraints"),
     "it takes whatever it is told to trust for an authority"),
    (("gnutls",), "accepts", ("authority", "server usage only"), "it looks for usages in the leaf alone"),
    (("gnutls",), "accepts", ("authority", "client usage only"), "it looks for usages in the leaf alone"),
    (("openssl", "python"), "refuses", ("authority", "names of example.com only"),
     "they hold addresses, or common names, against a list of permitted host names; the components of Kubernetes, in Go,"
     " do not"),
    (("openssl", "python"), "refuses", ("authority key identifier", "absent"),
     "they hold an issuer to RFC 5280, 4.2.1.1 (OpenSSL with -x509_strict); no component of Kubernetes does"),
    (("openssl", "python"), "refuses", ("usages", "any"),
     "they do not know anyExtendedKeyUsage; the components of Kubernetes, in Go, do"),
    (("openssl", "python"), "refuses", ("authority", "no key usage"),
     "they hold an issuer to RFC 5280, 4.2.1.3 (OpenSSL with -x509_strict); no component of Kubernetes does"),
    (("python",), "refuses", ("constraints", "CA:TRUE"),
     "it refuses CA:TRUE in a leaf even where the key usage does not let it sign"),
]


def reason(judge, relation, codes):
    """The reason for which a judge differs from pkigen about a relation; `None` where there is none."""
    verdict = "accepts" if codes else "refuses"
    wrong = relation.wrong().items()
    return next(
        (why for judges, says, what, why in REASONS if judge in judges and says == verdict and what in wrong), None)
