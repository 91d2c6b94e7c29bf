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
. "$scripts/go-tool.sh"
actionlint="$store/actionlint-$actionlint_version"
check_jsonschema="$store/check-jsonschema-$check_jsonschema_version"

if [ ! -d "$check_jsonschema" ]; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "check-jsonschema $check_jsonschema_version can't be installed: Python's pip is missing" >&2
  else
    installed="$(mktemp -d "$store/build.XXXXXX")"
    trap 'rm -rf "$installed"' EXIT
    # Another run may be faster.
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps \
      --target="$installed" -r "$scripts/lint-requirements.txt" >&2 &&
      { mv -T "$installed" "$check_jsonschema" 2>/dev/null || [ -d "$check_jsonschema" ]; } || true
  fi
fi
[ ! -d "$check_jsonschema" ] || echo "check-jsonschema $check_jsonschema"

if go_tool actionlint "$actionlint" go_install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version"; then
  echo "actionlint $actionlint"
fi
