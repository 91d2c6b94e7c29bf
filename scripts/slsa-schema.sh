#!/bin/sh
# Builds the reader of SLSA Provenance v1 by the in-toto project's own schema (test/interop/slsa-schema), once, and prints where it is:
# its modules come from Go's module proxy, checked against go.sum.
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools. Usage: scripts/slsa-schema.sh [--if-present]
# With --if-present nothing is built: exit 3 when it is not there yet.
set -eu

source="$(cd "$(dirname "$0")/../test/interop/slsa-schema" && pwd)"
# Another source, another name: a reader that was built from an older one is not taken.
version="$(cat "$source/go.sum" "$source/main.go" | cksum | cut -d ' ' -f 1)"
store="${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools"
reader="$store/slsa-schema-$version"

if [ ! -x "$reader" ]; then
  if [ "${1:-}" = "--if-present" ]; then
    echo "the SLSA schema's reader is not in $store; run scripts/slsa-schema.sh" >&2
    exit 3
  fi
  if ! command -v go >/dev/null 2>&1; then
    echo "the SLSA schema's reader has to be built and there is no Go on this machine" >&2
    exit 3
  fi
  mkdir -p "$store"
  build="$(mktemp -d "$store/build.XXXXXX")"
  trap 'rm -rf "$build"' EXIT
  (cd "$source" && GOFLAGS="-mod=readonly -modcacherw" CGO_ENABLED=0 go build -trimpath -o "$build/slsa-schema" .) >&2
  mv "$build/slsa-schema" "$reader"
fi

echo "$reader"
