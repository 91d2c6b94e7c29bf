#!/bin/sh
# Verifies one bundle: fails unless the key's owner signed it for exactly this file.
set -eu
: "${ATTEST:=./attest}"

$ATTEST open --file=review.sigstore.json \
  verify --file=app.tar.gz --keys=signing.pub assert
