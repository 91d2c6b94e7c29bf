#!/bin/sh
# What `publish` made: the provenance as a statement, what the SBOM says, and the image with all that is attached to it.
set -eu
: "${ATTEST:=./attest}"
: "${CONTAINER:=alpine:3.22}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST publish --container="$CONTAINER" --address="$IMAGE" --provenance \
  --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  provenance as-file export --path=provenance.intoto.json
$ATTEST publish --container="$CONTAINER" --address="$IMAGE" --sbom \
  --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  sbom summary
$ATTEST publish --container="$CONTAINER" --address="$IMAGE" image tree
