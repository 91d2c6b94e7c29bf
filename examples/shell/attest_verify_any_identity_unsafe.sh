#!/bin/sh
# Shows who signed, before anyone is trusted: never a reason to use the artifact.
set -eu
: "${ATTEST:=./attest}"

$ATTEST verify-any-identity-unsafe --bundles=provenance.sigstore.json --file=app.tar.gz summary
