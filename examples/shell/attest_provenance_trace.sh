#!/bin/sh
# Provenance with times and usage that only a watcher from outside sees: the build runs under `record`.
set -eu
: "${ATTEST:=./attest}"
: "${BUILD:=dagger call build export --path=./dist}"

$ATTEST record --trace=build.jsonl -- $BUILD
$ATTEST provenance --directory=./dist --trace=build.jsonl as-file export --path=provenance.intoto.json
