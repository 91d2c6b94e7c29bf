#!/bin/sh
# Installs the registries that the tests of src/oci run against, once, and prints where they are:
#   docker-registry      Debian's package of distribution (no referrers API)
#   referrers-registry   test/support/referrers-registry: go-containerregistry's, with the referrers API
# and, with --readers, other people's clients: skopeo (Debian), crane and oras (Go module proxy).
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools. Usage: scripts/registries.sh [--readers]
# One line `name path` for each; what can't be had is left out, with the reason on stderr.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/scripts/go-tool.sh"
crane_version=v0.21.7
oras_version=v1.3.6

say() { echo "attest: $*" >&2; }

# debian COMMAND: the package has the command's name.
debian() {
  if ! command -v "$1" >/dev/null 2>&1; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
      say "no $1: install Debian's package $1"
      return 0
    fi
    say "installing $1 (apt-get, once)"
    # --no-install-recommends keeps it to the program; a policy that denies keeps Debian from starting it.
    { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
      --no-install-recommends -o DPkg::Lock::Timeout=300 "$1"; } >/dev/null 2>&1 ||
      { say "no $1: apt-get install $1 failed" && return 0; }
  fi
  echo "$1 $(command -v "$1")"
}

# golang NAME FILE COMMAND...: what can't be built is left out.
golang() {
  go_tool "$@" || return 0
  echo "$1 $2"
}

build_referrers_registry() {
  (cd "$root/test/support/referrers-registry" && go build -trimpath -ldflags="-s -w" -o "$build/referrers-registry" .)
}

exec 9>"$store/.registries.lock"
if command -v flock >/dev/null 2>&1; then flock 9; fi

debian docker-registry
# Named by its sources: a change of them builds another one.
sources=$(cat "$root/test/support/referrers-registry/main.go" "$root/test/support/referrers-registry/go.sum" | cksum | cut -d' ' -f1)
golang referrers-registry "$store/referrers-registry-$sources" build_referrers_registry
if [ "${1:-}" = "--readers" ]; then
  debian skopeo
  golang crane "$store/crane-$crane_version" go_install "github.com/google/go-containerregistry/cmd/crane@$crane_version"
  golang oras "$store/oras-$oras_version" go_install "oras.land/oras/cmd/oras@$oras_version"
fi
