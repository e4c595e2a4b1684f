#!/usr/bin/env bash
# Installs the breachkit that this action came with into an environment of its own.
set -euo pipefail
python3 -m venv "$RUNNER_TEMP/breachkit"
"$RUNNER_TEMP/breachkit/bin/python" -m pip install --quiet --disable-pip-version-check "$BREACHKIT_SOURCE[formats]"
echo "$RUNNER_TEMP/breachkit/bin" >>"$GITHUB_PATH"
