#!/bin/sh
# The same with an OpenVEX document that is there already; it goes into the statement byte for byte.
set -eu
: "${ATTEST:=./attest}"

$ATTEST vex --document=app.openvex.json \
  with-subject-file --file=app.tar.gz \
  as-file export --path=vex.intoto.json
