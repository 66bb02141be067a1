#!/usr/bin/env bash
# The certificates and keys of the documented PKI tree, made with easy-rsa, as far as it goes: its own directories and
# extensions, one PKI a CA, and no kubeconfigs around the client certificates.
#
#   bench/easyrsa-tree.sh DIR ALGORITHM [NODE] [IP]
set -euo pipefail

dir=${1:?usage: easyrsa-tree.sh DIR ALGORITHM [NODE] [IP]}
algorithm=${2:?which algorithm: rsa-2048 or ecdsa-p256}
node=${3:-cp1}
ip=${4:-10.0.0.10}
export PATH=$PATH:/usr/share/easy-rsa EASYRSA_BATCH=1 EASYRSA_DN=org EASYRSA_CERT_EXPIRE=365

case $algorithm in
  rsa-2048) export EASYRSA_ALGO=rsa EASYRSA_KEY_SIZE=2048 sa=(-algorithm RSA) ;;
  ecdsa-p256) export EASYRSA_ALGO=ec EASYRSA_CURVE=prime256v1 sa=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256) ;;
  *)
    echo "error: unknown algorithm $algorithm" >&2
    exit 64
    ;;
esac

# CA NAME COMMON-NAME
authority() {
  mkdir -p "$dir"
  EASYRSA_PKI=$dir/$1 easyrsa init-pki
  EASYRSA_PKI=$dir/$1 EASYRSA_REQ_CN=$2 easyrsa build-ca nopass
}

# leaf AUTHORITY KIND COMMON-NAME [ORGANIZATION] [NAMES]: the file is named as its subject is
leaf() {
  EASYRSA_PKI=$dir/$1 EASYRSA_REQ_ORG=${4:-none} \
    easyrsa ${5:+--subject-alt-name="$5"} "build-$2-full" "$3" nopass
}

# easy-rsa says much, which matters only when it fails.
mkdir -p "$dir"
exec 3>&2 > "$dir/log" 2>&1
trap 'tail -5 "$dir/log" >&3' ERR

authority ca kubernetes-ca
authority etcd etcd-ca
authority front-proxy kubernetes-front-proxy-ca

cluster_names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
cluster_names+=,DNS:kubernetes.default.svc.cluster,DNS:kubernetes.default.svc.cluster.local
etcd_names=DNS:$node,DNS:localhost,IP:$ip,IP:127.0.0.1,IP:::1
leaf ca server kube-apiserver '' "DNS:$node,$cluster_names,IP:10.96.0.1,IP:$ip"
leaf ca client kube-apiserver-kubelet-client system:masters
leaf etcd client kube-apiserver-etcd-client system:masters
leaf front-proxy client front-proxy-client
leaf etcd serverClient kube-etcd '' "$etcd_names"
leaf etcd serverClient kube-etcd-peer '' "$etcd_names"
leaf etcd client kube-etcd-healthcheck-client
leaf ca client kubernetes-admin system:masters
leaf ca client "system:node:$node" system:nodes
leaf ca client system:kube-controller-manager
leaf ca client system:kube-scheduler
openssl genpkey "${sa[@]}" -out "$dir/sa.key"
