#!/bin/sh
# Updates a trusted root on top of what was fetched before, and says how old it is: that survives a network that is down.
set -eu
: "${ATTEST:=./attest}"
: "${INSTANCE:=}" # as in --tuf-url=https://tuf.example --tuf-root=1.root.json

# shellcheck disable=SC2086
$ATTEST trusted-root $INSTANCE cache export --path=tuf-cache

# shellcheck disable=SC2086
$ATTEST trusted-root $INSTANCE --cache=tuf-cache summary
