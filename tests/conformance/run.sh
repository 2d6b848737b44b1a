#!/usr/bin/env bash
# Run the conformance requirements on the three runtimes: run.sh PYTHON [ARGUMENT...]
#
# PYTHON has perdure installed. The arguments go to the runner; by default all suites run.
# PERDURE_CONFORMANCE names the folder of the runner and its requirements.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${1:?"run.sh PYTHON [ARGUMENT...]"}
shift
runner=${PERDURE_CONFORMANCE:-}/run.py
if [ ! -f "$runner" ]; then
  echo "skipped: PERDURE_CONFORMANCE names no folder with the runner"
  exit 0
fi

root=$(cd "$here/../.." && pwd)
own=$root/.venv-conformance
if [ ! -x "$own/bin/python" ]; then
  "$python" -m venv "$own"
  "$own/bin/pip" install -q -r "$PERDURE_CONFORMANCE/requirements.txt"
fi
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac

out=$(mktemp -d)
failed=0
for runtime in asyncio trio sync; do
  echo "$runtime:"
  "$own/bin/python" "$runner" --handlers-map "$here/$runtime.json" --python "$python" \
    --workers 4 --out "$out/$runtime" "${@:---suite=all}" >"$out/$runtime.txt" 2>&1 || failed=1
  # A requirement without a handler is no success; the map says why where one is missing.
  ! grep '^NOHANDLER' "$out/$runtime.txt" || failed=1
  grep -A 4 -E '^(FAIL|ERROR|Traceback)' "$out/$runtime.txt" | head -n 100 || true
  tail -n 1 "$out/$runtime.txt"
done
[ $failed = 0 ] || echo "what was recorded is in $out"
exit $failed
