#!/bin/sh
# What a publication was given: its SBOM and provenance as statements, and the image with all of it attached.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST publish --container=alpine:3.22 --address="$IMAGE" --sbom --key=file:cosign.key sbom summary
$ATTEST publish --container=alpine:3.22 --address="$IMAGE" --provenance --key=file:cosign.key provenance summary
$ATTEST publish --container=alpine:3.22 --address="$IMAGE" --sbom --key=file:cosign.key image tree
