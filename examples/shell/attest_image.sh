#!/bin/sh
# Everything attached to an image, from every layout, as a tree.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" tree
