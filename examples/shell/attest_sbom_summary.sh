#!/bin/sh
# What an SBOM found, in a few lines for the terminal.
set -eu
: "${ATTEST:=./attest}"

$ATTEST sbom --directory=. summary
