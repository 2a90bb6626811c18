"""A real SMTP server (aiosmtpd) on 127.0.0.1 that can be told to misbehave.

Prints `PORT <n>` when it listens, stores each accepted message as `<n>.eml` (the bytes) and `<n>.json` (envelope,
TLS, login, connection) in --store, and ends when its standard input is closed.

    smtp_server.py --store DIR [--cert PEM --key PEM [--implicit]] [--user U --password P]
                   [--fault STAGE:WHAT [--only DOMAIN,DOMAIN]]

STAGE is greeting, ehlo, starttls, handshake, auth, mail, rcpt, data, body or dot (after the final dot). WHAT is a
three-digit reply (after 421 it hangs up), `silent`, `cut`, or, for dot, `late=SECONDS`; silence, a cut and lateness
after the final dot come after the message was stored. --only lets the faults at rcpt and after it meet these recipients
only. `hang-up` instead of STAGE:WHAT: it hangs up after each reply to a message.
"""

import argparse
import asyncio
import json
import logging
import pathlib
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

STAGES = ["greeting", "ehlo", "starttls", "handshake", "auth", "mail", "rcpt", "data", "body", "dot"]
WORDS = "the test wants it so"


class Fault:
    """What goes wrong, where, and for whom."""

    def __init__(self, text, only):
        self.hangs_up = text == "hang-up"
        self.stage, _, self.what = ("", "", "") if self.hangs_up else (text or "").partition(":")
        self.only = [domain for domain in (only or "").split(",") if domain]

    def meets(self, stage, address=None):
        """Before there is a recipient, everybody."""
        chosen = not self.only or address is None or address.rpartition("@")[2] in self.only
        return self.stage == stage and chosen

    @property
    def seconds(self):
        return float(self.what.partition("=")[2] or 0)


class Handler:
    """Answers commands; stores what is accepted."""

    def __init__(self, store, fault):
        self.store = pathlib.Path(store)
        self.fault = fault
        self.count = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return "250 2.1.0 sender ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        fault = self.fault
        meets = fault.meets("dot", envelope.rcpt_tos[0])
        if meets and fault.what.isdigit():
            if fault.what == "421":
                asyncio.get_running_loop().call_later(0.05, server.transport.close)
            return f"{fault.what} {WORDS}"
        self.keep(session, envelope)
        if meets and fault.what == "cut":
            server.transport.abort()
            return None
        if meets and fault.what == "silent":
            await asyncio.sleep(3600)
        if meets:
            await asyncio.sleep(fault.seconds)
        if fault.hangs_up:
            asyncio.get_running_loop().call_later(0.05, server.transport.close)
        return "250 2.0.0 stored"

    def keep(self, session, envelope):
        """The .json is written last: whoever sees it finds the message complete."""
        self.count += 1
        (self.store / f"{self.count}.eml").write_bytes(envelope.original_content)
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "login": bool(session.authenticated),
            "peer": list(session.peer)[:2],
        }
        (self.store / f"{self.count}.json").write_text(json.dumps(facts))


class Faulty(SMTP):
    """The faults at commands."""

    async def stumbles(self, stage, address=None):
        """Shows the fault if it is one of this stage; true if the command is done with."""
        fault = self.event_handler.fault
        if not fault.meets(stage, address):
            return False
        if fault.what == "cut":
            self.transport.abort()
        elif fault.what == "silent":
            await asyncio.sleep(3600)
        else:
            await self.push(f"{fault.what} {WORDS}")
            if fault.what == "421":
                self.transport.close()
        return True

    def recipient(self):
        return (self.envelope.rcpt_tos or [""])[0]

    async def smtp_EHLO(self, hostname):
        if not await self.stumbles("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg):
        if await self.stumbles("starttls"):
            return
        if self.event_handler.fault.meets("handshake"):
            await self.push("220 ready for TLS")
            await self._reader.read(16)
            await self.stumbles("handshake")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg):
        if not await self.stumbles("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        if not await self.stumbles("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        address = (arg or "").partition("<")[2].partition(">")[0]
        if not await self.stumbles("rcpt", address):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        if await self.stumbles("data", self.recipient()):
            return
        if self.event_handler.fault.meets("body", self.recipient()):
            await self.push("354 go ahead")
            await self._reader.read(1024)
            await self.stumbles("body", self.recipient())
            return
        await super().smtp_DATA(arg)


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (user.encode(), password.encode())
        # Without handled=False aiosmtpd 1.4.6 never answers a wrong password.
        return AuthResult(success=True) if right else AuthResult(success=False, handled=False)

    return check


def protocol(args, fault, tls):
    """A function that makes the protocol of one connection."""
    handler = Handler(args.store, fault)
    options = {"hostname": "localhost", "ident": "carebus test"}
    if tls and not args.implicit:
        options |= {"tls_context": tls, "require_starttls": True}
    if args.user:
        options |= {
            "authenticator": authenticator(args.user, args.password),
            "auth_required": True,
            "auth_require_tls": not args.implicit,
        }
    return lambda: Faulty(handler, **options)


def greeter(what):
    """A server that says at most one line and then nothing."""

    async def talk(reader, writer):
        if what.isdigit():
            writer.write(f"{what} {WORDS}\r\n".encode())
        if what == "silent" or what not in ("cut", "421"):
            await reader.read()
        writer.close()

    return lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), talk)


async def serve(args):
    tls = None
    if args.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(args.cert, args.key)
    fault = Fault(args.fault, args.only)
    factory = greeter(fault.what) if fault.stage == "greeting" else protocol(args, fault, tls)
    loop = asyncio.get_running_loop()
    outer = tls if args.implicit else None
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=outer)
    print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def fault(text):
    stage, _, what = text.partition(":")
    late = stage == "dot" and what.startswith("late=")
    if text != "hang-up" and not (stage in STAGES and (what.isdigit() or what in ("silent", "cut") or late)):
        raise argparse.ArgumentTypeError(f"{text!r} is no fault; expected such as rcpt:451, dot:cut, greeting:silent")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--implicit", action="store_true", help="TLS from the first byte instead of STARTTLS")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--fault", type=fault)
    parser.add_argument("--only", help="domains whose recipients a fault at rcpt or later meets")
    args = parser.parse_args()
    # Connections cut on purpose are no news, nor that it cannot see the TLS it sits in (--implicit).
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore", UserWarning)
    asyncio.run(serve(args))


if __name__ == "__main__":
    main()
