#!/bin/sh
# Verifies several bundles about one file. Prints what was checked; `assert` instead of `checks` fails.
set -eu
: "${ATTEST:=./attest}"

$ATTEST verify --bundles=review.sigstore.json --file=app.tar.gz --keys=signing.pub checks
