#!/bin/sh
# Verify before deploy: fails unless a release workflow of this repository signed the image's provenance.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"
: "${IDENTITY:=https://github.com/team/app/.github/workflows/release.yml@refs/tags/v1.2.0}"
: "${ISSUER:=https://token.actions.githubusercontent.com}"

$ATTEST image --reference="$IMAGE" \
  verify --identity="$IDENTITY" --issuer="$ISSUER" --predicate-type=https://slsa.dev/provenance/v1 \
  assert
