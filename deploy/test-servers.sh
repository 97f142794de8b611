#!/bin/sh
# Provide the real servers that the tests talk to: PostgreSQL, Redis, Mosquitto and Chromium.
#
# What is already here is used as it is. On Debian and Ubuntu, with root or passwordless sudo, what is
# missing is installed without starting any service: tests/servers.py starts its own, on free ports, in
# folders of their own. Anywhere else, one line per missing server says how to get it.
#
# A server named by MULTIPASS_TEST_POSTGRES_URL, MULTIPASS_TEST_REDIS_URL, MULTIPASS_TEST_MQTT_URL or a
# browser named by MULTIPASS_CHROMIUM is needed no further. tests/servers.py looks in the same places.
set -eu

# Daemons live in sbin, which is seldom on a user's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && as_root true 2>/dev/null
}

# any NAME...: true when one of these commands exists
any() {
    for name in "$@"; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

# Debian keeps PostgreSQL's server commands off PATH, one folder per version.
has_postgres() {
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        if [ -x "$initdb" ]; then return 0; fi
    done
    if any pg_config && [ -x "$(pg_config --bindir)/initdb" ]; then return 0; fi
    any initdb
}

# On Ubuntu the chromium packages are shells around a snap, which cannot read a test's temporary folder.
chromium_is_a_snap() {
    grep -qs '^ID=ubuntu' /etc/os-release
}

packages=
missing=

# need PACKAGE "one line that says how to get it elsewhere"
need() {
    packages="$packages $1"
    missing="$missing
multipass: $2"
}

[ -n "${MULTIPASS_TEST_POSTGRES_URL:-}" ] || has_postgres ||
    need postgresql "no PostgreSQL server (initdb): install the package postgresql, or set MULTIPASS_TEST_POSTGRES_URL"
[ -n "${MULTIPASS_TEST_REDIS_URL:-}" ] || any valkey-server redis-server ||
    need redis-server "no Redis server: install the package valkey or redis-server, or set MULTIPASS_TEST_REDIS_URL"
[ -n "${MULTIPASS_TEST_MQTT_URL:-}" ] || any mosquitto ||
    need mosquitto "no MQTT broker: install the package mosquitto, or set MULTIPASS_TEST_MQTT_URL"
if [ -z "${MULTIPASS_CHROMIUM:-}" ] && ! any chromium chromium-browser google-chrome; then
    if chromium_is_a_snap; then
        echo "multipass: no Chromium, and Ubuntu's is a snap: install Google Chrome or another build, or set MULTIPASS_CHROMIUM" >&2
        exit 1
    fi
    need chromium "no Chromium: install the package chromium, or set MULTIPASS_CHROMIUM to a browser's binary"
fi

if [ -z "$packages" ]; then exit 0; fi

if ! may_install; then
    echo "$missing" | sed 1d >&2
    exit 1
fi

# Debian starts a service as soon as it is installed, unless this script, if there is one, says no (101).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
fi

echo "multipass: installing$packages, for the tests"
as_root apt-get -q update
# $packages is a list of words: the splitting is wanted.
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install $packages
