#!/bin/sh
# An SBOM of an image by Trivy, as CycloneDX; its subject is the digest of the image's manifest.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST sbom --container="$IMAGE" --scanner=TRIVY --format=CYCLONEDX_JSON \
  as-file export --path=sbom.cdx.intoto.json
