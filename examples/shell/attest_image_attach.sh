#!/bin/sh
# Attaches signed bundles to an image. The image keeps its digest.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" attach --bundles=review.sigstore.json,sbom.sigstore.json digest
