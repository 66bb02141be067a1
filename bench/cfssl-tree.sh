#!/usr/bin/env bash
# The certificates and keys of the documented PKI tree, made with cfssl, as far as it goes: its own file names and
# extensions, and no kubeconfigs around the client certificates.
#
#   bench/cfssl-tree.sh DIR ALGORITHM [NODE] [IP]
set -euo pipefail
umask 077

dir=${1:?usage: cfssl-tree.sh DIR ALGORITHM [NODE] [IP]}
algorithm=${2:?which algorithm: rsa-2048 or ecdsa-p256}
node=${3:-cp1}
ip=${4:-10.0.0.10}

case $algorithm in
  rsa-2048) key='{"algo":"rsa","size":2048}' ;;
  ecdsa-p256) key='{"algo":"ecdsa","size":256}' ;;
  *)
    echo "error: unknown algorithm $algorithm" >&2
    exit 64
    ;;
esac

mkdir -p "$dir/etcd"
cd "$dir"
cat > config.json <<'END'
{"signing": {"profiles": {
  "server": {"expiry": "8760h", "usages": ["digital signature", "key encipherment", "server auth"]},
  "client": {"expiry": "8760h", "usages": ["digital signature", "key encipherment", "client auth"]},
  "both": {"expiry": "8760h", "usages": ["digital signature", "key encipherment", "server auth", "client auth"]}
}}}
END

# CA NAME COMMON-NAME
authority() {
  echo "{\"CN\":\"$2\",\"key\":$key,\"ca\":{\"expiry\":\"87600h\"}}" |
    cfssl gencert -loglevel 5 -initca - | cfssljson -bare "$1"
}

# leaf NAME AUTHORITY PROFILE COMMON-NAME [ORGANIZATION] [NAMES]
leaf() {
  echo "{\"CN\":\"$4\",\"key\":$key,\"names\":[${5:+{\"O\":\"$5\"\}}]}" |
    cfssl gencert -loglevel 5 -ca "$2.pem" -ca-key "$2-key.pem" -config config.json -profile "$3" \
      -hostname "${6:-}" - | cfssljson -bare "$1"
}

authority ca kubernetes-ca
authority etcd/ca etcd-ca
authority front-proxy-ca kubernetes-front-proxy-ca

cluster_names=kubernetes,kubernetes.default,kubernetes.default.svc
cluster_names+=,kubernetes.default.svc.cluster,kubernetes.default.svc.cluster.local
leaf apiserver ca server kube-apiserver '' "$node,$cluster_names,10.96.0.1,$ip"
leaf apiserver-kubelet-client ca client kube-apiserver-kubelet-client system:masters
leaf apiserver-etcd-client etcd/ca client kube-apiserver-etcd-client system:masters
leaf front-proxy-client front-proxy-ca client front-proxy-client
leaf etcd/server etcd/ca both kube-etcd '' "$node,localhost,$ip,127.0.0.1,::1"
leaf etcd/peer etcd/ca both kube-etcd-peer '' "$node,localhost,$ip,127.0.0.1,::1"
leaf etcd/healthcheck-client etcd/ca client kube-etcd-healthcheck-client

leaf admin ca client kubernetes-admin system:masters
leaf kubelet ca client "system:node:$node" system:nodes
leaf controller-manager ca client system:kube-controller-manager
leaf scheduler ca client system:kube-scheduler

echo "{\"CN\":\"sa\",\"key\":$key}" | cfssl genkey -loglevel 5 - | cfssljson -bare sa
