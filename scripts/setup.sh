# Sourced by ./attest, scripts/test.sh and .ci/run: installs what the project needs, says in a line on
# stderr what it installs, and does nothing, fast, where all is there. POSIX sh.
#
# The caller may set attest_root (the checkout); without it the working directory is taken.
#   ensure_node       Node.js 24 first on PATH: the machine's own, or tools/node's (x64, arm64)
#   ensure_packages   node_modules as package-lock.json has it
#   ensure_buildah    Buildah, git and the certificates, by apt
#   ensure_chromium   Chromium, by apt, for the tests of pages; goes on without where it can't be had
#   ensure_scanners   Syft and Trivy in the local engine's store (scripts/scanners.sh)
#   ensure_go         Go for what the tests build and check; goes on without where it can't be had.
#                     drop_go_caches removes what it downloaded for that

: "${attest_root:=$PWD}"
attest_node_major=24

setup_say() { printf 'attest: %s\n' "$*" >&2; }

setup_fail() {
  setup_say "$@"
  exit 1
}

# Runs a command with its output kept back; shows the output's end when it fails.
setup_run() {
  setup_log=$(mktemp)
  if "$@" >"$setup_log" 2>&1; then
    rm -f "$setup_log"
    return 0
  fi
  tail -n 20 "$setup_log" >&2
  rm -f "$setup_log"
  return 1
}

# One installation at a time: a second one waits, then finds it done.
setup_locked() {
  mkdir -p "$attest_root/.cache" 2>/dev/null ||
    setup_fail "can't write to $attest_root, where packages have to be installed"
  if command -v flock >/dev/null 2>&1; then
    (
      flock 9
      "$@"
    ) 9>"$attest_root/.cache/setup.lock"
  else
    ("$@")
  fi
}

# The stamp is a copy of the lock file, written last: an interrupted or outdated installation has none
# that matches.
setup_is_installed() { cmp -s "$1/package-lock.json" "$1/node_modules/.attest-lock.json"; }

setup_npm_ci() {
  if setup_is_installed "$1"; then return 0; fi
  # Someone may have run npm there by hand, as CI does: then nothing is left to do.
  if node "$attest_root/scripts/installed.mjs" "$1" 2>/dev/null; then
    cp "$1/package-lock.json" "$1/node_modules/.attest-lock.json"
    return 0
  fi
  command -v npm >/dev/null 2>&1 || setup_fail "npm is missing: install Node.js with npm (Debian: apt-get install npm)"
  setup_say "installing $2 (npm ci, once)"
  (cd "$1" && setup_run npm ci --no-audit --no-fund --loglevel=error --prefer-offline) ||
    setup_fail "npm ci failed in $1; run it there by hand"
  cp "$1/package-lock.json" "$1/node_modules/.attest-lock.json"
}

setup_machine_node_is_enough() {
  setup_version=$(node --version 2>/dev/null) || return 1
  setup_version=${setup_version#v}
  [ "${setup_version%%.*}" -ge "$attest_node_major" ] 2>/dev/null
}

ensure_node() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) setup_platform=linux-x64 ;;
    Linux-aarch64 | Linux-arm64) setup_platform=linux-arm64 ;;
    *) setup_platform=none ;;
  esac
  setup_bin="$attest_root/tools/node/node_modules/node-$setup_platform/bin"
  if [ ! -x "$setup_bin/node" ] || ! setup_is_installed "$attest_root/tools/node"; then
    if setup_machine_node_is_enough; then return 0; fi
    [ "$setup_platform" != none ] ||
      setup_fail "Node.js $attest_node_major or newer is needed: install it from https://nodejs.org"
    setup_locked setup_npm_ci "$attest_root/tools/node" "Node.js $attest_node_major" || exit 1
  fi
  PATH="$setup_bin:$PATH"
  export PATH
}

ensure_packages() {
  if setup_is_installed "$attest_root"; then return 0; fi
  setup_locked setup_npm_ci "$attest_root" "the project's npm packages" || exit 1
}

setup_missing_packages() {
  command -v buildah >/dev/null 2>&1 || printf ' buildah'
  command -v git >/dev/null 2>&1 || printf ' git'
  [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki ] || printf ' ca-certificates'
}

setup_apt_install() {
  DEBIAN_FRONTEND=noninteractive setup_run apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

setup_apt() {
  setup_packages=$(setup_missing_packages)
  [ -n "$setup_packages" ] || return 0
  setup_say "installing$setup_packages (apt-get, once)"
  # Unquoted on purpose: a list of package names.
  if setup_apt_install $setup_packages 2>/dev/null; then return 0; fi
  setup_run apt-get update -q -o DPkg::Lock::Timeout=300 || setup_say "apt-get update failed"
  setup_apt_install $setup_packages || setup_fail "apt-get install$setup_packages failed; run it by hand"
}

ensure_buildah() {
  setup_packages=$(setup_missing_packages)
  [ -n "$setup_packages" ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    setup_fail "missing:$setup_packages. Install them with the system's package manager" \
      "(Debian, as root: apt-get install$setup_packages), or install Dagger: https://docs.dagger.io/install"
  fi
  setup_locked setup_apt || exit 1
}

# The tests that need it say so when they are skipped.
ensure_chromium() {
  if [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ] || [ -x /usr/bin/google-chrome ]; then return 0; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    setup_say "no Chromium: pages are not opened in a browser"
    return 0
  fi
  (
    setup_missing_packages() { printf ' chromium'; }
    setup_locked setup_apt
  ) || setup_say "Chromium can't be installed: pages are not opened in a browser"
}

# ensure_scanners: Syft and Trivy in the local engine's store.
. "$attest_root/scripts/scanners.sh"

# Kept beside the tools of tests. What it downloads and compiles is shared by all that is built in a run, and is
# gigabytes: see drop_go_caches.
ensure_go() {
  if scanners_go_suffices; then return 0; fi
  setup_go="$(dirname "$(scanners_store)")/tools/go-$scanners_go_version"
  if [ ! -x "$setup_go/go/bin/go" ]; then
    setup_locked setup_bring_go "$setup_go" || {
      setup_go=
      setup_say "no Go: what has to be built by it is left out of the tests"
      return 0
    }
  fi
  GOROOT="$setup_go/go" GOPATH="$setup_go/path" GOCACHE="$setup_go/cache"
  # -modcacherw: a module cache without write permission can't be deleted by an ordinary rm.
  GOENV=off GOTOOLCHAIN=local GOFLAGS=-modcacherw PATH="$setup_go/go/bin:$PATH"
  export GOROOT GOPATH GOCACHE GOENV GOTOOLCHAIN GOFLAGS PATH
  exec 8>"$setup_go/.in-use"
  if command -v flock >/dev/null 2>&1; then flock -s 8; fi
}

# At a run's end, unless another one uses them. What was built is kept.
drop_go_caches() {
  [ -n "${setup_go:-}" ] || return 0
  if command -v flock >/dev/null 2>&1 && flock -n 8; then rm -rf "$setup_go/path" "$setup_go/cache"; fi
}

# Made beside its place, then renamed: an interrupted one is begun anew.
setup_bring_go() {
  [ ! -x "$1/go/bin/go" ] || return 0
  rm -rf "$1" "$1".installing && mkdir -p "$1".installing &&
    scanners_bring_go "$1".installing "kept for the tests" && mv "$1".installing "$1"
}
