#!/usr/bin/env bash
# Measures wharf against the bare engine and Docker Compose on an idle machine: some minutes.
#
#   tests/bench.sh            every benchmark
#   tests/bench.sh NAME…      some: pods probes execs again revive replicas
#
# Compose is that of WHARF_COMPOSE, else one from Debian's package, fetched for the comparison only.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/images/build.sh
triple=$(rustc -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release --locked
if [ -z "${WHARF_COMPOSE:-}" ]; then
  deb=docker-compose_2.26.1-4_amd64.deb
  sum=47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea
  mirror=${WHARF_DEBIAN_MIRROR:-http://deb.debian.org/debian}
  mkdir -p "$target/compose"
  if [ ! -x "$target/compose/docker-compose" ] && [ "$(uname -m)" = x86_64 ]; then
    curl -fsS -o "$target/compose/$deb" "$mirror/pool/main/d/docker-compose/$deb"
    echo "$sum  $target/compose/$deb" | sha256sum --check --quiet
    dpkg-deb -x "$target/compose/$deb" "$target/compose"
    cp "$target/compose/usr/libexec/docker/cli-plugins/docker-compose" "$target/compose/docker-compose"
  fi
  [ ! -x "$target/compose/docker-compose" ] || export WHARF_COMPOSE=$target/compose/docker-compose
fi
WHARF_BIN=$target/$triple/release/wharf exec cargo test --locked --bench node -- "$@"
