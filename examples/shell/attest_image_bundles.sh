#!/bin/sh
# The signed bundles of an image, and the statements in them.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" attestations --signed bundle as-file contents
$ATTEST image --reference="$IMAGE" attestations statement contents
$ATTEST image --reference="$IMAGE" attestations attestation summary
