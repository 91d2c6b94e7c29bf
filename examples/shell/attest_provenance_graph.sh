#!/bin/sh
# The build that a provenance tells of, as a page to look at and as a flowchart for Markdown.
set -eu
: "${ATTEST:=./attest}"

$ATTEST provenance --directory=. graph --title=source export --path=provenance.html
$ATTEST provenance --directory=. mermaid
