#!/bin/sh
# Says that a vulnerability does no harm in an artifact, and why.
set -eu
: "${ATTEST:=./attest}"

$ATTEST vex --vulnerabilities=CVE-2021-44228 --status=NOT_AFFECTED \
  --justification=VULNERABLE_CODE_NOT_IN_EXECUTE_PATH --author="Ada <ada@example.com>" \
  with-subject-file --file=app.tar.gz \
  as-file export --path=vex.intoto.json
