#!/bin/sh
# Attestations about images: one that Dagger has in its hands, and one named by its digest.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"
: "${DIGEST:=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}"

$ATTEST statement --predicate-type=https://example.com/review/v1 --predicate=review.json \
  with-subject-container --container="$IMAGE" \
  as-file export --path=container.intoto.json

$ATTEST statement --predicate-type=https://example.com/review/v1 --predicate=review.json \
  with-subject-image --reference="registry.example/team/app@$DIGEST" \
  as-file export --path=image.intoto.json
