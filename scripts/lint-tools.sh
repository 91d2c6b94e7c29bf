#!/bin/sh
# Installs the linter of GitHub Actions' workflows, once, and prints where it is:
#   actionlint  v1.7.12, built by Go from its module proxy (checked against Go's checksum database)
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools. Usage: scripts/lint-tools.sh [--if-present]
# With --if-present nothing is built: exit 3 when it is not there yet.
set -eu

actionlint_version=v1.7.12
store="${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools"
actionlint="$store/actionlint-$actionlint_version"

if [ ! -x "$actionlint" ]; then
  if [ "${1:-}" = "--if-present" ]; then
    echo "actionlint $actionlint_version is not in $store; run scripts/lint-tools.sh" >&2
    exit 3
  fi
  if ! command -v go >/dev/null 2>&1; then
    echo "actionlint $actionlint_version has to be built and there is no Go on this machine" >&2
    exit 3
  fi
  mkdir -p "$store"
  build="$(mktemp -d "$store/build.XXXXXX")"
  trap 'rm -rf "$build"' EXIT
  # -modcacherw: a module cache without write permission can't be deleted by an ordinary rm.
  GOFLAGS=-modcacherw CGO_ENABLED=0 GOBIN="$build" \
    go install -trimpath -ldflags="-s -w" "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version" >&2
  mv "$build/actionlint" "$actionlint"
fi

echo "$actionlint"
