#!/bin/sh
# npm test: installs what is missing, then runs the tests. Arguments go to vitest (a file, -t NAME).
# The last line of its output is `N passed, N failed`, with `, N skipped` where there are any.
set -eu
attest_root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cd "$attest_root"
. scripts/setup.sh
ensure_node
ensure_packages
ensure_buildah
ensure_chromium
ensure_go
ensure_scanners

reporter=default
if [ -n "${CI:-}" ]; then reporter=verbose; fi
status=0
node node_modules/vitest/vitest.mjs run --reporter="$reporter" --reporter=./scripts/summary-reporter.ts "$@" || status=$?
drop_go_caches
exit $status
