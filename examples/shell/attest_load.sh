#!/bin/sh
# Reads a statement that another tool wrote, checks it, and shows what it is about.
set -eu
: "${ATTEST:=./attest}"

$ATTEST load --file=review.intoto.json subjects name
