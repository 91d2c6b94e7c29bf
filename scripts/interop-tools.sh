#!/bin/sh
# Installs the tools that test/interop and bench/verification compare with, once, and prints where they are:
#   cosign  v3.1.2, built by Go from its module proxy (checked against Go's checksum database)
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools. Usage: scripts/interop-tools.sh [--if-present]
# With --if-present nothing is built: exit 3 when a tool is not there yet.
set -eu
. "$(dirname "$0")/go-tool.sh"

cosign_version=v3.1.2
cosign="$store/cosign-$cosign_version"

[ "${1:-}" != "--if-present" ] || only_if_present "$cosign" "cosign $cosign_version"
go_tool cosign "$cosign" go_install "github.com/sigstore/cosign/v3/cmd/cosign@$cosign_version"
echo "$cosign"
