#!/bin/sh
# What is in a handful of attestations, a line each.
set -eu
: "${ATTEST:=./attest}"

$ATTEST collect --files=review.intoto.json --files=review.sigstore.json summary
