#!/bin/sh
# Installs the linters of the CI recipes, once each, and prints `NAME PATH` for each that is there:
#   check-jsonschema  with GitLab's, CircleCI's and GitHub's own schemas; by pip, scripts/lint-requirements.txt
#   actionlint        v1.7.12, built by Go from its module proxy (checked against Go's checksum database)
# What can't be had (no pip, no Go) is said on stderr and left out.
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools.
set -eu

actionlint_version=v1.7.12
check_jsonschema_version=0.39.0
scripts="$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)"
store="${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools"
actionlint="$store/actionlint-$actionlint_version"
check_jsonschema="$store/check-jsonschema-$check_jsonschema_version"
mkdir -p "$store"
build="$(mktemp -d "$store/build.XXXXXX")"
# -modcacherw: a module cache without write permission can't be deleted by an ordinary rm.
trap 'rm -rf "$build"' EXIT

if [ ! -d "$check_jsonschema" ]; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "check-jsonschema $check_jsonschema_version can't be installed: Python's pip is missing" >&2
  elif PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps \
    --target="$build/check-jsonschema" -r "$scripts/lint-requirements.txt" >&2; then
    # Another run may have been faster.
    mv -T "$build/check-jsonschema" "$check_jsonschema" 2>/dev/null || [ -d "$check_jsonschema" ]
  fi
fi
[ ! -d "$check_jsonschema" ] || echo "check-jsonschema $check_jsonschema"

if [ ! -x "$actionlint" ]; then
  if ! command -v go >/dev/null 2>&1; then
    echo "actionlint $actionlint_version has to be built and there is no Go on this machine" >&2
  elif GOFLAGS=-modcacherw CGO_ENABLED=0 GOBIN="$build" \
    go install -trimpath -ldflags="-s -w" "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version" >&2; then
    mv "$build/actionlint" "$actionlint"
  fi
fi
[ ! -x "$actionlint" ] || echo "actionlint $actionlint"
