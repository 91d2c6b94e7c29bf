#!/bin/sh
# Promotes an image with everything attached to it, but only if the key's owner signed for it.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"
: "${TO:=registry.example/production/app:1.2}"

$ATTEST image --reference="$IMAGE" copy --to="$TO" --keys=signing.pub reference
