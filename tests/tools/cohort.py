"""Writes facts of a made-up cohort as JSON lines: plans, sessions, scores, costs, adverse events; many incomplete.

    cohort.py SEED EPISODES > facts.jsonl

Nobody is in it. Numbers are drawn so that every branch of the registry report has something to count.
"""

import datetime
import json
import random
import sys
import zoneinfo

ZONES = ["America/Toronto", "Europe/Berlin", "Asia/Singapore"]
FIRST_DAY = datetime.date(2023, 1, 2)
DAYS = 900
KINDS = ["bruise", "needle_pain", "bleeding", "drowsiness", "dizziness", "burn"]


class Writer:
    """Numbers the facts of one patient and prints them."""

    def __init__(self, draw, patient):
        self.draw, self.patient, self.count = draw, patient, 0

    def fact(self, kind, at, data, late=datetime.timedelta(0)):
        self.count += 1
        name = f"{self.patient}-{self.count:04}"
        print(json.dumps({
            "specversion": "1.0", "id": name, "source": "urn:test:cohort", "type": f"carebus.{kind}.v1",
            "subject": f"acme/patient/{self.patient}", "time": text(at + late),
            "datacontenttype": "application/json", "data": data,
        }))
        return name

    def assess(self, kind, at, data, late=datetime.timedelta(0)):
        """An assessment; its id is that of its fact, so that two are never alike."""
        name = f"{self.patient}-a{self.count + 1:04}"
        head = {"assessment_id": name, "performed_at": text(at), "by": {"role": "patient"}}
        self.fact(f"assessment.{kind}", at, head | data, late)
        return name


def text(at):
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def at(zone, day, hour, minute=0):
    return datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def hours(n):
    return datetime.timedelta(hours=n)


def days(n):
    return datetime.timedelta(days=n)


def plan(w, number, zone_name, begins, zone):
    w.fact("plan.activated", at(zone, begins, 7), {
        "plan_id": f"cp-{number}", "revision": 1, "timezone": zone_name, "started_on": begins.isoformat(),
        "patient": {}, "team": [], "ea": {"points": ["BL23"]}, "oswestry": {"baseline_on": begins.isoformat()},
    })


def delivered(draw):
    """Usually as agreed; sometimes too little of something, sometimes not written down."""
    roll = draw.random()
    good = {"mode": "electro", "points": ["BL23", "BL25", "GB34", "ST36"], "retention_min": draw.randint(15, 30)}
    if roll < 0.62:
        return good
    if roll < 0.72:
        return good | {"points": ["BL23", "BL25", "BL40", "BL60"]}
    if roll < 0.80:
        return good | {"retention_min": draw.randint(5, 14)}
    if roll < 0.88:
        return good | {"points": ["BL23", "GB34"], "ashi_sites": draw.choice([["left"], ["left", " left "], ["a", "b"]])}
    if roll < 0.94:
        return {"mode": "electro", "retention_min": draw.randint(10, 20)}
    return draw.choice([None, {"mode": "manual"}])


def session(w, name, modality, start, how, extra=None):
    end = start + datetime.timedelta(minutes=45)
    if how != "walk_in":
        w.fact("session.booked", start - days(5), {
            "session_id": name, "revision": 1, "modality": modality, "start": text(start), "end": text(end),
        })
    if how in ("completed", "walk_in"):
        began = start + datetime.timedelta(minutes=w.draw.choice([0, 0, 5, 12]))
        data = {"session_id": name, "revision": 2, "started_at": text(began), "modality": modality}
        if w.draw.random() < 0.7:
            data["ended_at"] = text(began + datetime.timedelta(minutes=40))
        if extra is not None:
            data["delivered"] = extra
        w.fact("session.completed", began, data)
        return began
    if how in ("cancelled", "missed"):
        w.fact(f"session.{how}", start, {"session_id": name, "revision": 2})
    return None


def pain(w, when, scale, value, context, late=datetime.timedelta(0)):
    top = 100 if scale == "vas" else 10
    value = max(0, min(top, round(value)))
    return w.assess("pain", when, {"scale": scale, "value": value, "context": context}, late)


def baseline(w, zone, begins, scale, context):
    """The score before the first session, and what can be wrong with it. Gives the level the pain starts from."""
    draw, unit = w.draw, 10 if scale == "vas" else 1
    level = draw.choice([2, 3, 4, 5, 6, 7, 8, 9]) * unit + (draw.randint(0, 9) if scale == "vas" else 0)
    roll = draw.random()
    if roll < 0.05:
        return level
    if roll < 0.09:
        pain(w, at(zone, begins - days(draw.randint(15, 30)), 9), scale, level, context)
        return level
    if roll < 0.15:
        level = 0
    if draw.random() < 0.15:
        pain(w, at(zone, begins - days(draw.randint(2, 14)), 9), scale, level + unit, context)
    pain(w, at(zone, begins, 8, 30), scale, level, context)
    if draw.random() < 0.1:
        pain(w, at(zone, begins, 8, 45), scale, level, draw.choice(["avg7d", "post_30min"]))
    return level


def course(w, number, zone, begins, scale, context, level, silent):
    """Sessions with scores between them, unless the patient says no more. Gives the starts of the attended ones, and how good it got."""
    draw = w.draw
    better = draw.choice([0.0, 0.05, 0.1, 0.2, 0.3])
    starts, day, now = [], begins, float(level)
    length = draw.choice([0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 7, 8, 12])
    for k in range(length):
        how = draw.choices(["completed", "walk_in", "cancelled", "missed", "booked"], [80, 8, 5, 5, 2])[0]
        name = f"{w.patient}-{number}-ea{k}"
        start = session(w, name, "ea", at(zone, day, 10), how, delivered(draw))
        if start is not None:
            starts.append(start)
            around(w, name, start, scale, now)
            if draw.random() < 0.5:
                gap = draw.choice([48, 48, 44, 54, 55, 24, 72, 23, 73, 30])
                fate = draw.choices(["completed", "missed"], [9, 1])[0]
                session(w, f"{name}-pt", "pt", start + hours(gap), fate)
        now = max(0.0, now * (1 - better) + draw.uniform(-0.08, 0.08) * level)
        if draw.random() < 0.7 and not silent:
            late = days(draw.choice([0, 0, 0, 0, 30]))
            shown = scale if draw.random() < 0.96 else ("nrs" if scale == "vas" else "vas")
            asked = context if draw.random() < 0.95 else "worst24h"
            taken = pain(w, at(zone, day + days(1), 20), shown, now, asked, late)
            if draw.random() < 0.03:
                w.fact("assessment.retracted", at(zone, day + days(2), 9), {"assessment_id": taken})
        day += days(draw.choice([2, 3, 3, 4, 5]))
    return starts, now, day


def around(w, name, start, scale, now):
    """What is recorded beside a session: pain right before and after, adverse events."""
    draw = w.draw
    if draw.random() < 0.3:
        before = now + draw.uniform(-5, 5)
        pain(w, start - datetime.timedelta(minutes=draw.choice([1, 10, 200])), scale, before, "pre_session")
        after = scale if draw.random() < 0.9 else ("nrs" if scale == "vas" else "vas")
        pain(w, start + datetime.timedelta(minutes=draw.choice([30, 31, 190])), after, before * draw.uniform(0.4, 1.1),
             "post_30min")
    for n in range(draw.choices([0, 1, 2], [91, 7, 2])[0]):
        kind = draw.choices(KINDS, [40, 30, 20, 8, 4, 1])[0]
        grade = draw.choices(["minor", "moderate", "serious"], [95, 4, 1])[0]
        link = draw.choices([{"session_id": name}, {}, {"session_id": f"{name}-pt"}, {"session_id": "gone"}],
                            [85, 7, 5, 3])[0]
        event = {"event_id": f"{name}-ae{n}", "kind": kind, "grade": grade} | link
        w.assess("adverse_event", start + hours(1), event)
        if draw.random() < 0.1:
            w.assess("adverse_event", start + hours(2), event | {"grade": "moderate"}, hours(1))


def afterwards(w, zone, starts, ended, scale, context, level, now):
    """Scores after the course: at six weeks, at six months, in between; some are free of pain, some relapse."""
    draw = w.draw
    first = starts[0].astimezone(zone).date()
    for target in (42, 182):
        if draw.random() < 0.65:
            for _ in range(draw.choice([1, 1, 2])):
                off = draw.choice([-31, -30, -8, -7, -6, -2, 0, 0, 1, 5, 7, 8, 30, 31])
                pain(w, at(zone, first + days(target + off), 19), scale, now * draw.uniform(0.3, 1.6), context)
    if draw.random() < 0.5:
        free = draw.choice([20, 29, 30, 40])
        top = 4 if scale == "vas" else 0
        pain(w, at(zone, ended + days(5), 9), scale, draw.randint(0, top), context)
        if draw.random() < 0.2:
            pain(w, at(zone, ended + days(12), 9), scale, top + 1, context)
        pain(w, at(zone, ended + days(5 + free), 9), scale, draw.randint(0, top), context)
        if draw.random() < 0.6:
            hurt = draw.choice([1, 2, 5]) * (10 if scale == "vas" else 1)
            pain(w, at(zone, ended + days(60), 9), scale, hurt, context)
            if draw.random() < 0.6:
                pain(w, at(zone, ended + days(60), 9) + hours(draw.choice([12, 24, 30])), scale, hurt, context)
    if draw.random() < 0.6:
        pain(w, at(zone, ended + days(draw.choice([152, 170, 182, 190, 212, 213])), 9), scale,
             draw.choice([now, level, 0.71 * level, 0.7 * level]), context)


def diary(w, zone, begins, starts):
    draw = w.draw
    if draw.random() < 0.4:
        return
    last = starts[-1].astimezone(zone).date() if starts else begins + days(20)
    day = begins - days(16)
    while day <= last + days(9):
        if draw.random() < 0.6:
            page = {"on": day.isoformat()}
            for field, top in (("sleep_onset_min", 90), ("morning_stiffness_min", 60), ("mood", 10)):
                if draw.random() < 0.8:
                    page[field] = draw.randint(0, top)
            w.assess("diary", at(zone, day, 21), page)
            if draw.random() < 0.05:
                w.assess("diary", at(zone, day, 22), {"on": day.isoformat(), "sleep_onset_min": draw.randint(0, 90)})
        day += days(1)


def oswestry(w, zone, begins):
    draw = w.draw
    for k in range(draw.choice([0, 1, 2, 3, 5])):
        version = "2.1a" if draw.random() < 0.95 else "2.0"
        items = [max(0, min(5, round(draw.gauss(3 - 0.4 * k, 1)))) for _ in range(10)]
        for _ in range(draw.choice([0, 0, 0, 1, 2])):
            items[draw.randrange(10)] = None
        when = at(zone, begins + days(14 * k), 18)
        w.assess("oswestry", when, {"instrument_version": version, "items": items})
        if draw.random() < 0.05:
            w.assess("oswestry", when + hours(1), {"instrument_version": version, "items": [2] * 10})


def costs(w, zone, begins):
    draw = w.draw
    currencies = draw.choices([["CAD"], ["EUR"], ["cad"], ["CAD", "EUR"], []], [60, 20, 5, 5, 10])[0]
    for currency in currencies:
        for n in range(draw.randint(1, 6)):
            on = begins + days(draw.choice([-3, 0, 1, 5, 10, 20, 40]))
            data = {"amount": draw.choice([85.5, 60, 120.25, 33.1]), "currency": currency, "what": "ea_session",
                    "on": on.isoformat()}
            w.assess("cost", at(zone, on, 12), data)


def episode(w, number, zone_name, begins):
    """One plan from its first day on; gives the day on which the next may begin."""
    draw, zone = w.draw, zoneinfo.ZoneInfo(zone_name)
    plan(w, number, zone_name, begins, zone)
    scale, context = draw.choice(["vas", "vas", "nrs"]), draw.choices(["now", "avg7d", "pre_session"], [8, 1, 1])[0]
    level = baseline(w, zone, begins, scale, context)
    silent = draw.random() < 0.04
    starts, now, ended = course(w, number, zone, begins, scale, context, level, silent)
    diary(w, zone, begins, starts)
    oswestry(w, zone, begins)
    costs(w, zone, begins)
    mark = draw.choices(["completed", "revoked", None], [60, 10, 30])[0]
    if mark:
        w.fact(f"plan.{mark}", at(zone, ended + days(2), 17), {"plan_id": f"cp-{number}", "revision": 2, "reason": "other"})
    if starts and not silent:
        afterwards(w, zone, starts, ended + days(2), scale, context, level, now)
    return ended + days(draw.choice([1, 10, 60, 200]))


def main():
    seed, wanted = int(sys.argv[1]), int(sys.argv[2])
    draw, made, patient = random.Random(seed), 0, 0
    while made < wanted:
        patient += 1
        w = Writer(draw, f"p-{patient}")
        zone_name, begins = draw.choice(ZONES), FIRST_DAY + days(draw.randrange(DAYS))
        for number in range(2 if draw.random() < 0.2 and made + 1 < wanted else 1):
            begins = episode(w, number, zone_name, begins)
            made += 1


main()
