#!/bin/sh
# Verifies who signed without a key: a workflow's identity and who vouches for it. What was not checked is told.
set -eu
: "${ATTEST:=./attest}"
: "${IDENTITY:=https://github.com/team/app/.github/workflows/release.yml@refs/tags/v1.2.0}"
: "${ISSUER:=https://token.actions.githubusercontent.com}"

$ATTEST verify --bundles=provenance.sigstore.json --file=app.tar.gz \
  --identity="$IDENTITY" --issuer="$ISSUER" not-checked

$ATTEST verify --bundles=provenance.sigstore.json --file=app.tar.gz \
  --identity="$IDENTITY" --issuer="$ISSUER" failures

$ATTEST verify --bundles=provenance.sigstore.json --file=app.tar.gz \
  --identity="$IDENTITY" --issuer="$ISSUER" assert
