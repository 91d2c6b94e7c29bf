#!/bin/sh
# Fetches whom Sigstore's public good instance trusts now, to verify offline with; INSTANCE names another one.
set -eu
: "${ATTEST:=./attest}"
: "${INSTANCE:=}" # as in --tuf-url=https://tuf.example --tuf-root=1.root.json

# shellcheck disable=SC2086
$ATTEST trusted-root $INSTANCE as-file export --path=trusted_root.json
