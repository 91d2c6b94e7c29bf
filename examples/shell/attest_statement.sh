#!/bin/sh
# A predicate of your own about a file: what any team's own checks need.
set -eu
: "${ATTEST:=./attest}"
predicate=$1 file=$2

$ATTEST statement --predicate-type=https://example.com/review/v1 --predicate="$predicate" \
  with-subject-file --file="$file" \
  as-file export --path=review.intoto.json
