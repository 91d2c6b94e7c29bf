# Sourced by ./attest, scripts/test.sh and .ci/run: installs what the project needs, says what it
# installs, and does nothing where it is there already.
