#!/bin/sh
# Signs what several tools and modules said about one archive, in one go.
set -eu
: "${ATTEST:=./attest}"

$ATTEST collect --files=review.intoto.json --files=tests.intoto.json \
  sign --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  directory export --path=bundles
