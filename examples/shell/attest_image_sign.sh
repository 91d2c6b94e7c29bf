#!/bin/sh
# Signs the SBOM and provenance that BuildKit left unsigned in an image, and attaches the signatures.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" \
  sign --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  tree
