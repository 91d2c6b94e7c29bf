#!/bin/sh
# Takes an image along with everything attached to it, as one file or as a directory, for a place without network.
set -eu
: "${ATTEST:=./attest}"
: "${IMAGE:=registry.example/team/app:1.2}"

$ATTEST image --reference="$IMAGE" as-archive export --path=app.oci.tar
$ATTEST image --reference="$IMAGE" as-layout export --path=app-layout

# There, a key needs no network at all:
$ATTEST image --archive=app.oci.tar verify --keys=signing.pub assert
