#!/bin/sh
# An SBOM of an image that is there: about the manifest that the registry or archive holds.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" sbom as-file export --path=sbom.intoto.json
