#!/bin/sh
# Where the run that made an artifact can be looked at. In Dagger Cloud the address is found by itself.
set -eu
: "${ATTEST:=./attest}"

$ATTEST trace-url --url=https://dagger.cloud/traces/abcd1234 \
  with-subject-file --file=app.tar.gz \
  as-file export --path=trace.intoto.json
