#!/bin/sh
# What is known to be vulnerable in an image, with what your VEX documents answer left out.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=alpine:3.22}"

$ATTEST vulnerabilities --container="$IMAGE" --vex=app.openvex.json \
  as-file export --path=vulnerabilities.intoto.json
