#!/bin/sh
# Builds the wheel, installs it alone into a fresh environment, and does the main job with it
# in an empty folder, where no checkout can help.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${1:-python3}" -m venv "$work/env"
pip="$work/env/bin/python -m pip --quiet --disable-pip-version-check"
$pip wheel --no-deps --wheel-dir "$work/dist" "$root"
$pip install "$work"/dist/lcgraph-*.whl
cd "$work"
lcgraph="$work/env/bin/lcgraph"
$lcgraph --version
$lcgraph queries
$lcgraph query award-winners -p year 2015 --csv
$lcgraph validate
$lcgraph tour --output tour > tour.txt
test -s tour/learning-cities.ttl
test -s tour/learning-cities.jsonld
echo "the wheel stands alone"
