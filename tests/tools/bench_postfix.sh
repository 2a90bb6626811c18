#!/usr/bin/env bash
# A Postfix of its own on loopback, for `cargo bench -p post` only: STARTTLS with a certificate of its own, a queue on
# disk with its fsyncs, and every mail discarded once it is in the queue. Wants root and Debian's postfix installed
# (apt-get install postfix openssl); touches neither the system's configuration nor its queue, and stops with ctrl-C.
#
#   tests/tools/bench_postfix.sh [PORT]
set -euo pipefail

port=${1:-2525}
[ "$(id -u)" = 0 ] || { echo "bench_postfix: wants root: Postfix changes users" >&2; exit 77; }
command -v postfix >/dev/null || { echo "bench_postfix: no postfix; apt-get install postfix" >&2; exit 69; }
home=$(mktemp -d /var/tmp/carebus-postfix.XXXXXX)
stop() {
    postfix -c "$home/etc" stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT
chmod 755 "$home"
mkdir -p "$home/etc" "$home/queue" "$home/data"
chown postfix "$home/data"
# Its own authority, and none for anybody else: rustls takes no authority's certificate for a server's.
cat >"$home/etc/openssl.cf" <<CERTIFICATE
[req]
prompt = no
distinguished_name = name
x509_extensions = server
[name]
CN = localhost
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost
CERTIFICATE
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -config "$home/etc/openssl.cf" \
    -keyout "$home/etc/key.pem" -out "$home/cert.pem" 2>/dev/null
cat >"$home/etc/main.cf" <<MAIN
compatibility_level = 3.6
queue_directory = $home/queue
data_directory = $home/data
command_directory = $(postconf -h command_directory)
daemon_directory = $(postconf -h daemon_directory)
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = discard:
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = $home/cert.pem
smtpd_tls_key_file = $home/etc/key.pem
maillog_file = $home/log
maillog_file_prefixes = $home
MAIN
# Only what takes a mail, queues it and discards it; in no chroot.
cat >"$home/etc/master.cf" <<MASTER
127.0.0.1:$port inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
MASTER
postfix -c "$home/etc" start 2>&1 | grep -v "^postfix/postfix-script: starting" >&2 || true
echo "CAREBUS_BENCH_SMTP=localhost:$port CAREBUS_BENCH_CA=$home/cert.pem cargo bench -p post"
echo "ctrl-C stops it and removes $home"
sleep infinity
