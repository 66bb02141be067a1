#!/usr/bin/env bash
# Runs an init, a renewal and the readers under valgrind: no definite loss, for RSA and ECDSA.
#
# usage: valgrind.sh PKIGEN
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
check() {
  valgrind --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --undef-value-errors=no --error-exitcode=99 "$@" > /dev/null
  echo "valgrind: $2, $algorithm: no loss"
}
for algorithm in rsa-2048 ecdsa-p256; do
  tree=$directory/$algorithm
  check "$1" init --node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm "$algorithm" -q -d "$tree"
  check "$1" renew all -q -d "$tree"
  check "$1" verify -d "$tree"
  check "$1" check-expiration -d "$tree"
  check "$1" inspect "$tree"/pki/*.crt "$tree"/*.conf
done
