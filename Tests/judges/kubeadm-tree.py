"""Makes a tree with the layout, names and extensions of kubeadm's, or of a company that has its own ideas.

    kubeadm-tree.py DIR KIND TIME

KIND is v1.36 or v1.28, whose certificates differ, or company: the authorities are below a root, which is in DIR/root.crt,
leaves bring their authority along, and carry names and extensions of every kind. TIME is in the form of RFC 3339.
"""

import base64
import datetime
import hashlib
import ipaddress
import os
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID, ObjectIdentifier

NODE, ADDRESS = "cp1", "10.0.0.10"
CLUSTER_NAMES = [NODE, "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                 "kubernetes.default.svc.cluster.local"]
MASTERS, ADMINS = "system:masters", "kubeadm:cluster-admins"

directory, kind, time = pathlib.Path(sys.argv[1]), sys.argv[2], datetime.datetime.fromisoformat(sys.argv[3])
is_company, is_old = kind == "company", kind == "v1.28"
start = time - datetime.timedelta(minutes=5)


def name(common_name, organizations):
    """kubeadm's: all organizations in one set, and then the common name. The company's has more."""
    attribute = x509.NameAttribute
    sets = [{attribute(NameOID.ORGANIZATION_NAME, value) for value in organizations}] if organizations else []
    if is_company:
        sets = [
            {attribute(NameOID.COUNTRY_NAME, "DE")}, {attribute(NameOID.LOCALITY_NAME, "Köln")},
            *({attribute(NameOID.ORGANIZATION_NAME, value)} for value in organizations),
            {attribute(NameOID.ORGANIZATION_NAME, "Example & Söhne")},
            {attribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in ("Platform", "Operations")},
            {attribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Kubernetes")},
            {attribute(NameOID.EMAIL_ADDRESS, "pki@example.com")},
        ]
    sets.append({attribute(NameOID.COMMON_NAME, common_name)})
    return x509.Name(map(x509.RelativeDistinguishedName, sets))


def usage(*names):
    every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{each: each in names for each in every})


def identifier(key):
    """RFC 7093's first method, as kubeadm has it since Go 1.25; before, SHA-1."""
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return x509.SubjectKeyIdentifier((hashlib.sha1 if is_old else hashlib.sha256)(point).digest()[:20])


def sign(subject, days, key, issuer, extensions):
    """A certificate with a serial number of at most eight octets; issuer is None or a certificate and its key."""
    builder = x509.CertificateBuilder(
        issuer_name=issuer[0].subject if issuer else subject, subject_name=subject, public_key=key.public_key(),
        serial_number=1 + int.from_bytes(os.urandom(8)) % (2**63 - 2), not_valid_before=start,
        not_valid_after=time + datetime.timedelta(days=days))
    for value, is_critical in extensions:
        builder = builder.add_extension(value, critical=is_critical)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


def authority(common_name, issuer=None):
    key = ec.generate_private_key(ec.SECP256R1())
    extensions = [
        (usage("digital_signature", "key_encipherment", "key_cert_sign"), True),
        (x509.BasicConstraints(ca=True, path_length=None), True), (identifier(key), False)]
    if issuer:
        extensions.append((known_by(issuer[0]), False))
    extensions.append((x509.SubjectAlternativeName([x509.DNSName(common_name)]), False))
    return sign(name(common_name, []), 3650, key, issuer, extensions), key


def known_by(issuer):
    ski = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ski)


def leaf(common_name, organizations, issuer, purposes, names):
    """A certificate and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    extensions = [
        (usage("digital_signature", "key_encipherment"), True), (x509.ExtendedKeyUsage(purposes), False),
        (x509.BasicConstraints(ca=False, path_length=None), True), (known_by(issuer[0]), False)]
    if is_company:
        extensions[0] = (usage("digital_signature", "content_commitment", "key_agreement"), False)
        extensions[1] = (x509.ExtendedKeyUsage([*purposes, ObjectIdentifier("1.3.6.1.4.1.99999.7")]), False)
        extensions.insert(0, (x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), False))
        extensions.append((x509.CertificatePolicies(
            [x509.PolicyInformation(ObjectIdentifier("1.3.6.1.4.1.99999.2"), ["https://example.com/cps"])]), False))
        names = [*names, x509.RFC822Name("pki@example.com"),
                 x509.UniformResourceIdentifier(f"spiffe://example.com/{common_name.replace(':', '/')}"),
                 x509.RegisteredID(ObjectIdentifier("1.3.6.1.4.1.99999.3"))]
    if names:
        extensions.append((x509.SubjectAlternativeName(names), False))
    certificate = sign(name(common_name, organizations), 365, key, issuer, extensions)
    return pem(certificate) + (pem(issuer[0]) if is_company else b""), key_pem(key)


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                             serialization.NoEncryption())


def write(path, content, mode):
    path = directory / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def write_pair(path, certificate, key):
    write(f"pki/{path}.crt", certificate, 0o644)
    write(f"pki/{path}.key", key, 0o600)


def write_kubeconfig(path, user, organizations):
    certificate, key = leaf(user, organizations, ca, [Purpose.CLIENT_AUTH], [])
    data = [base64.b64encode(content).decode() for content in (pem(ca[0]), certificate, key)]
    write(path, f"""apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {data[0]}
    server: https://{ADDRESS}:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: {user}
  name: {user}@kubernetes
current-context: {user}@kubernetes
kind: Config
users:
- name: {user}
  user:
    client-certificate-data: {data[1]}
    client-key-data: {data[2]}
""".encode(), 0o600)


def names(hosts, addresses):
    return [*map(x509.DNSName, hosts), *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)]


root = authority("Example root") if is_company else None
if root:
    write("root.crt", pem(root[0]), 0o644)
ca, front_proxy, etcd = (authority(each, root) for each in ("kubernetes", "front-proxy-ca", "etcd-ca"))
for path, pair in {"ca": ca, "front-proxy-ca": front_proxy, "etcd/ca": etcd}.items():
    write_pair(path, pem(pair[0]), key_pem(pair[1]))
kubelet_client = [MASTERS] if is_old else []
both, client = [Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH], [Purpose.CLIENT_AUTH]
etcd_names = names([NODE, "localhost"], [ADDRESS, "127.0.0.1", "::1"])
for path, *fields in [
    ("apiserver", "kube-apiserver", [], ca, both[:1], names(CLUSTER_NAMES, ["10.96.0.1", ADDRESS])),
    ("apiserver-kubelet-client", "kube-apiserver-kubelet-client", kubelet_client, ca, client, []),
    ("front-proxy-client", "front-proxy-client", [], front_proxy, client, []),
    ("etcd/server", NODE, [], etcd, both, etcd_names),
    ("etcd/peer", NODE, [], etcd, both, etcd_names),
    ("etcd/healthcheck-client", "kube-etcd-healthcheck-client", kubelet_client, etcd, client, []),
    ("apiserver-etcd-client", "kube-apiserver-etcd-client", kubelet_client, etcd, client, []),
]:
    write_pair(path, *leaf(*fields))
accounts = ec.generate_private_key(ec.SECP256R1())
write("pki/sa.key", key_pem(accounts), 0o600)
write("pki/sa.pub", accounts.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo), 0o600)
write_kubeconfig("admin.conf", "kubernetes-admin", [MASTERS] if is_old else [ADMINS])
if not is_old:
    write_kubeconfig("super-admin.conf", "kubernetes-super-admin", [MASTERS])
write_kubeconfig("kubelet.conf", f"system:node:{NODE}", ["system:nodes"])
write_kubeconfig("controller-manager.conf", "system:kube-controller-manager", [])
write_kubeconfig("scheduler.conf", "system:kube-scheduler", [])
