#!/usr/bin/env bash
# The documented PKI tree of a Kubernetes control plane, made with nothing but openssl: what pkigen is measured
# against. Writes DIR/pki (22 files) and four kubeconfigs in DIR; refuses a DIR that has a pki already.
#
#   bench/openssl-tree.sh DIR ALGORITHM [NODE] [IP]
#
# JOBS is how many keys are made at once (default 1, as in most scripts of this kind).
set -euo pipefail
umask 077

dir=${1:?usage: openssl-tree.sh DIR ALGORITHM [NODE] [IP]}
algorithm=${2:?which algorithm: rsa-2048, rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384}
node=${3:-cp1}
ip=${4:-10.0.0.10}
pki=$dir/pki

digest=sha256 leaf_usage=digitalSignature
case $algorithm in
  rsa-2048 | rsa-3072 | rsa-4096)
    leaf_usage+=,keyEncipherment
    make_key=(openssl genrsa -traditional -out KEY "${algorithm#rsa-}")
    ;;
  ecdsa-p256) make_key=(openssl ecparam -name prime256v1 -genkey -noout -out KEY) ;;
  ecdsa-p384) make_key=(openssl ecparam -name secp384r1 -genkey -noout -out KEY) digest=sha384 ;;
  *)
    echo "error: unknown algorithm $algorithm" >&2
    exit 64
    ;;
esac

(umask 022 && mkdir -p "$dir")
mkdir -m 755 "$pki" "$pki/etcd"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/openssl.cnf" <<END
[req]
distinguished_name = subject
string_mask = default
[subject]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, $leaf_usage
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
END

# CA NAME COMMON-NAME
authority() {
  openssl req -x509 -config "$work/openssl.cnf" -extensions authority "-$digest" -days 3650 \
    -subj "/CN=$2" -key "$pki/$1.key" -out "$pki/$1.crt"
}

# leaf BASE AUTHORITY SUBJECT USAGES [NAMES]: signs the key in BASE.key, writes BASE.crt
leaf() {
  openssl req -x509 -config "$work/openssl.cnf" -extensions leaf "-$digest" -days 365 \
    -CA "$pki/$2.crt" -CAkey "$pki/$2.key" -subj "$3" -addext "extendedKeyUsage = $4" \
    ${5:+-addext "subjectAltName = $5"} -key "$1.key" -out "$1.crt"
}

# kubeconfig FILE USER SUBJECT
kubeconfig() {
  leaf "$work/$1" ca "$3" clientAuth
  cat > "$dir/$1.conf" <<END
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: $(base64 -w0 "$pki/ca.crt")
    server: https://$ip:6443
  name: default-cluster
contexts:
- context:
    cluster: default-cluster
    user: $2
  name: default-system
current-context: default-system
kind: Config
users:
- name: $2
  user:
    client-certificate-data: $(base64 -w0 "$work/$1.crt")
    client-key-data: $(base64 -w0 "$work/$1.key")
END
}

printf '%s.key\n' "$pki"/{ca,front-proxy-ca,etcd/ca,sa} \
  "$pki"/{apiserver,apiserver-kubelet-client,apiserver-etcd-client,front-proxy-client} \
  "$pki"/etcd/{server,peer,healthcheck-client} "$work"/{admin,kubelet,controller-manager,scheduler} |
  xargs -d '\n' -P "${JOBS:-1}" -I KEY "${make_key[@]}"
openssl pkey -in "$pki/sa.key" -pubout -out "$pki/sa.pub"

authority ca kubernetes-ca
authority etcd/ca etcd-ca
authority front-proxy-ca kubernetes-front-proxy-ca

cluster_names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
cluster_names+=,DNS:kubernetes.default.svc.cluster,DNS:kubernetes.default.svc.cluster.local
etcd_names=DNS:$node,DNS:localhost,IP:$ip,IP:127.0.0.1,IP:::1
leaf "$pki/apiserver" ca /CN=kube-apiserver serverAuth "DNS:$node,$cluster_names,IP:10.96.0.1,IP:$ip"
leaf "$pki/apiserver-kubelet-client" ca /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
leaf "$pki/apiserver-etcd-client" etcd/ca /O=system:masters/CN=kube-apiserver-etcd-client clientAuth
leaf "$pki/front-proxy-client" front-proxy-ca /CN=front-proxy-client clientAuth
leaf "$pki/etcd/server" etcd/ca /CN=kube-etcd serverAuth,clientAuth "$etcd_names"
leaf "$pki/etcd/peer" etcd/ca /CN=kube-etcd-peer serverAuth,clientAuth "$etcd_names"
leaf "$pki/etcd/healthcheck-client" etcd/ca /CN=kube-etcd-healthcheck-client clientAuth

kubeconfig admin default-admin /O=system:masters/CN=kubernetes-admin
kubeconfig kubelet default-auth "/O=system:nodes/CN=system:node:$node"
kubeconfig controller-manager default-controller-manager /CN=system:kube-controller-manager
kubeconfig scheduler default-scheduler /CN=system:kube-scheduler

chmod 644 "$pki"/*.crt "$pki"/etcd/*.crt "$pki/sa.pub"
