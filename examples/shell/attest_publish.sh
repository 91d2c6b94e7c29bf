#!/bin/sh
# Publishes an image with SBOM and provenance, signed, attached and read back in one call.
set -eu
: "${ATTEST:=./attest}"
: "${CONTAINER:=alpine:3.22}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST publish --container="$CONTAINER" --address="$IMAGE" --sbom --provenance \
  --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  summary
