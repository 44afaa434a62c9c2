#!/usr/bin/env bash
# Builds the benchmarks, makes a Python environment for the peers when there is none (or takes LUMEN_PYTHON), runs both.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${LUMEN_PYTHON:-$here/.venv/bin/python}
if [ ! -x "$python" ]; then
  echo "bench: installing SciPy, SimpleITK and OpenCV into Benchmarks/.venv" >&2
  python3 -m venv "$here/.venv"
  "$here/.venv/bin/pip" install -q numpy==2.4.6 scipy==1.17.1 simpleitk==2.5.7 opencv-python-headless==5.0.0.93
fi
swift build -c release --package-path "$here" --static-swift-stdlib 2>&1 | "$here/../scripts/quiet.sh"
cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1 | tr -cs 'A-Za-z0-9\n' '-' | sed 's/-*$//')
results=$here/runs/$(date +%F)-${cpu:-unknown}
"$python" "$here/compare.py" "$here/.build/release/lumen-bench" "$results"
exec "$python" "$here/peers.py" "$here/.build/release/lumen-bench" "$results"
