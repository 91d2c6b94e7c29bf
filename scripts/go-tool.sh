# For the scripts that install tools of tests; they source it.
# store: where built tools are kept.
store="${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools"
mkdir -p "$store"

# go_tool NAME FILE COMMAND...: builds FILE once, with COMMAND, which writes NAME into $build. Fails with the reason on stderr.
# Files of tests run side by side: who comes while another builds waits, then finds it there.
go_tool() {
  [ ! -x "$2" ] || return 0
  exec 7>"$store/.$1.lock"
  if command -v flock >/dev/null 2>&1; then flock 7; fi
  go_tool_build "$@" && go_tool_status=0 || go_tool_status=$?
  exec 7>&-
  return $go_tool_status
}

go_tool_build() {
  tool=$1 file=$2
  shift 2
  [ ! -x "$file" ] || return 0
  if ! command -v go >/dev/null 2>&1; then
    echo "attest: no $tool: it has to be built and there is no Go on this machine" >&2
    return 3
  fi
  echo "attest: building $tool (once)" >&2
  build=$(mktemp -d "$store/build.XXXXXX") || return 3
  built=0
  # -modcacherw: a module cache without write permission can't be deleted by an ordinary rm.
  if (export GOBIN="$build" GOFLAGS=-modcacherw CGO_ENABLED=0 && "$@") >"$build/log" 2>&1; then
    mv "$build/$tool" "$file"
  else
    tail -n 5 "$build/log" >&2
    echo "attest: no $tool: it could not be built" >&2
    built=3
  fi
  rm -rf "$build"
  return $built
}

# go_install MODULE: the command at a version, from Go's module proxy and checked against Go's checksum database.
go_install() { go install -trimpath -ldflags="-s -w" "$1"; }

# only_if_present FILE NAME: ends the script with 3 where nothing may be built and the tool is not there.
only_if_present() {
  [ -x "$1" ] && return 0
  echo "$2 is not in $store" >&2
  exit 3
}
