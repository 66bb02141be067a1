#!/usr/bin/env bash
# Gives every reader of pkigen inputs that libFuzzer makes of our fixtures, under AddressSanitizer with its leak check.
#
# usage: fuzz.sh PKIGEN FUZZER SECONDS [READER…]
#
# Ends with the status of the first reader that did not survive; the input that it did not survive is kept in the directory
# that is named then.
set -euo pipefail
pkigen=$1 fuzzer=$2 seconds=$3
shift 3
readers=("$@")
[ ${#readers[@]} -gt 0 ] ||
  readers=(file certificate request object kubeconfig tree configuration specification token backup journal)

directory=$(mktemp -d)
seeds=$directory/seeds
repository=$(dirname "$0")/../..
mkdir -p "$seeds"/{file,certificate,request,object,kubeconfig,tree,configuration,specification,token,backup,journal}

# DER of PEM files, for the readers whose inputs are DER.
der() { openssl "$1" -in "$2" -outform DER -out "$3" 2> /dev/null || rm -f "$3"; }

# Seeds: the good cluster and every defect, and a file of each other kind.
"$pkigen" fixtures --out "$directory/fixtures" --seed fuzz -q
number=0
while read -r path; do
  number=$((number + 1))
  case $path in
  *.conf) cp "$path" "$seeds/kubeconfig/$number" ;;
  *.crt) der x509 "$path" "$seeds/certificate/$number" ;;
  *.csr) der req "$path" "$seeds/request/$number" ;;
  esac
  cp "$path" "$seeds/file/$number"
done < <(find "$directory/fixtures" -type f \( -name '*.crt' -o -name '*.conf' -o -name '*.csr' -o -name '*.key' \) -size -64k | sort)
cp "$seeds/certificate"/* "$seeds/tree"
"$pkigen" csr create --common-name system:node:w1 --org system:nodes --san w1 --usage server --out "$directory/w1" -q
der req "$directory/w1.csr" "$seeds/request/w1"
"$pkigen" csr manifest "$directory/w1.csr" --name w1 --signer-name kubernetes.io/kubelet-serving > "$seeds/object/w1"
cp "$seeds/object/w1" "$seeds/file"
cp "$repository"/fixtures/*.yaml "$seeds/specification"
awk -v into="$seeds/configuration/" '/^```yaml/ { inside = 1; number++; next } /^```/ { inside = 0 }
  inside { print > (into number) }' "$repository"/docs/*.md
cp "$seeds/configuration"/* "$seeds/specification"
"$pkigen" bootstrap token > "$seeds/token/token"

for reader in "${readers[@]}"; do
  work=$directory/$reader
  mkdir -p "$work/corpus"
  "$pkigen" init --node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm ecdsa-p256 -q -d "$work/k8s"
  if [ "$reader" = backup ]; then
    "$pkigen" renew all -q -d "$work/k8s" > /dev/null
    cp -r "$work"/k8s/pki/.backup/*/. "$work"
    cp "$work/backup.json" "$seeds/backup"
  fi
  echo "$reader: $seconds s"
  if ! FUZZ_READER=$reader FUZZ_DIRECTORY=$work ASAN_OPTIONS=detect_leaks=1 "$fuzzer" \
    -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$work/" \
    -print_final_stats=1 "$work/corpus" "$seeds/$reader" > "$work/log" 2>&1; then
    tail -40 "$work/log"
    echo "fuzz: the reader $reader did not survive an input; it is in $work" >&2
    exit 1
  fi
  grep -E 'stat::(number_of_executed_units|peak_rss_mb)' "$work/log"
  if ! grep -oE 'cov: [0-9]+' "$work/log" | tail -1; then
    echo "fuzz: no code of the reader $reader tells the fuzzer that it was reached: how was it built?" >&2
    exit 1
  fi
  rm -rf "$work"
done
rm -rf "$directory"
