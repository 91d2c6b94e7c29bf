#!/bin/sh
# Which file is version 1.3.0 of a package.
set -eu
: "${ATTEST:=./attest}"

$ATTEST release --purl=pkg:npm/left-pad@1.3.0 \
  with-subject-file --file=left-pad-1.3.0.tgz \
  as-file export --path=release.intoto.json
