#!/bin/sh
# A declared base image: the provenance names the digest that its tag stands for now.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/base:1.2}"

$ATTEST declare --name=release with-image --image="$IMAGE" --name=base provenance --directory=. summary
