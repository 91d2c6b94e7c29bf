#!/bin/sh
# Publish what was built under its release name with SBOM and provenance, signed, attached, read back and verified: one call.
# Usage: publish.sh registry.example/team/app/staging:1.2 registry.example/team/app:1.2
# REGISTRY_USER, REGISTRY_TOKEN and KEY_PASSPHRASE are read from the environment, the keys from files.
# What was built is read without credentials; a pipeline that is a Dagger module hands over its container instead.
set -eu
built=$1 target=$2

./attest publish --container="$built" --address="$target" --sbom --provenance \
  --username="$REGISTRY_USER" --password=env:REGISTRY_TOKEN \
  --key=file:release.key --passphrase=env:KEY_PASSPHRASE \
  reference

# What those who deploy it run, with the public key alone.
./attest image --reference="$target" --username="$REGISTRY_USER" --password=env:REGISTRY_TOKEN \
  verify --keys=release.pub \
  --required-types=https://slsa.dev/provenance/v1,https://spdx.dev/Document \
  assert
