#!/bin/sh
# The predicate types that are attached, what was left out and why, and one SBOM as a file.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" attestations predicate-type
$ATTEST image --reference="$IMAGE" skipped
$ATTEST image --reference="$IMAGE" attestations --predicate-type=https://spdx.dev/Document \
  predicate contents
