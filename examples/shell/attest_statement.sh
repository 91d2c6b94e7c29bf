#!/bin/sh
# A predicate of your own about a file: what any team's own checks need.
set -eu
: "${ATTEST:=./attest}"

$ATTEST statement --predicate-type=https://example.com/review/v1 --predicate=review.json \
  with-subject-file --file=app.tar.gz \
  as-file export --path=review.intoto.json
