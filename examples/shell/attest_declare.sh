#!/bin/sh
# Provenance with what only the author knows: which source, which parameters, what each step is for.
set -eu
: "${ATTEST:=./attest}"

$ATTEST declare --name=release \
  with-source --name=source --directory=. \
  with-material --name=review --file=review.json \
  with-parameter --name=version --value=1.2.0 \
  with-secret --name=deploy-key \
  with-cache --key=packages \
  with-service --name=database \
  with-step --name=pack --command=tar --command=-czf --command=app.tar.gz --inputs=source --inputs=review \
  provenance --file=app.tar.gz as-file export --path=release.provenance.json
