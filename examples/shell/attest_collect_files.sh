#!/bin/sh
# The files of a collection, one by one.
set -eu
: "${ATTEST:=./attest}"

$ATTEST collect --files=review.intoto.json --files=review.sigstore.json files name
