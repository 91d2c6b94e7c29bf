#!/bin/sh
# Without network: with the database that `trivy image --download-db-only --cache-dir trivy-cache` fetched.
set -eu
: "${ATTEST:=./attest}"

$ATTEST vulnerabilities --directory=. --database=trivy-cache summary
