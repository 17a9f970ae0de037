#!/usr/bin/env bash
# Makes the images that the tests and examples name from Debian's packages, because nothing can be pulled where they run.
# Real software, under the names that manifests use, with the entry points and paths of the images of those names.
#
#   tests/images/build.sh           makes what is missing on the Docker host
#   tests/images/build.sh --force   makes all anew
# An image of a user's under one of these names is left alone, and the tests run with it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
label=wharf.test-image=1
mirror=${WHARF_DEBIAN_MIRROR:-http://deb.debian.org/debian}
packages=nginx-light,redis-server,postgresql-15,mariadb-server,apache2,libapache2-mod-php,php-mysql,php-pgsql,wordpress,adminer,curl,busybox-static,procps,openssl,docker-registry,etcd-server
names=(nginx:1.27 redis:7 postgres:16 mariadb:11 wordpress:6 adminer:4 busybox:1.36 curlimages/curl:8.8.0 registry:2 quay.io/coreos/etcd:v3.4.23)

missing() {
  for name in "${names[@]}"; do
    docker image inspect "$name" >/dev/null 2>&1 || return 0
  done
  return 1
}

if [ "${1:-}" != --force ] && ! missing; then
  exit 0
fi

if ! command -v debootstrap >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

# One root for all: the images share its layer, so the whole set costs one import.
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -qq --no-install-recommends ${packages//,/ } \
  >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}/* \
  "$root"/var/lib/mysql/* "$root"/var/lib/postgresql/15
cp -r "$here/rootfs/." "$root/"
chmod +x "$root"/usr/local/bin/*
ln -sf /dev/stdout "$root/var/log/nginx/access.log"
ln -sf /dev/stderr "$root/var/log/nginx/error.log"
mkdir -p "$root/etc/nginx/conf.d" "$root/usr/share/nginx/html" "$root/docker-entrypoint-initdb.d"

may_make() { # NAME: not one that a user has under this name
  local mark
  mark=$(docker image inspect -f '{{index .Config.Labels "wharf.test-image"}}' "$1" 2>/dev/null) || return 0
  [ "$mark" = 1 ]
}

make() { # NAME, then lines of its Dockerfile
  local name=$1
  shift
  may_make "$name" || return 0
  DOCKER_BUILDKIT=0 docker build -q --label "$label" -t "$name" - >/dev/null 2>"$work/log" <<EOF || { cat "$work/log" >&2; exit 1; }
FROM wharf-test-base
$(printf '%s\n' "$@")
EOF
}

tar -C "$root" -c . | docker import --change "LABEL ${label/=/ }" - wharf-test-base >/dev/null
make nginx:1.27 'EXPOSE 80' 'STOPSIGNAL SIGQUIT' 'CMD ["nginx", "-g", "daemon off;"]'
make redis:7 'EXPOSE 6379' 'WORKDIR /data' 'VOLUME /data' 'ENTRYPOINT ["redis-entrypoint"]' 'CMD ["redis-server"]'
make postgres:16 'EXPOSE 5432' 'STOPSIGNAL SIGINT' 'ENV PGDATA=/var/lib/postgresql/data PATH=/usr/local/bin:/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  'VOLUME /var/lib/postgresql/data' 'ENTRYPOINT ["postgres-entrypoint"]' 'CMD ["postgres"]'
make mariadb:11 'EXPOSE 3306' 'VOLUME /var/lib/mysql' 'ENTRYPOINT ["mariadb-entrypoint"]' 'CMD ["mariadbd"]'
make wordpress:6 'EXPOSE 80' 'WORKDIR /var/www/html' 'ENTRYPOINT ["wordpress-entrypoint"]' 'CMD ["apache2ctl", "-D", "FOREGROUND"]'
make adminer:4 'EXPOSE 8080' 'CMD ["php", "-S", "0.0.0.0:8080", "/usr/share/adminer/adminer.php"]'
make registry:2 'EXPOSE 5000' 'VOLUME /var/lib/registry' 'ENTRYPOINT ["docker-registry"]' 'CMD ["serve", "/etc/docker/registry/config.yml"]'
make quay.io/coreos/etcd:v3.4.23 'EXPOSE 2379' 'CMD ["etcd"]'
make curlimages/curl:8.8.0 'ENTRYPOINT ["curl"]'

box=$work/busybox
mkdir -p "$box"/{bin,etc,tmp,root,proc,sys,dev}
cp "$root/bin/busybox" "$box/bin/busybox"
for applet in $("$box/bin/busybox" --list); do ln -s busybox "$box/bin/$applet" 2>/dev/null || true; done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$box/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$box/etc/group"
may_make busybox:1.36 || exit 0
tar -C "$box" -c . | docker import --change 'CMD ["sh"]' --change 'ENV PATH=/bin' --change "LABEL ${label/=/ }" - busybox:1.36 >/dev/null
