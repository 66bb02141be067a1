#!/usr/bin/env bash
# Prints the functions that pkigen's daily commands call, in the order in which they are in the program.
#
#   startup.sh FUNCTIONS-RUN PKIGEN
#
# The linker lays them side by side (--symbol-ordering-file), so that a run has few pages of a large file in memory.
set -euo pipefail
trace=$(realpath "$1")
pkigen=$(realpath "$2")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

cluster=(--node-name cp1 --advertise-ip 10.0.0.10 --key-algorithm ecdsa-p256 -d tree)
{
  "$trace" "$pkigen" init "${cluster[@]}"
  "$trace" "$pkigen" check-expiration -d tree
  "$trace" "$pkigen" verify -d tree
  "$trace" "$pkigen" renew all -d tree
  "$trace" "$pkigen" phase cert all "${cluster[@]}"
} | LC_ALL=C sort -u | cut -d ' ' -f 2
