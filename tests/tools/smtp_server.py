"""A real SMTP server (aiosmtpd) on 127.0.0.1 that can be told to misbehave.

Prints `PORT <n>` when it listens, stores each accepted message as `<n>.eml` (the bytes) and `<n>.json` (envelope,
TLS, login, connection) in --store, and ends when its standard input is closed.

    smtp_server.py --store DIR [--cert PEM --key PEM [--implicit]] [--user U --password P] [--fault NAME]

Faults: greylist-rcpt (451), refuse-rcpt (550), refuse-sender (550), refuse-data (554 after the final dot),
defer-data (451 after the final dot), refuse-greeting (554), silent-greeting, cut-at-data (instead of 354),
cut-in-data (mid message), cut-after-dot, silent-after-dot, hang-up (after each reply to a message).
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

FAULTS = [
    "greylist-rcpt", "refuse-rcpt", "refuse-sender", "refuse-data", "defer-data", "refuse-greeting",
    "silent-greeting", "cut-at-data", "cut-in-data", "cut-after-dot", "silent-after-dot", "hang-up",
]


class Handler:
    """Answers commands; stores what is accepted."""

    def __init__(self, store, fault):
        self.store = pathlib.Path(store)
        self.fault = fault
        self.count = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fault == "refuse-sender":
            return "550 5.7.1 sender refused"
        envelope.mail_from = address
        return "250 2.1.0 sender ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.fault == "greylist-rcpt":
            return "451 4.7.1 try again later"
        if self.fault == "refuse-rcpt":
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        if self.fault == "refuse-data":
            return "554 5.7.1 message refused"
        if self.fault == "defer-data":
            return "451 4.3.0 try again later"
        self.keep(session, envelope)
        if self.fault == "cut-after-dot":
            server.transport.abort()
            return None
        if self.fault == "silent-after-dot":
            await asyncio.sleep(3600)
        if self.fault == "hang-up":
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
    """The faults that lie below commands."""

    async def smtp_DATA(self, arg):
        fault = self.event_handler.fault
        if fault == "cut-at-data":
            self.transport.abort()
        elif fault == "cut-in-data":
            await self.push("354 go ahead")
            await self._reader.read(1024)
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (user.encode(), password.encode())
        # Without handled=False aiosmtpd 1.4.6 never answers a wrong password.
        return AuthResult(success=True) if right else AuthResult(success=False, handled=False)

    return check


def protocol(args, tls):
    """A function that makes the protocol of one connection."""
    handler = Handler(args.store, args.fault)
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


def greeter(line):
    """A server that says at most one line and then nothing."""

    async def talk(reader, writer):
        if line:
            writer.write(line)
        await reader.read()
        writer.close()

    return lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), talk)


async def serve(args):
    tls = None
    if args.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(args.cert, args.key)
    factory = {
        "silent-greeting": greeter(None),
        "refuse-greeting": greeter(b"554 5.3.2 no service here\r\n"),
    }.get(args.fault) or protocol(args, tls)
    loop = asyncio.get_running_loop()
    outer = tls if args.implicit else None
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=outer)
    print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--implicit", action="store_true", help="TLS from the first byte instead of STARTTLS")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--fault", choices=FAULTS)
    args = parser.parse_args()
    # Connections cut on purpose are no news, nor that it cannot see the TLS it sits in (--implicit).
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore", UserWarning)
    asyncio.run(serve(args))


if __name__ == "__main__":
    main()
