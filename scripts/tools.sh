#!/usr/bin/env bash
# Installs what the build and the tests need and this machine does not have, and says what it does.
#
#   scripts/tools.sh build   what `make run` needs
#   scripts/tools.sh test    what `make test` needs as well
#   scripts/tools.sh lighthouse   installs Lighthouse and prints its folder (used by `make lighthouse`)
#   scripts/tools.sh env     prints the PATH line for the pinned tools (used by the Makefile)
#
# Pinned tools lie in a cache outside the clone, in a folder named by tool and version, so that a fresh
# clone, `cargo clean` or another branch with other versions costs nothing.
set -euo pipefail

WASM_BINDGEN=0.2.129   # must equal the version pinned in Cargo.toml
CARGO_LEPTOS=0.3.10
BINARYEN=132.0.0       # ships wasm-opt as an npm package
LIGHTHOUSE=12.8.2      # the last that runs with Debian's Node

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${HONDANA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hondana}
tools=$cache/tools
bindgen_dir=$tools/wasm-bindgen-$WASM_BINDGEN
leptos_dir=$tools/cargo-leptos-$CARGO_LEPTOS
binaryen_dir=$tools/binaryen-$BINARYEN
lighthouse_dir=$tools/lighthouse-$LIGHTHOUSE

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

cargo_tool() { # name of the package and of the program, version, folder, then settings of the environment
  local name=$1 program=$2 version=$3 dir=$4 installed; shift 4
  [ -e "$dir/.complete" ] && return
  # One that is installed already, and is of exactly this version, spares building it.
  if installed=$(command -v "$program") && [ "$("$installed" --version 2>/dev/null)" = "$program $version" ]; then
    mkdir -p "$dir/bin"
    ln -sf "$installed" "$dir/bin/$program"
    touch "$dir/.complete"
    return
  fi
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

lighthouse() {
  [ -e "$lighthouse_dir/.complete" ] && return
  say "installing Lighthouse $LIGHTHOUSE into $lighthouse_dir"
  quietly "$cache/log/lighthouse.log" npm install --no-audit --no-fund --prefix "$lighthouse_dir" "lighthouse@$LIGHTHOUSE"
  touch "$lighthouse_dir/.complete"
}

# Whether what the Debian package brings is there, from wherever it came.
is_there() {
  case $1 in
    build-essential) command -v cc ;;
    chromium | npm) command -v "$1" ;;
    fonts-noto-cjk) fc-list :lang=ja 2>/dev/null | grep . ;;
    postgresql) command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' ;;
  esac >/dev/null
}

# Debian packages, all in one call; does nothing when they are there.
packages() {
  local missing=() package
  for package in "$@"; do
    is_there "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "please install what these Debian packages bring: ${missing[*]}"
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
  if ! command -v rustup >/dev/null; then
    say 'please install Rust by rustup, https://rustup.rs'
    return 1
  fi
  packages build-essential npm
  wasm_target
  binaryen
  # Without optimisation: these tools wait for the compiler, so their own speed does not matter.
  cargo_tool wasm-bindgen-cli wasm-bindgen "$WASM_BINDGEN" "$bindgen_dir" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1
  cargo_tool cargo-leptos cargo-leptos "$CARGO_LEPTOS" "$leptos_dir" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0
  rm -rf "$cache/tool-build"
}

case ${1:-} in
  build) build_tools ;;
  test) build_tools; packages postgresql chromium fonts-noto-cjk; browser_packages ;;
  lighthouse) lighthouse; printf '%s\n' "$lighthouse_dir" ;;
  env) printf '%s\n' "$bindgen_dir/bin:$leptos_dir/bin:$binaryen_dir/node_modules/.bin" ;;
  *) say 'usage: scripts/tools.sh build|test|lighthouse|env'; exit 2 ;;
esac
