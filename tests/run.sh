#!/usr/bin/env bash
# All tests: builds once, makes the test images that are missing, and runs every level on the Docker engine at hand.
#
#   tests/run.sh            everything
#   tests/run.sh ARGS…      passed to `cargo test`
set -euo pipefail
cd "$(dirname "$0")/.."

need=()
for pair in kubectl:kubernetes-client debootstrap:debootstrap ip:iproute2 nft:nftables shellcheck:shellcheck curl:curl openssl:openssl; do
  command -v "${pair%%:*}" >/dev/null || need+=("${pair##*:}")
done
if [ ${#need[@]} -gt 0 ]; then
  echo "installing what the tests drive: ${need[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

# Side by side: the release build ends on one core for minutes.
tests/images/build.sh &
images=$!
cargo build --release --locked &
release=$!
cargo test --locked --no-run
wait "$images"
wait "$release"

triple=$(rustc -vV | sed -n 's/^host: //p')
export WHARF_BIN=${CARGO_TARGET_DIR:-$PWD/target}/$triple/release/wharf
exec cargo test --locked "$@"
