#!/bin/sh
# Verifies once and signs the outcome, so that others need not look at the evidence again (SLSA VSA).
set -eu
: "${ATTEST:=./attest}"

$ATTEST verify --bundles=review.sigstore.json --file=app.tar.gz --keys=signing.pub \
  vsa --verifier-id=https://example.com/verifier --resource-uri=https://example.com/app \
  --policy-uri=https://example.com/policy --verified-levels=SLSA_BUILD_LEVEL_2 \
  sign --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  as-file export --path=vsa.sigstore.json
