#!/bin/sh
# Publishes an image with SBOM and provenance, signed, attached and read back in one call.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST publish --container=alpine:3.22 --address="$IMAGE" --sbom --provenance --key=file:cosign.key summary
