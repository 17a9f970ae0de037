#!/bin/sh
# Installs wharf: a release binary, or one built from this checkout.
#
#   ./install.sh                    the newest release (or the checkout, where this script stands in one)
#   ./install.sh --version 0.1.0    that release
#   ./install.sh --from-source      built from the checkout with cargo
#   ./install.sh --to DIR           into DIR (default: /usr/local/bin where it can be written, else ~/.local/bin)
#   ./install.sh --uninstall        removes the binary; nodes stay until `wharf down`
#
# WHARF_RELEASES names another place of releases: an address or a folder with wharf-VERSION-SYSTEM-ARCH and its .sha256.
set -eu

releases=${WHARF_RELEASES:-https://github.com/wharf-deploy/wharf/releases/download}
version='' from_source='' to='' uninstall=''
here=$(cd "$(dirname "$0")" && pwd)

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case "$1" in
    --version) [ $# -ge 2 ] || fail '--version needs a version'; version=$2; shift ;;
    --to) [ $# -ge 2 ] || fail '--to needs a folder'; to=$2; shift ;;
    --from-source) from_source=1 ;;
    --uninstall) uninstall=1 ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' "$0"; exit 0 ;;
    *) fail "unknown option $1 (--help tells the known ones)" ;;
  esac
  shift
done

if [ -z "$to" ]; then
  if [ -w /usr/local/bin ]; then to=/usr/local/bin; else to=$HOME/.local/bin; fi
fi

if [ -n "$uninstall" ]; then
  rm -f "$to/wharf"
  echo "removed $to/wharf"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # ADDRESS-OR-PATH FILE
  case "$1" in
    http://* | https://*)
      if command -v curl >/dev/null; then curl -fsSL "$1" -o "$2"; else wget -qO "$2" "$1"; fi ;;
    *) cp "$1" "$2" ;;
  esac || fail "can't fetch $1"
}

build() {
  command -v cargo >/dev/null || fail 'building needs Rust: https://rustup.rs'
  (cd "$here" && cargo build --release --locked) || fail 'the build failed'
  target=$(cd "$here" && rustc -vV | sed -n 's/^host: //p')
  cp "${CARGO_TARGET_DIR:-$here/target}/$target/release/wharf" "$work/wharf"
}

download() {
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  machine=$(uname -m)
  case "$machine" in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no release for $machine; --from-source builds one" ;;
  esac
  [ "$system" = linux ] || [ "$system" = darwin ] || fail "there is no release for $system"
  [ -n "$version" ] || version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" 2>/dev/null | head -n 1)
  [ -n "$version" ] || fail 'name a release with --version'
  name=wharf-$version-$system-$machine
  fetch "$releases/v$version/$name" "$work/wharf"
  fetch "$releases/v$version/$name.sha256" "$work/sum"
  wanted=$(cut -d' ' -f1 "$work/sum")
  if command -v sha256sum >/dev/null; then
    got=$(sha256sum "$work/wharf" | cut -d' ' -f1)
  else
    got=$(shasum -a 256 "$work/wharf" | cut -d' ' -f1)
  fi
  [ "$got" = "$wanted" ] || fail "the checksum of $name does not match: wanted $wanted, got $got"
}

if [ -z "$from_source" ] && [ -z "$version" ] && [ -f "$here/Cargo.toml" ]; then
  from_source=1
fi
if [ -n "$from_source" ]; then build; else download; fi

mkdir -p "$to" || fail "can't make $to"
chmod 755 "$work/wharf"
# Beside it first, then in its place: a wharf that runs goes on undisturbed.
if ! { cp "$work/wharf" "$to/.wharf.new" && mv "$to/.wharf.new" "$to/wharf"; }; then fail "can't write to $to"; fi
echo "installed $("$to/wharf" version --client) in $to"
case ":$PATH:" in
  *":$to:"*) ;;
  *) echo "hint: $to is not in PATH" ;;
esac
