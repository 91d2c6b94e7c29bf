#!/bin/sh
# An SBOM of a directory as an in-toto statement, ready to be signed.
set -eu
: "${ATTEST:=./attest}"

$ATTEST sbom --directory=. --name=source as-file export --path=sbom.intoto.json
