#!/bin/sh
# Looks into a signed bundle without believing it.
set -eu
: "${ATTEST:=./attest}"

$ATTEST open --file=review.sigstore.json attestation predicate-type
