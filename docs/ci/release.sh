#!/bin/sh
# Sign, verify and promote an image from any shell, without Dagger: `./attest` brings what it needs.
# Usage: release.sh registry.example/team/app/staging@sha256:... registry.example/team/app:1.2
# REGISTRY_USER, REGISTRY_TOKEN and KEY_PASSPHRASE are read from the environment, the keys from files.
set -eu
image=$1 target=$2

./attest image --reference="$image" --username="$REGISTRY_USER" --password=env:REGISTRY_TOKEN \
  sign --key=file:release.key --passphrase=env:KEY_PASSPHRASE \
  tree

# With `assert` the script ends here when the evidence does not hold.
./attest image --reference="$image" --username="$REGISTRY_USER" --password=env:REGISTRY_TOKEN \
  verify --keys=release.pub --platform=linux/amd64 \
  --required-types=https://slsa.dev/provenance/v1,https://spdx.dev/Document \
  assert

./attest image --reference="$image" --username="$REGISTRY_USER" --password=env:REGISTRY_TOKEN \
  copy --to="$target" \
  reference
