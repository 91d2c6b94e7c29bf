#!/bin/sh
# Attaches to a repository apart from the image's, finds it there, and takes it along: what COSIGN_REPOSITORY is for cosign.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"
: "${APART:=registry.example/team/attestations}"
: "${TO:=registry.example/production/app:1.2}"

$ATTEST image --reference="$IMAGE" --attestation-repository="$APART" attach --bundles=review.sigstore.json digest
$ATTEST image --reference="$IMAGE" --attestation-repository="$APART" verify --keys=signing.pub assert
$ATTEST image --reference="$IMAGE" --attestation-repository="$APART" copy --to="$TO" summary
