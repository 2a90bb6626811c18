"""Reads a mail the way a stranger does (Python's email package) and checks that its pictures can be shown.

    check_report.py FILE

Prints one line of JSON: the content types in order, the text part, the words in place of each picture, and how many
colours it has. Exits 1 with the reason at the first thing that is wrong.
"""

import email
import email.policy
import html.parser
import json
import pathlib
import struct
import sys
import zlib


class Wrong(Exception):
    """What a mail does that a mail program could not show."""


def need(truth, reason):
    if not truth:
        raise Wrong(reason)


class Pictures(html.parser.HTMLParser):
    """The pictures of an HTML part, and every address it would load something from."""

    def __init__(self):
        super().__init__()
        self.shown = {}
        self.loaded = []

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.loaded += [said[name] for name in ("src", "background", "srcset") if name in said]
        if tag == "link":
            self.loaded.append(said.get("href"))
        if tag == "img":
            need(said.get("alt"), "a picture without words in its place")
            self.shown[said["src"].removeprefix("cid:")] = said["alt"]


def chunks(png):
    need(png[:8] == b"\x89PNG\r\n\x1a\n", "no PNG")
    at = 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        need(crc == zlib.crc32(kind + body), f"{kind} is damaged")
        yield kind, body
        at += 12 + length


def unfiltered(rows, width, size):
    """The bytes of each row once its filter is undone (PNG specification, section 9)."""
    step = width * size + 1
    before = bytearray(width * size)
    for start in range(0, len(rows), step):
        kind, row = rows[start], bytearray(rows[start + 1 : start + step])
        for i in range(len(row)):
            left = row[i - size] if i >= size else 0
            up = before[i]
            corner = before[i - size] if i >= size else 0
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + up) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
                row[i] = (row[i] + near[2]) & 255
        yield row
        before = row


def colours(png):
    parts = list(chunks(png))
    need(parts[0][0] == b"IHDR" and parts[-1][0] == b"IEND", "no beginning or no end")
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", parts[0][1])
    need((width, height) == (1200, 480), f"{width} by {height}")
    need(depth == 8 and kind in (2, 6), f"depth {depth}, kind {kind}")
    size = 3 if kind == 2 else 4
    rows = zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT"))
    need(len(rows) == height * (1 + width * size), "rows are missing")
    seen = set()
    for row in unfiltered(rows, width, size):
        seen.update(bytes(row[i : i + size]) for i in range(0, len(row), size))
    return len(seen)


def check(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        need(not part.defects, f"{part.get_content_type()}: {part.defects}")
    pictures = Pictures()
    pictures.feed(message.get_body(("html",)).get_content())
    need(all(load.startswith("cid:") for load in pictures.loaded), f"it loads {pictures.loaded}")
    carried = {}
    for part in message.walk():
        if part.get_content_type() == "image/png":
            need(part.get_content_disposition() == "inline", "a picture that is no part of the letter")
            carried[part["Content-ID"].strip("<>")] = part.get_content()
    need(carried.keys() == pictures.shown.keys(), f"shown {list(pictures.shown)}, carried {list(carried)}")
    return {
        "kinds": [part.get_content_type() for part in message.walk()],
        "text": message.get_body(("plain",)).get_content(),
        "alts": list(pictures.shown.values()),
        "colours": [colours(png) for png in carried.values()],
        "bytes": [len(png) for png in carried.values()],
    }


def main():
    try:
        print(json.dumps(check(pathlib.Path(sys.argv[1]).read_bytes())))
    except Wrong as wrong:
        sys.exit(f"{sys.argv[1]}: {wrong}")


if __name__ == "__main__":
    main()
