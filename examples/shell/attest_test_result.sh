#!/bin/sh
# The tests that an artifact passed, from the reports of the test runner, and what configured the run.
set -eu
: "${ATTEST:=./attest}"

$ATTEST test-result --reports=junit.xml --configuration=ci.yml \
  with-subject-file --file=app.tar.gz \
  as-file export --path=tests.intoto.json
