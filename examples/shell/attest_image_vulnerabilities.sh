#!/bin/sh
# Known vulnerabilities of an image that is there, attached to it: to be run again as long as the image is used.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" \
  vulnerabilities sign --key=file:signing.key --passphrase=env:KEY_PASSPHRASE \
  as-file export --path=vulnerabilities.sigstore.json
$ATTEST image --reference="$IMAGE" attach --bundles=vulnerabilities.sigstore.json tree
