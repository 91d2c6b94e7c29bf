#!/bin/sh
# Builds the reader of SLSA Provenance v1 by the in-toto project's own schema (test/interop/slsa-schema), once, and prints where it is:
# its modules come from Go's module proxy, checked against go.sum.
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools. Usage: scripts/slsa-schema.sh [--if-present]
# With --if-present nothing is built: exit 3 when it is not there yet.
set -eu
. "$(dirname "$0")/go-tool.sh"

source="$(cd "$(dirname "$0")/../test/interop/slsa-schema" && pwd)"
# Another source, another name: a reader that was built from an older one is not taken.
version="$(cat "$source/go.sum" "$source/main.go" | cksum | cut -d ' ' -f 1)"
reader="$store/slsa-schema-$version"

build_reader() {
  (cd "$source" && GOFLAGS="-mod=readonly $GOFLAGS" go build -trimpath -o "$build/slsa-schema" .)
}

[ "${1:-}" != "--if-present" ] || only_if_present "$reader" "the SLSA schema's reader"
go_tool slsa-schema "$reader" build_reader
echo "$reader"
