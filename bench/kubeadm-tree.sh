#!/usr/bin/env bash
# kubeadm's own PKI tree: the certificates and the kubeconfigs that `kubeadm init` makes first.
#
#   bench/kubeadm-tree.sh DIR ALGORITHM [NODE] [IP]
#
# KUBEADM is the kubeadm to run (default: the one in PATH).
set -euo pipefail

dir=${1:?usage: kubeadm-tree.sh DIR ALGORITHM [NODE] [IP]}
algorithm=${2:?which algorithm: rsa-2048 or ecdsa-p256}
node=${3:-cp1}
ip=${4:-10.0.0.10}
kubeadm=${KUBEADM:-kubeadm}

mkdir -p "$dir"
cat > "$dir/kubeadm.yaml" <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: $ip
nodeRegistration:
  name: $node
  criSocket: unix:///run/containerd/containerd.sock
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: $("$kubeadm" version -o short)
certificatesDir: $dir/pki
encryptionAlgorithm: ${algorithm^^}
END

"$kubeadm" init phase certs all --config "$dir/kubeadm.yaml" > /dev/null
"$kubeadm" init phase kubeconfig all --config "$dir/kubeadm.yaml" --kubeconfig-dir "$dir" > /dev/null
