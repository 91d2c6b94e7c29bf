#!/bin/sh
# Fetches the JSON Schema of SARIF 2.1.0 (rtm.5) once, out of the npm package @microsoft/jest-sarif, and prints where it is.
# The store is ${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools.
set -eu

package=@microsoft/jest-sarif@1.0.0-beta.0
integrity=A1fOhPd6Ic5iDk4F9YPw1qNB4XF+7+IviR7xl8r2F6QzQkx5cpY9LsGk2rExiFIEcBbjpVnSmwWGBukASkiQ9A==
store="${ATTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attest}/tools"
schema="$store/sarif-2.1.0-rtm.5.json"

if [ ! -f "$schema" ]; then
  mkdir -p "$store"
  build="$(mktemp -d "$store/build.XXXXXX")"
  trap 'rm -rf "$build"' EXIT
  (cd "$build" && npm pack "$package" --silent >/dev/null)
  archive="$build/microsoft-jest-sarif-1.0.0-beta.0.tgz"
  found="$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)"
  if [ "$found" != "$integrity" ]; then
    echo "$package has another content than expected: sha512-$found" >&2
    exit 1
  fi
  tar -xzf "$archive" -C "$build" package/lib/schemas/sarif-2.1.0-rtm.5.json
  mv "$build/package/lib/schemas/sarif-2.1.0-rtm.5.json" "$schema"
fi

echo "$schema"
