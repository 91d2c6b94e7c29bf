#!/bin/sh
# Installs the tools that test/interop and bench/verification compare with, once, and prints where they are:
#   cosign  v3.1.2, built by Go from its module proxy (checked against Go's checksum database)
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools. Usage: scripts/interop-tools.sh [--if-present]
# With --if-present nothing is built: exit 3 when a tool is not there yet.
set -eu

cosign_version=v3.1.2
store="${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools"
cosign="$store/cosign-$cosign_version"

if [ ! -x "$cosign" ]; then
  if [ "${1:-}" = "--if-present" ]; then
    echo "cosign $cosign_version is not in $store; run scripts/interop-tools.sh" >&2
    exit 3
  fi
  if ! command -v go >/dev/null 2>&1; then
    echo "cosign $cosign_version has to be built and there is no Go on this machine" >&2
    exit 3
  fi
  mkdir -p "$store"
  build="$(mktemp -d "$store/build.XXXXXX")"
  trap 'rm -rf "$build"' EXIT
  # -modcacherw: a module cache without write permission can't be deleted by an ordinary rm.
  GOFLAGS=-modcacherw CGO_ENABLED=0 GOBIN="$build" \
    go install -trimpath -ldflags="-s -w" "github.com/sigstore/cosign/v3/cmd/cosign@$cosign_version" >&2
  mv "$build/cosign" "$cosign"
fi

echo "$cosign"
