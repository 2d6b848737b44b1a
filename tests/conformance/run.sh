#!/usr/bin/env bash
# Run the conformance requirements: run.sh PYTHON [ARGUMENT...]
#
# The functions for asyncio, trio and sync against the official emulator and against
# `perdure dev`, and those on the official SDK against `perdure dev`; in real time, two runs
# at once. PYTHON has perdure[local] installed; PERDURE_OFFICIAL_BIN names the folder of the
# Python that has the official SDK. The arguments go to the runner: --suite, --ids, -v.
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

requirements() { # NAME MAP PYTHON ARGUMENT...: into $out/NAME.txt
  "$own/bin/python" "$runner" --handlers-map "$here/$2.json" --python "$3" --workers 4 \
    --out "$out/$1" "${@:4}" ${arguments[@]+"${arguments[@]}"} >"$out/$1.txt" 2>&1
}

free_ports() {
  "$python" -c '
import socket
pair = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(each.getsockname()[1] for each in pair))'
}

on_emulator() { # MAP
  requirements "$1-on-the-emulator" "$1" "$python"
}

on_perdure() { # MAP PYTHON
  local name=$1-on-perdure-dev port lambda_port dev status=0
  "$own/bin/python" "$runner" --handlers-map "$here/$1.json" --out "$out/$name" --configs-only \
    >/dev/null
  read -r port lambda_port < <(free_ports)
  (cd "$out" && exec "$python" -m perdure_local dev --quiet --port "$port" \
    --store "$out/$name/perdure.db" \
    --lambda-endpoint "http://127.0.0.1:$lambda_port" \
    --functions "$out/$name/function-configs.json") >"$out/$name.dev.txt" 2>&1 &
  dev=$!
  for _ in {1..100}; do
    ! grep -q serving "$out/$name.dev.txt" || break
    sleep 0.1
  done
  requirements "$name" "$1" "$2" --server "http://127.0.0.1:$port" \
    --lambda-port "$lambda_port" --start-mode invoke || status=1
  kill "$dev"
  wait "$dev" 2>/dev/null || true
  return $status
}

report() { # NAME: how it went
  local log=$out/$1.txt
  # A requirement without a handler is no success; `_not_implemented` of the map allows it.
  ! grep -q '^NOHANDLER' "$log" || touch "$out/failed"
  printf '%s:\n%s\n' "$1" "$(
    grep -A 4 -E '^(NOHANDLER|FAIL|ERROR|Traceback)' "$log" | head -n 100
    tail -n 1 "$log"
  )"
}

emulator_runs() {
  for runtime in asyncio trio sync; do
    on_emulator $runtime || touch "$out/failed"
    report $runtime-on-the-emulator
  done
}

perdure_runs() {
  for runtime in asyncio trio sync; do
    on_perdure $runtime "$python" || touch "$out/failed"
    report $runtime-on-perdure-dev
  done
  if [ -z "${PERDURE_OFFICIAL_BIN:-}" ]; then
    echo "official-on-perdure-dev: skipped, PERDURE_OFFICIAL_BIN names no folder"
    return
  fi
  on_perdure official "$PERDURE_OFFICIAL_BIN/python" || touch "$out/failed"
  report official-on-perdure-dev
}

emulator_runs &
perdure_runs
wait $! || touch "$out/failed"

[ ! -e "$out/failed" ] || {
  echo "what was recorded is in $out"
  exit 1
}
