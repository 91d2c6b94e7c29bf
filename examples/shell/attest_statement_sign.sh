#!/bin/sh
# Signs with a private key (PEM, PKCS #8 or cosign's). The passphrase comes from the environment.
set -eu
: "${ATTEST:=./attest}"

$ATTEST statement --predicate-type=https://example.com/review/v1 --predicate=review.json \
  with-subject-file --file=app.tar.gz \
  sign --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  as-file export --path=review.sigstore.json
