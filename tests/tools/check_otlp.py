"""Does `carebus up`, built with the feature otel, send its decisions to an OTLP collector? `make otlp` runs this.

usage: check_otlp.py CAREBUS NATS-SERVER. A real nats-server, a real gRPC collector, the real command; all on loopback.
"""

import datetime
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

CAREBUS, NATS_SERVER = sys.argv[1:]
PATIENCE = 60
NAMES = ("Xenophilia", "Wyverncraft", "zanzibarius")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("CAREBUS_", "OTEL_", "NATS_", "RUST_LOG"))}


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps every span; listens on a free port, with TLS if there is a certificate."""

    def __init__(self, certificate=None):
        self.spans, self.raw = [], b""
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self.server)
        if certificate:
            pair = tuple(certificate.with_suffix(kind).read_bytes() for kind in (".key", ".pem"))
            self.port = self.server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
        else:
            self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def Export(self, request, context):
        self.raw += request.SerializeToString()
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()


def certify(home):
    """A certificate for 127.0.0.1 that nobody but SSL_CERT_FILE vouches for; none without openssl."""
    certificate = home / "collector.pem"
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=collector",
                        "-keyout", certificate.with_suffix(".key"), "-out", certificate, "-addext",
                        "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"],
                       check=True, capture_output=True)
    except FileNotFoundError:
        return None
    return certificate


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(what, probe):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := probe():
            return found
        time.sleep(0.1)
    sys.exit(f"check_otlp: not within {PATIENCE} s: {what}")


def facts(patient):
    """An acupuncturist's hours, a plan with names in it, and a PT session in eight days."""
    now = datetime.datetime.now(datetime.timezone.utc)
    today, start = now.date().isoformat(), (now + datetime.timedelta(days=8)).replace(hour=15, minute=0, second=0)
    week = [{"day": day, "from": "00:00", "to": "23:00"} for day in "mon tue wed thu fri sat sun".split()]
    team = [{"role": "acupuncturist", "member_id": "m-3", "practitioner": "acu-1", "email": "zanzibarius@acu.example"}]
    end = start + datetime.timedelta(hours=1)
    wanted = [
        ("calendar.published", "practitioner/acu-1", {"revision": 1, "timezone": "America/Toronto", "weekly": week}),
        ("plan.activated", f"patient/{patient}", {
            "plan_id": "cp-1", "revision": 1, "timezone": "America/Toronto", "started_on": today,
            "patient": {"name": "Xenophilia Wyverncraft"}, "team": team}),
        ("session.booked", f"patient/{patient}", {
            "session_id": "pt-1", "revision": 1, "modality": "pt", "clinic": "eastside",
            "start": f"{start:%FT%TZ}", "end": f"{end:%FT%TZ}"}),
    ]
    return "\n".join(json.dumps({
        "specversion": "1.0", "id": f"{patient}-{n}", "source": "urn:carebus:acme:hub", "type": f"carebus.{kind}.v1",
        "subject": f"acme/{about}", "time": f"{now:%FT%TZ}", "data": data,
    }) for n, (kind, about, data) in enumerate(wanted))


class Node:
    """A `carebus up` that sends to `endpoint`, and is asked to publish a booking of `patient`."""

    def __init__(self, home, nats, patient, endpoint, delay_ms, **environment):
        home.mkdir()
        self.log, self.patient = home / "log", patient
        config = home / "carebus.toml"
        config.write_text(f'org = "acme"\nname = "{patient}"\nstate = "{home}/state"\n[mail]\ntransport = "memory"\n'
                          f'[health]\nlisten = ""\n[log]\nlevel = "warn"\notlp = "{endpoint}"\n')
        self.command = [CAREBUS, "--config", str(config), "--nats", nats]
        with self.log.open("w") as log:
            environment = ENVIRONMENT | environment | {"OTEL_BSP_SCHEDULE_DELAY": str(delay_ms)}
            self.process = subprocess.Popen([*self.command, "up"], stdout=log, stderr=log, env=environment)

    def book(self):
        done = subprocess.run([*self.command, "publish", "-"], input=facts(self.patient), text=True, env=ENVIRONMENT,
                              capture_output=True)
        if done.returncode:
            sys.exit(f"check_otlp: publish: {done.stderr}")
        until(f"{self.patient} has an EA session\n{self.log.read_text()}", self.has_ea)

    def has_ea(self):
        done = subprocess.run([*self.command, "--json", "chart", self.patient], text=True, env=ENVIRONMENT,
                              capture_output=True)
        return '"ea"' in done.stdout

    def stop(self):
        """How long it took, in seconds."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        if code != 0:
            sys.exit(f"check_otlp: ended with {code}\n{self.log.read_text()}")
        return time.monotonic() - began


def attributes(span):
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}


def arrives(home, nats, patient, certificate=None):
    collector = Collector(certificate)
    scheme, trust = ("https", {"SSL_CERT_FILE": str(certificate)}) if certificate else ("http", {})
    # By itself it would send in an hour: what is there when the process has ended, SIGTERM made it send.
    node = Node(home / patient, nats, patient, f"{scheme}://127.0.0.1:{collector.port}", 3_600_000, **trust)
    node.book()
    assert not collector.spans, "sent too early for this check"
    node.stop()
    decisions = [(s, attributes(s)) for s in collector.spans if s.name == "decision"]
    booked = [(s, a) for s, a in decisions if a.get("worker.name") == "scheduler" and a.get("patient.ref") == patient]
    assert booked, f"no decision of the scheduler among {[(s.name, attributes(s)) for s in collector.spans]}"
    assert all(a["facts"] >= 1 and s.end_time_unix_nano > s.start_time_unix_nano for s, a in booked), booked
    assert {s.name for s in collector.spans} == {"decision"}, {s.name for s in collector.spans}
    assert not [name for name in NAMES if name.encode() in collector.raw], "a name left the process"
    collector.server.stop(None)
    print(f"check_otlp: {scheme}: {len(decisions)} decisions arrived, {len(booked)} of the scheduler: {booked[0][1]}")


def away(home, nats):
    """Nobody listens; then somebody who takes the call and never answers."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        for name, port in (("p-nobody", free_port()), ("p-mute", mute.getsockname()[1])):
            node = Node(home / name, nats, name, f"http://127.0.0.1:{port}", 100)
            node.book()
            if name == "p-nobody":
                until("it is said", lambda: "spans.unsent" in node.log.read_text())
                # Decided again and sent again, in vain: said no second time.
                node.patient = "p-nobody-2"
                node.book()
                time.sleep(2)
            took = node.stop()
            said = node.log.read_text().count("spans.unsent")
            assert said <= 1, node.log.read_text()
            assert took < PATIENCE / 2, f"{took} s"
            print(f"check_otlp: {name}: it worked, said so {said} times, and ended within {took:.1f} s")


def main():
    with tempfile.TemporaryDirectory() as folder:
        home, port = pathlib.Path(folder), free_port()
        (home / "nats.conf").write_text(
            f'listen: "127.0.0.1:{port}"\njetstream {{\n  store_dir: "{home}/nats"\n  sync_interval: always\n}}\n')
        server = subprocess.Popen([NATS_SERVER, "-c", str(home / "nats.conf"), "-l", str(home / "nats.log")])
        try:
            nats = f"nats://127.0.0.1:{port}"
            add = [CAREBUS, "--nats", nats, "org", "add", "acme"]
            until("the organisation", lambda: subprocess.run(add, env=ENVIRONMENT, capture_output=True).returncode == 0)
            arrives(home, nats, "p-plain")
            if certificate := certify(home):
                arrives(home, nats, "p-tls", certificate)
            else:
                print("check_otlp: https: skipped, there is no openssl here to make a certificate")
            away(home, nats)
        finally:
            server.terminate()
            server.wait()


main()
