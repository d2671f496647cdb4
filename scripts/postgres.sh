#!/bin/sh
# Starts a PostgreSQL server of its own in a temporary folder, says "ready", and stops it when its standard input closes,
# which happens whichever way the tests that started it end.
#
#   scripts/postgres.sh PORT FSYNC     FSYNC is on or off
#
# initdb refuses root, so root steps down to Debian's user for it.
set -eu
port=$1 fsync=$2
# The newest of Debian's versions, or whatever is on the path.
newest() { for bin in /usr/lib/postgresql/*/bin; do [ -x "$bin/initdb" ] && echo "$bin"; done | sort -V | tail -n 1; }
bin=$(newest)
if [ -z "$bin" ]; then
  initdb=$(command -v initdb) || { echo 'PostgreSQL is not installed; `make test` installs it' >&2; exit 1; }
  bin=$(dirname "$initdb")
fi
folder=$(mktemp -d)
as() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; as() { runuser -u postgres -- "$@"; }; fi
stop() { as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
cd "$folder"
as "$bin/initdb" -D "$folder/data" -U hondana -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=$fsync -c max_connections=400" \
    || { cat "$folder/log" >&2; exit 1; }
echo ready
cat >/dev/null
