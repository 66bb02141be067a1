#!/usr/bin/env bash
# Runs a command of pkigen on each tree of a directory, one after the other: each.sh TREES PKIGEN COMMAND…
set -euo pipefail
trees=$1
shift
for tree in "$trees"/*; do
  "$@" -d "$tree" > /dev/null
done
