#!/usr/bin/env bash
# How long a whole tree takes: pkigen beside plain openssl, and beside cfssl, easy-rsa and kubeadm where they are installed
# (or KUBEADM names one). Then how long one tree and a hundred take to check, verify and renew, a hundred also in one run; how
# long more and more nodes of a cluster take, and more and more certificates; what pkigen needs of memory, and how long it takes
# to start.
#
#   bench/bench.sh PKIGEN
#
# RUNS is the least number of runs of each (default 10). Making an RSA key is a matter of luck: more runs, less noise.
set -euo pipefail
cd "$(dirname "$0")/.."

pkigen=$(realpath "${1:?usage: bench.sh PKIGEN}")
cores=$(nproc)
Tests/judges/setup.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree

# compare ALGORITHM: all tools in one run of hyperfine
compare() {
  local ours="$pkigen init --quiet -d $tree --node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm $1"
  local contestants=(
    -n "pkigen" "$ours"
    -n "pkigen --jobs 1" "$ours --jobs 1"
    -n "openssl, $cores keys at once" "env JOBS=$cores bench/openssl-tree.sh $tree $1"
    -n "openssl, one by one" "bench/openssl-tree.sh $tree $1"
  )
  if command -v cfssl cfssljson > /dev/null; then
    contestants+=(-n "cfssl" "bench/cfssl-tree.sh $tree $1")
  else
    echo "cfssl: not installed (Debian: golang-cfssl)"
  fi
  if [ -x /usr/share/easy-rsa/easyrsa ] || command -v easyrsa > /dev/null; then
    contestants+=(-n "easy-rsa" "bench/easyrsa-tree.sh $tree $1")
  else
    echo "easy-rsa: not installed (Debian: easy-rsa)"
  fi
  if command -v "${KUBEADM:-kubeadm}" > /dev/null; then
    contestants+=(-n "kubeadm" "bench/kubeadm-tree.sh $tree $1")
  else
    echo "kubeadm: not installed (name one with KUBEADM)"
  fi
  hyperfine -N --style none --warmup 1 --min-runs "${RUNS:-10}" --prepare "rm -rf $tree" \
    --export-json "$work/$1.json" "${contestants[@]}"
  .build/judges/bin/python3 bench/report.py "$1" "$work/$1.json"
}

# life ALGORITHM: what is done with trees that are there, one and a hundred
life() {
  rm -rf "$work/trees"
  for number in $(seq 100); do
    "$pkigen" init --quiet -d "$work/trees/$number" --node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm "$1"
  done
  local contestants=() name
  for name in check-expiration verify "renew all --no-backup"; do
    contestants+=(-n "$name" "$pkigen $name --quiet -d $work/trees/1")
    contestants+=(-n "$name, 100 trees" "bench/each.sh $work/trees $pkigen $name --quiet")
    contestants+=(-n "$name --trees, 100 trees" "$pkigen $name --quiet --trees $work/trees")
  done
  hyperfine -N --style none --warmup 1 --runs 5 --export-json "$work/life.json" "${contestants[@]}"
  .build/judges/bin/python3 bench/report.py "$1, trees that are there" "$work/life.json"
}

# fleet ALGORITHM: clusters of three control-plane nodes and more and more workers, from nothing
fleet() {
  local contestants=() number
  for number in 100 1000 10000; do
    {
      printf '%s\n' "apiVersion: pkigen/v1" "kind: Inventory" "clusters:" "- name: prod" "  options: {key-algorithm: $1}"
      printf '%s\n' "  nodes:" "  - {name: \"cp[1-3]\", address: 10.0.0.1}"
      printf '%s\n' "  - {name: \"w[1-$((number - 3))]\", roles: worker}"
    } > "$work/nodes-$number.yaml"
    contestants+=(-n "$number nodes" "$pkigen init --quiet --inventory $work/nodes-$number.yaml --out $work/fleet")
  done
  hyperfine -N --style none --runs 3 --prepare "rm -rf $work/fleet" --export-json "$work/fleet.json" "${contestants[@]}"
  .build/judges/bin/python3 bench/report.py "$1, nodes of an inventory" "$work/fleet.json"
}

# growth: whether the work grows as the certificates do
growth() {
  local contestants=() number
  for number in 100 200 400 800; do
    {
      printf '%s\n' "seed: bench" "time: 2026-01-01T00:00:00Z" "authorities: {ca: {key-algorithm: ecdsa-p256}}" "leaves:"
      printf '  leaf-%s: {authority: ca, key-algorithm: ecdsa-p256, usages: server}\n' $(seq "$number")
    } > "$work/$number.yaml"
    contestants+=(-n "$number" "$pkigen fixtures --quiet --spec $work/$number.yaml --out $work/set")
  done
  hyperfine -N --style none --runs 5 --prepare "rm -rf $work/set" --export-json "$work/growth.json" "${contestants[@]}"
  .build/judges/bin/python3 bench/report.py "certificates for tests" "$work/growth.json"
}

# peak ALGORITHM: the memory that pkigen held at most, in KiB
peak() {
  rm -rf "$tree"
  /usr/bin/time -f %M -o "$work/peak" \
    "$pkigen" init --quiet -d "$tree" --node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm "$1"
  echo "peak memory, $1: $(($(< "$work/peak") / 1024)) MiB"
}

compare rsa-2048
compare ecdsa-p256
life ecdsa-p256
fleet ecdsa-p256
growth
peak rsa-2048
peak ecdsa-p256
hyperfine -N --style none --warmup 5 --export-json "$work/start.json" -n "pkigen --version" "$pkigen --version"
.build/judges/bin/python3 bench/report.py "start-up" "$work/start.json"
