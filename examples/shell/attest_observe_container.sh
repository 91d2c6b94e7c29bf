#!/bin/sh
# What an observed function gave is there to go on with: a container here, a directory or a file elsewhere.
set -eu
: "${ATTEST:=./attest}"
: "${PIPELINE:=./ci}"

$ATTEST observe --pipeline="$PIPELINE" --call=image container label --name=version
$ATTEST observe --pipeline="$PIPELINE" --call=build --args=source=directory --args=version=1.2.0 --directory=dist \
  directory entries
