#!/usr/bin/env bash
# Run the conformance requirements: run.sh PYTHON [ARGUMENT...]
#
# On the three runtimes against the official emulator, and on asyncio against `perdure dev`.
# PYTHON has perdure[local] installed. The arguments go to the runner: --suite, --ids, -v.
# PERDURE_CONFORMANCE names the folder of the runner and its requirements.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${1:?"run.sh PYTHON [ARGUMENT...]"}
shift
arguments=("$@")
runner=${PERDURE_CONFORMANCE:-}/run.py
if [ ! -f "$runner" ]; then
  echo "skipped: PERDURE_CONFORMANCE names no folder with the runner"
  exit 0
fi
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac

own=$(cd "$here/../.." && pwd)/.venv-conformance
if [ ! -x "$own/bin/python" ]; then
  "$python" -m venv "$own"
  "$own/bin/pip" install -q -r "$PERDURE_CONFORMANCE/requirements.txt"
fi

out=$(mktemp -d)
failed=0

run() { # NAME MAP ARGUMENT...
  local log=$out/$1.txt map=$here/$2.json
  echo "$1:"
  "$own/bin/python" "$runner" --handlers-map "$map" --python "$python" --workers 4 \
    --out "$out/$1" "${@:3}" ${arguments[@]+"${arguments[@]}"} >"$log" 2>&1 || failed=1
  # A requirement without a handler is no success; `_not_implemented` of the map allows it.
  ! grep '^NOHANDLER' "$log" || failed=1
  grep -A 4 -E '^(FAIL|ERROR|Traceback)' "$log" | head -n 100 || true
  tail -n 1 "$log"
}

for runtime in asyncio trio sync; do
  run "$runtime" "$runtime"
done

"$own/bin/python" "$runner" --handlers-map "$here/asyncio.json" --out "$out" --configs-only >/dev/null
read -r port lambda_port < <("$python" -c '
import socket
pair = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(each.getsockname()[1] for each in pair))')
(cd "$out" && exec "$python" -m perdure_local dev --quiet --port "$port" \
  --lambda-endpoint "http://127.0.0.1:$lambda_port" --functions "$out/function-configs.json") \
  >"$out/dev.txt" 2>&1 &
dev=$!
trap 'kill $dev 2>/dev/null || true' EXIT
for _ in {1..100}; do
  ! grep -q serving "$out/dev.txt" || break
  sleep 0.1
done
run own-service asyncio --server "http://127.0.0.1:$port" --lambda-port "$lambda_port" --start-mode invoke

[ $failed = 0 ] || echo "what was recorded is in $out"
exit $failed
