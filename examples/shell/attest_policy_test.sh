#!/bin/sh
# Tries a policy on cases whose outcome is known; fails with those that came out otherwise.
set -eu
: "${ATTEST:=./attest}"

$ATTEST policy-test --policy=policy.yaml --cases=policy-cases assert
