#!/bin/sh
# Verifies against a policy file, and keeps the verdict for people (HTML) and for programs (JSON).
set -eu
: "${ATTEST:=./attest}"

$ATTEST verify --bundles=review.sigstore.json --file=app.tar.gz --keys=signing.pub \
  --policy=policy.yaml report export --path=verification.html

$ATTEST verify --bundles=review.sigstore.json --file=app.tar.gz --keys=signing.pub \
  --policy=policy.yaml json export --path=verification.json
