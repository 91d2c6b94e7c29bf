#!/bin/sh
# Gives an image that is there an SBOM of each platform, signed and attached, in one call.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" \
  attach-sbom --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  tree
