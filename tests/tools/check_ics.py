"""Reads iCalendar files the way a stranger does (PyPI icalendar) and checks what RFC 5545, 5546 and 6047 ask.

    check_ics.py [--method REQUEST|CANCEL] [--uid UID] [--sequence N] [--forbid TEXT]... FILE...

Prints one line per file; exits 1 with the reason at the first that fails.
"""

import argparse
import datetime
import pathlib
import sys
import zoneinfo

import icalendar


class Wrong(Exception):
    """What a file does that the standards or carebus do not allow."""


def need(truth, reason):
    if not truth:
        raise Wrong(reason)


def one(component, name):
    value = component.get(name)
    need(value is not None, f"{component.name} has no {name}")
    need(not isinstance(value, list), f"{component.name} has more than one {name}")
    return value


def check_lines(raw):
    need(raw.endswith(b"\r\n"), "the last line has no end")
    for number, line in enumerate(raw[:-2].split(b"\r\n"), 1):
        need(len(line) <= 75, f"line {number} has {len(line)} octets")
        need(not any(octet < 32 and octet != 9 or octet == 127 for octet in line), f"line {number} holds a control character")
    raw.decode("utf-8")


def check_calendar(calendar):
    need(str(one(calendar, "VERSION")) == "2.0", "VERSION is not 2.0")
    need(str(one(calendar, "PRODID")), "PRODID is empty")
    method = str(one(calendar, "METHOD"))
    need(method in ("REQUEST", "CANCEL"), f"METHOD is {method}")
    kinds = [child.name for child in calendar.subcomponents]
    need(kinds.count("VEVENT") == 1, f"it holds {kinds}")
    need(set(kinds) <= {"VEVENT", "VTIMEZONE"}, f"it holds {kinds}")
    return method, calendar.events[0]


def check_event(event, method):
    for name in ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE", "SUMMARY"):
        one(event, name)
    need(int(event["SEQUENCE"]) >= 0, "SEQUENCE is negative")
    need(event["DTSTAMP"].dt.utcoffset() == datetime.timedelta(0), "DTSTAMP is not UTC")
    need(event["DTSTART"].dt.tzinfo is not None, "DTSTART floats")
    need(event["DTEND"].dt > event["DTSTART"].dt, "it ends before it starts")
    need(str(event.get("CLASS")) == "PRIVATE", "CLASS is not PRIVATE")
    need(not event.subcomponents, "it rings: invitations carry no VALARM")
    for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "DURATION"):
        need(event.get(name) is None, f"{name} has no place here")
    for name in ("ORGANIZER", "ATTENDEE"):
        need(str(event[name]).lower().startswith("mailto:"), f"{name} is not a mailto URI")
        need(str(event[name]).count("@") == 1, f"{name} is not one address")
    status = event.get("STATUS")
    allowed = {"REQUEST": ("CONFIRMED", "TENTATIVE"), "CANCEL": ("CANCELLED", None)}[method]
    need((str(status) if status is not None else None) in allowed, f"STATUS {status} with METHOD {method}")
    asked = event["ATTENDEE"].params.get("RSVP")
    need((asked is None) == (method == "CANCEL"), f"RSVP {asked} with METHOD {method}")


def offset_by_definition(zone, local):
    """UTC offset of a local time by the VTIMEZONE alone: the last observance that began."""
    began = [child for child in zone.subcomponents if one(child, "DTSTART").dt <= local]
    need(began, f"no observance of {zone['TZID']} holds {local}")
    return max(began, key=lambda child: child["DTSTART"].dt)["TZOFFSETTO"].td


def check_zones(calendar, event):
    zones = {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
    used = set()
    for name in ("DTSTART", "DTEND"):
        tzid = event[name].params.get("TZID")
        if tzid is None:
            need(event[name].to_ical().endswith(b"Z"), f"{name} has neither TZID nor Z")
            continue
        used.add(tzid)
        need(tzid in zones, f"{tzid} is not defined")
        local = event[name].dt.replace(tzinfo=None)
        truth = local.replace(tzinfo=zoneinfo.ZoneInfo(tzid)).utcoffset()
        found = offset_by_definition(zones[tzid], local)
        need(found == truth, f"{name}: the VTIMEZONE says {found}, the tz database {truth}")
    need(set(zones) == used, f"defined {sorted(zones)}, used {sorted(used)}")
    for zone in zones.values():
        for part in zone.walk():
            for name in ("DTSTAMP", "UID"):
                need(part.get(name) is None, f"{part.name} holds {name}")


def check(path, wanted):
    raw = path.read_bytes()
    check_lines(raw)
    calendar = icalendar.Calendar.from_ical(raw)
    for component in calendar.walk():
        need(not component.errors, f"{component.name}: {component.errors}")
    method, event = check_calendar(calendar)
    check_event(event, method)
    check_zones(calendar, event)
    for name, value in (("METHOD", wanted.method), ("UID", wanted.uid), ("SEQUENCE", wanted.sequence)):
        found = str((calendar if name == "METHOD" else event)[name])
        need(value is None or found == value, f"{name} is {found}, not {value}")
    unfolded = raw.replace(b"\r\n ", b"").decode("utf-8").lower()
    for text in wanted.forbid:
        need(text.lower() not in unfolded, f"it says {text!r}")
    return f"{method} {event['UID']} {event['SEQUENCE']} {event['DTSTART'].dt.isoformat()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", choices=("REQUEST", "CANCEL"))
    parser.add_argument("--uid")
    parser.add_argument("--sequence")
    parser.add_argument("--forbid", action="append", default=[], help="text that must not stand in any file")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    wanted = parser.parse_args()
    for path in wanted.files:
        try:
            print(f"{path}: {check(path, wanted)}")
        except (Wrong, ValueError, KeyError) as reason:
            print(f"{path}: {reason}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
