#!/bin/sh
# An SBOM of a directory as an in-toto statement. ATTEST is the command: `dagger -m MODULE call` where
# Dagger is installed, `./attest` of a checkout where it is not.
set -eu
: "${ATTEST:=./attest}"

$ATTEST sbom --directory="${1:-.}" --name=source --format=CYCLONEDX_JSON \
  as-file --name=source.cdx.intoto.json export --path=source.cdx.intoto.json
