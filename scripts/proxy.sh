#!/usr/bin/env bash
# Holds docs/proxy against the real thing: nginx and Caddy, each in front of a demo library of its own, with TLS.
#
#   scripts/proxy.sh PROGRAM
#
# Needs root: the proxies listen on ports 80 and 443 of this machine, which must be free. Nothing of the files is changed but
# the certificate, which here nobody has signed.
set -euo pipefail

program=$1
top=$(cd "$(dirname "$0")/.." && pwd)
name=library.example.jp
work=$(mktemp -d)
pids=()
# shellcheck disable=SC2317
over() { [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap over EXIT

fail() { printf 'FAILED  %s: %s\n' "$proxy" "$1" >&2; exit 1; }
holds() { printf 'ok      %s: %s\n' "$proxy" "$1"; }
# By TLS from an address of this machine, as somebody else's browser: $1 address, then what curl is to do.
from() { local address=$1; shift; curl -sk --max-time 20 --interface "$address" --resolve "$name:443:127.0.0.1" "$@"; }

for package in nginx caddy openssl curl; do
  command -v "$package" >/dev/null && continue
  printf 'set-up: installing %s\n' "$package" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null

cat >"$work/hondana.toml" <<TOML
[server]
addr = "127.0.0.1:3000"
trusted_proxies = ["127.0.0.1"]
[library]
web_address = "https://$name"
[accounts.guesses]
# So that the fourth guess from one place is too many, whichever cards it is at.
origin = { free = 3, first_wait_seconds = 600, longest_wait_seconds = 600, window_minutes = 60 }
TOML
cat >"$work/nginx.conf" <<CONF
error_log $work/nginx.log;
pid $work/nginx.pid;
events {}
http {
    access_log off;
    include $work/site.conf;
}
CONF
sed "s,/etc/letsencrypt/live/$name/fullchain.pem,$work/cert.pem,; s,/etc/letsencrypt/live/$name/privkey.pem,$work/key.pem," \
  "$top/docs/proxy/nginx.conf" >"$work/site.conf"
{ printf '{\n\tlocal_certs\n\tskip_install_trust\n\tadmin off\n}\n'; cat "$top/docs/proxy/Caddyfile"; } >"$work/Caddyfile"

# Guesses at a card from an address, saying that it comes from yet another one; answers what it is told.
guess() {
  local address=$1 card=$2 jar; jar=$(mktemp -p "$work")
  from "$address" -L -c "$jar" -b "$jar" -H "Origin: https://$name" -H "X-Forwarded-For: 192.0.2.$card" \
    -H "Forwarded: for=192.0.2.$card" -d "card=555000$card&password=Guess123&next=" "https://$name/api/sign-in"
}

check() {
  local head
  head=$(from 127.0.0.2 -D - -o /dev/null "https://$name/login")
  grep -qi '^HTTP/2 200' <<<"$head" || fail "no page by HTTP/2: $(head -1 <<<"$head")"
  grep -qi '^strict-transport-security: max-age=63072000' <<<"$head" || fail 'no HSTS'
  holds 'the page comes by HTTP/2 and TLS, with HSTS'
  head=$(from 127.0.0.2 -D - -o /dev/null -H "Origin: https://$name" -d 'card=1&password=Guess123&next=' "https://$name/api/sign-in")
  grep -qi '^set-cookie: __Host-hondana=.*Secure' <<<"$head" || fail 'the cookie is not a __Host- cookie'
  holds 'the cookie is __Host- and Secure'
  head=$(from 127.0.0.2 -D - -o /dev/null -H "Origin: https://elsewhere.example" -d 'card=1&password=x&next=' "https://$name/api/sign-in")
  grep -qi '^HTTP/2 403' <<<"$head" || fail 'a write from another site is not refused'
  holds 'a write from another site is refused'
  head=$(curl -s --max-time 20 -D - -o /dev/null --resolve "$name:80:127.0.0.1" "http://$name/guide?lang=en")
  grep -qi "^HTTP/1.1 308" <<<"$head" && grep -qi "^location: https://$name/guide?lang=en" <<<"$head" || fail 'http does not lead to https'
  holds 'http leads to https'
  [ "$(head -c 2000000 /dev/zero | from 127.0.0.2 -o /dev/null -w '%{http_code}' -H "Origin: https://$name" --data-binary @- "https://$name/api/sign-in")" = 413 ] \
    || fail 'two megabytes are taken'
  holds 'two megabytes are refused (413)'
  for card in 1 2 3; do guess 127.0.0.3 "$card" | grep -q 'しばらく受け付けて' && fail "slowed down at guess $card"; done
  guess 127.0.0.3 4 | grep -q 'しばらく受け付けて' || fail 'who says to come from elsewhere each time is believed'
  guess 127.0.0.4 5 | grep -q 'しばらく受け付けて' && fail 'one guesser slows everybody: the address is not handed on'
  holds 'guesses count by the address of the browser, whatever it says of itself'
}

serve() {
  local data; data=$(mktemp -d -p "$work")
  export HONDANA_CONFIG=$work/hondana.toml HONDANA_DATA_DIR=$data RUST_LOG=warn
  "$program" demo >/dev/null
  "$program" serve 2>"$data/log" & pids+=($!)
  for _ in $(seq 150); do curl -sf http://127.0.0.1:3000/healthz >/dev/null && return; sleep 0.2; done
  cat "$data/log" >&2
  fail 'the library did not start'
}

for proxy in nginx caddy; do
  serve
  case $proxy in
    nginx) nginx -q -p "$work" -c "$work/nginx.conf" -g 'daemon off;' & ;;
    caddy) XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work caddy run --adapter caddyfile --config "$work/Caddyfile" 2>"$work/caddy.log" & ;;
  esac
  pids+=($!)
  for _ in $(seq 100); do from 127.0.0.2 -f -o /dev/null "https://$name/healthz" && break; sleep 0.2; done
  check
  kill "${pids[@]}"
  wait "${pids[@]}" 2>/dev/null || true
  pids=()
done
