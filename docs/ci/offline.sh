#!/bin/sh
# Carry an image with its attestations to a place without network, and verify it there.
# Usage: offline.sh pack registry.example/team/app:1.2     where there is a network
#        offline.sh unpack registry.internal/team/app:1.2  where there is none but the registry inside
set -eu

case $1 in
  pack)
    ./attest image --reference="$2" as-archive export --path=app.oci.tar
    ;;
  unpack)
    # Keys need nothing else. For signatures by identity take trusted_root.json along and give --trusted-root.
    ./attest image --archive=app.oci.tar verify --keys=release.pub assert
    ./attest image --archive=app.oci.tar copy --to="$2" reference
    ;;
  *)
    echo "pack or unpack expected, got $1" >&2
    exit 2
    ;;
esac
