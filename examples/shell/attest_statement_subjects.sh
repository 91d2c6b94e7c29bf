#!/bin/sh
# What an attestation can be about: files, directories, anything with a digest. One may have many subjects.
set -eu
: "${ATTEST:=./attest}"
: "${DIGEST:=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}"

$ATTEST statement --predicate-type=https://example.com/review/v1 --predicate=review.json \
  with-subject-file --file=app.tar.gz \
  with-subject-directory --directory=dist --name=dist \
  with-subject --name=app --digests="$DIGEST" \
  as-file export --path=review.intoto.json
