#!/bin/sh
# Fetches which services an instance of Sigstore offers now, to sign with; INSTANCE names another than the public good one.
set -eu
: "${ATTEST:=./attest}"
: "${INSTANCE:=}" # as in --tuf-url=https://tuf.example --tuf-root=1.root.json

# shellcheck disable=SC2086
$ATTEST trusted-root $INSTANCE signing-config export --path=signing_config.json
