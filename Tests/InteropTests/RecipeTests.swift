import FoundationEssentials
import TestSupport
import Testing

/// Trees made by the recipes of the Kubernetes documentation, "Generate Certificates Manually":
/// <https://kubernetes.io/docs/tasks/administer-cluster/certificates/>.
struct RecipeTests {
  /// The recipes, as functions of a shell: `ca NAME CN`, and `leaf BASE CA SUBJECT [NAMES]`, with the names as lines of openssl's
  /// configuration.
  static let recipes = [
    "openssl": #"""
    ca() {
      openssl genrsa -out pki/$1.key 2048
      openssl req -x509 -new -nodes -key pki/$1.key -subj "/CN=$2" -days 10000 -out pki/$1.crt
    }
    leaf() {
      cat > work/csr.conf <<END
    [ req ]
    default_bits = 2048
    prompt = no
    default_md = sha256
    req_extensions = req_ext
    distinguished_name = dn

    [ dn ]
    C = DE
    ST = BE
    L = Berlin
    ${4:+O = k8s}
    OU = System

    [ req_ext ]
    subjectKeyIdentifier = hash

    [ v3_ext ]
    authorityKeyIdentifier=keyid,issuer:always
    basicConstraints=CA:FALSE
    keyUsage=keyEncipherment,dataEncipherment
    extendedKeyUsage=serverAuth,clientAuth
    ${4:+subjectAltName=@alt_names}

    [ alt_names ]
    $(printf '%b' "${4:-}" | sed -n 's/=/ = /p')
    END
      openssl genrsa -out $1.key 2048
      subject=$(echo "$3" | sed 's,^/,/C=DE/ST=BE/L=Berlin/OU=System/,')
      openssl req -new -key $1.key -out work/csr.csr -config work/csr.conf -subj "$subject"
      openssl x509 -req -in work/csr.csr -CA pki/$2.crt -CAkey pki/$2.key -CAcreateserial \
        -CAserial work/ca.srl -out $1.crt -days 9000 -extensions v3_ext -extfile work/csr.conf -sha256
    }
    """#,
    "cfssl": #"""
    key='"key": {"algo": "rsa", "size": 2048}'
    place='"C": "DE", "ST": "BE", "L": "Berlin", "OU": "System"'
    cat > work/ca-config.json <<END
    {"signing": {"default": {"expiry": "8760h"}, "profiles": {"kubernetes": {
      "usages": ["signing", "key encipherment", "server auth", "client auth"], "expiry": "8760h"}}}}
    END
    ca() {
      echo "{\"CN\": \"$2\", $key, \"names\": [{$place, \"O\": \"k8s\"}]}" > work/ca-csr.json
      cfssl gencert -initca work/ca-csr.json | cfssljson -bare work/ca
      mv work/ca.pem pki/$1.crt
      mv work/ca-key.pem pki/$1.key
    }
    leaf() {
      cn=${3##*/CN=}
      organization=$(echo "$3" | sed -n 's,^/O=\(.*\)/CN=.*,\, "O": "\1",p')
      hosts=$(printf '%b' "${4:-}" | sed -n 's/.*=\(.*\)/"\1"/p' | paste -sd,)
      echo "{\"CN\": \"$cn\", $key, \"hosts\": [$hosts], \"names\": [{$place$organization}]}" > work/csr.json
      cfssl gencert -ca=pki/$2.crt -ca-key=pki/$2.key --config=work/ca-config.json -profile=kubernetes work/csr.json \
        | cfssljson -bare work/leaf
      mv work/leaf.pem $1.crt
      mv work/leaf-key.pem $1.key
    }
    """#,
  ]

  /// What the recipes make: the certificates of a control plane, in the layout that pkigen reads.
  private static let tree = #"""
    set -euo pipefail
    umask 077
    mkdir -p pki/etcd work
    RECIPE
    ca ca 10.0.0.10
    ca etcd/ca etcd-ca
    ca front-proxy-ca front-proxy-ca
    names='DNS.1=kubernetes\nDNS.2=kubernetes.default\nDNS.3=kubernetes.default.svc\nDNS.4=kubernetes.default.svc.cluster\n'
    names+='DNS.5=kubernetes.default.svc.cluster.local\nIP.1=10.0.0.10\nIP.2=10.96.0.1\nIP.3=127.0.0.1\n'
    etcd='DNS.1=cp1\nDNS.2=localhost\nIP.1=10.0.0.10\nIP.2=127.0.0.1\n'
    leaf pki/apiserver ca /CN=10.0.0.10 "$names"
    leaf pki/apiserver-kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client
    leaf pki/apiserver-etcd-client etcd/ca /O=system:masters/CN=kube-apiserver-etcd-client
    leaf pki/front-proxy-client front-proxy-ca /CN=front-proxy-client
    leaf pki/etcd/server etcd/ca /CN=kube-etcd "$etcd"
    leaf pki/etcd/peer etcd/ca /CN=kube-etcd-peer "$etcd"
    leaf pki/etcd/healthcheck-client etcd/ca /CN=kube-etcd-healthcheck-client
    openssl genrsa -out pki/sa.key 2048
    openssl rsa -in pki/sa.key -pubout -out pki/sa.pub
    kubeconfig() {
      leaf work/$1 ca "$2"
      cat > $1.conf <<END
    {"kind": "Config", "apiVersion": "v1", "current-context": "c",
     "clusters": [{"name": "k", "cluster": {"server": "https://10.0.0.10:6443",
       "certificate-authority-data": "$(base64 -w0 pki/ca.crt)"}}],
     "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
     "users": [{"name": "u", "user": {"client-certificate-data": "$(base64 -w0 work/$1.crt)",
       "client-key-data": "$(base64 -w0 work/$1.key)"}}]}
    END
    }
    kubeconfig admin /O=system:masters/CN=kubernetes-admin
    kubeconfig kubelet /O=system:nodes/CN=system:node:cp1
    kubeconfig controller-manager /CN=system:kube-controller-manager
    kubeconfig scheduler /CN=system:kube-scheduler
    """#

  @Test(arguments: ["openssl", "cfssl"])
  func `a tree of the documentation's recipes has no errors`(name: String) async throws {
    if name == "cfssl" { _ = try Judges.cfssl }
    let directory = try TemporaryDirectory()
    let recipe = try #require(Self.recipes[name])
    let script = Self.tree.replacing("RECIPE", with: recipe)
    let made = try await run("bash", ["-c", script], directory: directory.path)
    try #require(made.status == 0, "\(made.stderr)")
    let chain = try await run(
      Judges.openssl, ["verify", "-purpose", "sslserver", "-CAfile", "ca.crt", "apiserver.crt"],
      directory: directory.path("pki"))
    #expect(chain.status == 0, "\(chain)")
    for options in [[], ["--advertise-ip", "10.0.0.10", "--service-cidr", "10.96.0.0/12"]] {
      let outcome = try await Pkigen.run(["verify", "-d", directory.path] + options)
      #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome.stdout)")
    }
    // What the recipe made can be renewed, and is as sound then.
    let renewed = try await Pkigen.run("renew", "all", "-d", directory.path)
    #expect(renewed.status == 0, "\(renewed)")
    #expect(try await Pkigen.run("verify", "-d", directory.path).status == 0)
  }
}
