#!/bin/sh
# Verifies against a policy, and keeps the reasons and the findings for code scanning (SARIF).
set -eu
: "${ATTEST:=./attest}"

$ATTEST verify --bundles=review.sigstore.json --file=app.tar.gz --keys=signing.pub \
  --policy=policy.yaml sarif export --path=verification.sarif
