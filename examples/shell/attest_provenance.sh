#!/bin/sh
# SLSA provenance of a directory: what went into it, how it was made, and what could not be seen.
set -eu
: "${ATTEST:=./attest}"

$ATTEST provenance --directory=. --name=source as-file export --path=provenance.intoto.json
