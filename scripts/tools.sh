#!/usr/bin/env bash
# Installs what the build and the tests need and this machine does not have, and says what it does.
#
#   scripts/tools.sh build   what `make run` needs
#   scripts/tools.sh test    what `make test` needs as well
#   scripts/tools.sh env     prints the PATH line for the pinned tools (used by the Makefile)
#
# Pinned tools lie in a cache outside the clone, in a folder named by tool and version, so that a fresh
# clone, `cargo clean` or another branch with other versions costs nothing.
set -euo pipefail

WASM_BINDGEN=0.2.129   # must equal the version pinned in Cargo.toml
CARGO_LEPTOS=0.3.10
BINARYEN=132.0.0       # ships wasm-opt as an npm package

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${HONDANA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hondana}
tools=$cache/tools
bindgen_dir=$tools/wasm-bindgen-$WASM_BINDGEN
leptos_dir=$tools/cargo-leptos-$CARGO_LEPTOS
binaryen_dir=$tools/binaryen-$BINARYEN

say() { printf 'set-up: %s\n' "$*" >&2; }

# Cargo's own progress is kept in a file and shown only when the install fails.
quietly() {
  local log=$1; shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    say "failed: $* (whole output in $log)"
    return 1
  fi
}

wasm_target() {
  rustup target list --installed | grep -qx wasm32-unknown-unknown && return
  say 'adding the wasm32-unknown-unknown target to the Rust toolchain'
  quietly "$cache/log/rustup.log" rustup target add wasm32-unknown-unknown
}

cargo_tool() { # name, version, folder, then settings of the environment
  local name=$1 version=$2 dir=$3; shift 3
  [ -e "$dir/.complete" ] && return
  say "building $name $version into $dir (some minutes, once)"
  # One build folder for both tools: they share half of their dependencies.
  quietly "$cache/log/$name.log" env "$@" CARGO_TARGET_DIR="$cache/tool-build" \
    cargo install --locked --force --root "$dir" --version "$version" "$name"
  touch "$dir/.complete"
}

binaryen() {
  [ -e "$binaryen_dir/.complete" ] && return
  say "installing wasm-opt (binaryen $BINARYEN) into $binaryen_dir"
  quietly "$cache/log/binaryen.log" npm install --no-audit --no-fund --prefix "$binaryen_dir" "binaryen@$BINARYEN"
  touch "$binaryen_dir/.complete"
}

# Debian packages, all in one call; does nothing when they are there.
packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    say "these Debian packages are missing; install them as root: ${missing[*]}"
    return 1
  fi
  say "installing Debian packages: ${missing[*]}"
  # The tests start a server of their own, so Debian need not make a cluster that runs at every boot.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  fi
  export DEBIAN_FRONTEND=noninteractive
  quietly "$cache/log/apt-update.log" apt-get update
  quietly "$cache/log/apt.log" apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${missing[@]}"
}

browser_packages() {
  local dir=$top/end2end stamp=$top/end2end/node_modules/.hondana-lock
  cmp -s "$dir/package-lock.json" "$stamp" && return
  say 'installing the browser tests'\'' packages (npm ci)'
  quietly "$cache/log/npm-ci.log" env PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
    npm ci --no-audit --no-fund --prefix "$dir"
  cp "$dir/package-lock.json" "$stamp"
}

build_tools() {
  command -v cc >/dev/null || packages build-essential
  wasm_target
  binaryen
  # Without optimisation: these tools wait for the compiler, so their own speed does not matter.
  cargo_tool wasm-bindgen-cli "$WASM_BINDGEN" "$bindgen_dir" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1
  cargo_tool cargo-leptos "$CARGO_LEPTOS" "$leptos_dir" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0
  rm -rf "$cache/tool-build"
}

case ${1:-} in
  build) build_tools ;;
  test) build_tools; packages postgresql chromium fonts-noto-cjk; browser_packages ;;
  env) printf '%s\n' "$bindgen_dir/bin:$leptos_dir/bin:$binaryen_dir/node_modules/.bin" ;;
  *) say 'usage: scripts/tools.sh build|test|env'; exit 2 ;;
esac
