#!/bin/sh
# Runs a function of another module, watches it, and keeps both what it made and how that was made.
set -eu
: "${ATTEST:=./attest}"
: "${PIPELINE:=./ci}"

$ATTEST observe --pipeline="$PIPELINE" --call=build --args=source=directory --args=version=1.2.0 --directory=dist \
  provenance as-file export --path=build.provenance.json
$ATTEST observe --pipeline="$PIPELINE" --call=notes --args=version=1.2.0 file export --path=notes.txt
