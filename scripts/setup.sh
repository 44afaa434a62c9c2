#!/usr/bin/env bash
# Installs the development libraries that Lumen links. Idempotent; uses sudo only when something is missing.
set -euo pipefail
packages=(
  libdcmtk-dev libpng-dev libjpeg-dev libopenjp2-7-dev libjxl-dev libtiff-dev zlib1g-dev libisal-dev
  libsqlite3-dev pkg-config
)
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
command -v swift >/dev/null || { echo "setup: Swift 6.2 or later is needed (swift.org/install)" >&2; exit 69; }
[ ${#missing[@]} -eq 0 ] && exit 0
echo "setup: installing ${missing[*]}" >&2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
install() { "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1; }
install || { "${as_root[@]}" apt-get update -qq && install; } || {
  echo "setup: apt-get could not install ${missing[*]}; install them and run make again" >&2
  exit 69
}
