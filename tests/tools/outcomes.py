"""Computes the registry report a second time, by another route, and holds it against the one of carebus.

    outcomes.py FACTS.jsonl REPORT.json...

Reads the facts itself. Counts are sets of names here, so that it can also ask what a reader could compute: where the
report hides small counts, no hidden one may lie in the span of those that are shown (rank of the incidence matrix).
Exits 1 with every difference; the first line about each report counts them.
"""

import bisect
import collections
import datetime
import fractions
import json
import math
import statistics
import sys
import zoneinfo

import numpy
import scipy.stats

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
NO_PAIN, RELAPSE = {"vas": 0, "nrs": 0}, {"vas": 20, "nrs": 2}
LOW = {"vas": 30, "nrs": 3}
DISTAL = {"GB34", "ST36", "KI3"}
TOLERANCE = 1e-9


def moment(text):
    return datetime.datetime.fromisoformat(text).astimezone(UTC)


def date(text):
    return datetime.date.fromisoformat(text)


# ---------------------------------------------------------------- reading


def tables(path, until):
    """Facts of each patient by kind: those that had happened by then and were performed before."""
    patients = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in open(path, encoding="utf-8"):
        fact = json.loads(line)
        if moment(fact["time"]) > until:
            continue
        kind = fact["type"].removeprefix("carebus.").removesuffix(".v1")
        row = fact["data"] | {"_sent": (moment(fact["time"]), fact["id"])}
        patients[fact["subject"].split("/")[2]][kind].append(row)
    for facts in patients.values():
        gone = {row["assessment_id"] for row in facts.pop("assessment.retracted", [])}
        for kind in [kind for kind in facts if kind.startswith("assessment.")]:
            kept = [row | {"_at": moment(row["performed_at"])} for row in facts[kind] if row["assessment_id"] not in gone]
            facts[kind] = sorted((row for row in kept if row["_at"] < until), key=lambda row: (row["_at"], row["_sent"]))
    return patients


def attended(facts, until):
    """Sessions whose last word is that they took place: (start, name, modality, end, delivered)."""
    booked = {row["session_id"]: row for row in facts["session.booked"]}
    ended = {row["session_id"] for kind in ("session.cancelled", "session.missed") for row in facts[kind]}
    for row in facts["session.completed"]:
        name, start = row["session_id"], moment(row["started_at"])
        if name in ended or start >= until:
            continue
        end = start
        if "ended_at" in row:
            end = moment(row["ended_at"])
        elif name in booked and start <= moment(booked[name]["end"]) <= start + DAY:
            end = moment(booked[name]["end"])
        modality = booked[name]["modality"] if name in booked else row["modality"]
        yield start, name, modality, end, row.get("delivered")


def deviates(delivered):
    """True, False, or None where nothing was written down."""
    if delivered is None:
        return None
    sites = set(delivered.get("points", [])) | {("ashi", site.strip()) for site in delivered.get("ashi_sites", [])}
    minutes = delivered.get("retention_min")
    if not sites and minutes is None:
        return None
    return bool(sites and (len(sites) < 4 or not sites & DISTAL) or minutes is not None and minutes < 15)


# ---------------------------------------------------------------- one episode


class Episode:
    """One plan between its first day and the next plan's, with plain attributes that the counts below ask for."""

    def __init__(self, facts, plan, next_start, until):
        self.zone = zoneinfo.ZoneInfo(plan["timezone"])
        self.first_day = date(plan["started_on"])
        self.start = datetime.datetime.combine(self.first_day, datetime.time(), self.zone).astimezone(UTC)
        self.stop = next_start
        inside = [s for s in attended(facts, until) if s[2] == "ea" and self.holds(s[0])]
        self.ea = sorted(inside, key=lambda s: (s[0], s[3]))
        self.today = self.local(until)
        self.end, self.how = self.ending(facts, plan, until)
        self.judge_pain(facts)
        self.judge_fidelity()
        self.judge_function(facts)
        self.cost = collections.Counter()
        for row in facts["assessment.cost"]:
            if date(row["on"]) >= self.first_day and (self.stop is None or date(row["on"]) < self.local(self.stop)):
                self.cost[row["currency"].upper()] += row["amount"]
        self.read_diary(facts)

    def holds(self, when):
        return when >= self.start and (self.stop is None or when < self.stop)

    def local(self, when):
        return when.astimezone(self.zone).date()

    def ending(self, facts, plan, until):
        marks = [(row["_sent"][0], how) for how in ("completed", "revoked") for row in facts[f"plan.{how}"]
                 if row["plan_id"] == plan["plan_id"] and row["_sent"][0] < until]
        over = self.stop if self.stop is not None and self.stop <= until else None
        if marks:
            when, how = max(marks)
            return (min(when, over) if over else when), how
        last = self.ea[-1] if self.ea else None
        if over:
            return (min(last[3], over) if last else over), "superseded"
        if last and (self.today - self.local(last[0])).days > 42:
            return last[3], "lapsed"
        return None, "open"

    def judge_pain(self, facts):
        self.reason, self.base, self.series = "no_session", None, []
        self.r30 = self.r30_twice = self.seen = None
        self.at = {"six_weeks": None, "six_months": None, "after_end": None}
        self.due, self.final = set(), None
        self.free = self.recurred = self.maybe = False
        if not self.ea:
            return
        first = self.ea[0][0]
        pains = [p for p in facts["assessment.pain"]
                 if p.get("context", "now") != "post_30min" and (self.stop is None or p["_at"] < self.stop)]
        before = [p for p in pains if p["_at"] <= first and (self.local(first) - self.local(p["_at"])).days <= 14]
        asked_now = [p for p in before if p["context"] == "now"]
        self.reason = "no_baseline"
        if not before:
            return
        self.base = (asked_now or before)[-1]
        self.reason = "zero_baseline"
        if self.base["value"] == 0:
            self.base = None
            return
        after = [p for p in pains if p["_at"] > first]
        self.series = [p for p in after if (p["scale"], p["context"]) == (self.base["scale"], self.base["context"])]
        self.reason = "" if self.series else "other_scale_or_question" if after else "no_later_score"
        starts = [s[0] for s in self.ea]
        hit = [10 * (self.base["value"] - p["value"]) >= 3 * self.base["value"] for p in self.series]
        k = [bisect.bisect_left(starts, p["_at"]) for p in self.series]
        self.r30 = next((n for n, h in zip(k, hit) if h), None)
        self.r30_twice = next((n for n, h, again in zip(k, hit, hit[1:]) if h and again), None)
        self.seen = k[-1] if k else None
        self.look("six_weeks", first, 42, 7)
        self.look("six_months", first, 182, 30)
        if self.end is not None:
            self.look("after_end", self.end, 182, 30)
            late = [p for p in self.series if (self.local(p["_at"]) - self.local(self.end)).days <= 14]
            self.final = self.drop(late[-1]) if late else None
            self.judge_recurrence()

    def drop(self, score):
        """Percent of the baseline, exactly."""
        return fractions.Fraction(100 * (self.base["value"] - score["value"]), self.base["value"])

    def look(self, name, origin, target, width):
        zero = self.local(origin)
        if (self.today - zero).days <= target + width:
            return
        self.due.add(name)
        near = [(abs((self.local(p["_at"]) - zero).days - target), p["_at"], n) for n, p in enumerate(self.series)]
        near = [x for x in near if x[0] <= width]
        if near:
            self.at[name] = self.drop(self.series[min(near)[2]])

    def judge_recurrence(self):
        """Runs of pain-free scores, then runs of painful ones that begin after the course."""
        scale = self.base["scale"]
        seen = [p for p in self.series if (self.local(p["_at"]) - self.local(self.end)).days <= 212]
        marks = "".join("f" if p["value"] <= NO_PAIN[scale] else "p" if p["value"] >= RELAPSE[scale] else "-" for p in seen)
        free_from = None
        for begin, stop in runs(marks, "f"):
            for i in range(begin, stop):
                if (self.local(seen[i]["_at"]) - self.local(seen[begin]["_at"])).days >= 30 and free_from is None:
                    free_from = i
        self.free = free_from is not None
        if not self.free:
            return
        painful = "".join(m if i > free_from and seen[i]["_at"] > self.end else "." for i, m in enumerate(marks))
        for begin, stop in runs(painful, "p"):
            lasted = seen[stop - 1]["_at"] - seen[begin]["_at"] >= 24 * HOUR
            self.recurred |= lasted or self.base["context"] == "avg7d"
            self.maybe = True
        self.maybe = self.maybe and not self.recurred

    def judge_fidelity(self):
        rated = [d for d in (deviates(s[4]) for s in self.ea) if d is not None]
        self.deviating = None if not rated else fractions.Fraction(sum(rated), len(rated)) >= fractions.Fraction(1, 2)

    def judge_function(self, facts):
        """Oswestry: (points better, exactly), or None."""
        self.points = None
        by_day = {}
        for row in facts["assessment.oswestry"]:
            answered = [item for item in row["items"] if item is not None]
            if len(answered) >= 9:
                score = fractions.Fraction(20 * sum(answered), len(answered))
                day = self.local(row["_at"])
                if day not in by_day or row["_sent"] > by_day[day][0]:
                    by_day[day] = (row["_sent"], row["_at"], score, row["instrument_version"])
        if not self.ea:
            return
        first = self.local(self.ea[0][0])
        usable = sorted((at, score, version) for _, at, score, version in by_day.values() if self.holds(at))
        before = [u for u in usable if self.local(u[0]) <= first]
        after = [u for u in usable if self.local(u[0]) > first]
        if before and after and before[-1][2] == after[-1][2]:
            self.points = before[-1][1] - after[-1][1]

    def read_diary(self, facts):
        self.diary = dict.fromkeys(["sleep_early", "stiffness_early", "sleep_late", "mood_late"])
        if not self.ea:
            return
        pages = collections.defaultdict(dict)
        for row in facts["assessment.diary"]:
            pages[date(row["on"])] |= {f: row[f] for f in ("sleep_onset_min", "morning_stiffness_min", "mood") if f in row}
        first = self.local(self.ea[0][0])
        early, late = [], []
        if len(self.ea) >= 3 and (self.today - self.local(self.ea[2][0])).days > 7:
            early = [self.local(self.ea[2][0]) + n * DAY for n in range(1, 8)]
        if self.end is not None:
            late = [d for d in (self.local(self.end) - n * DAY for n in range(14)) if d > first]
        before = [first - n * DAY for n in range(15)]
        for name, field, after in [("sleep_early", "sleep_onset_min", early), ("mood_late", "mood", late),
                                   ("stiffness_early", "morning_stiffness_min", early),
                                   ("sleep_late", "sleep_onset_min", late)]:
            halves = [[pages[d][field] for d in days if d in pages and field in pages[d]] for days in (before, after)]
            if all(halves):
                self.diary[name] = tuple(map(statistics.median, halves))


def runs(marks, wanted):
    """Ranges of equal letters."""
    begin = None
    for i, mark in enumerate(marks + "\0"):
        if mark == wanted and begin is None:
            begin = i
        if mark != wanted and begin is not None:
            yield begin, i
            begin = None


# ---------------------------------------------------------------- figures


class Figures:
    """What the report should say: counts as sets, shares of two sets, and numbers that rest on a set."""

    def __init__(self):
        self.counts, self.shares, self.numbers, self.words = {}, {}, {}, {}

    def count(self, key, members):
        self.counts[key] = frozenset(members)

    def share(self, key, part, whole):
        self.shares[key] = (part, whole)

    def number(self, key, value, *rests_on):
        self.numbers[key] = (value, rests_on)


def median(values):
    return statistics.median(values) if values else None


def kaplan_meier(observed):
    """Exact: (sessions, responded) -> first count of sessions at which at most half are left."""
    left = fractions.Fraction(1)
    for time in sorted({t for t, event in observed if event}):
        events = sum(1 for t, event in observed if event and t == time)
        left *= 1 - fractions.Fraction(events, sum(1 for t, _ in observed if t >= time))
        if left <= fractions.Fraction(1, 2):
            return time
    return None


def rate(figures, measure, group, events, sessions):
    """Per 10,000 with the exact interval; below three in N where there was nothing; nothing under 300 sessions."""
    a, n = len(figures.counts[events]), len(figures.counts[sessions])
    values = dict.fromkeys(["rate_per_10000", "rate_per_10000_low", "rate_per_10000_high", "rate_per_10000_below"])
    if n >= 300 and a == 0:
        values["rate_per_10000_below"] = 30000 / n
    elif n >= 300:
        values["rate_per_10000"] = 10000 * a / n
        values["rate_per_10000_low"] = 10000 / n * scipy.stats.chi2.ppf(0.025, 2 * a) / 2
        values["rate_per_10000_high"] = 10000 / n * scipy.stats.chi2.ppf(0.975, 2 * (a + 1)) / 2
    for statistic, value in values.items():
        figures.number((measure, group, statistic), value, sessions, events)


def flow(f, all_of):
    m = "episodes"
    pick = lambda test: {name for name, e in all_of.items() if test(e)}
    f.count((m, "all", "episodes"), all_of)
    f.count((m, "all", "evaluable"), pick(lambda e: e.reason == ""))
    f.count((m, "all", "low_baseline"),
            pick(lambda e: e.reason == "" and e.base["value"] < LOW[e.base["scale"]]))
    for reason in ["no_session", "no_baseline", "zero_baseline", "no_later_score", "other_scale_or_question"]:
        f.count((m, "all", reason), pick(lambda e: e.reason == reason))
    for how in ["completed", "revoked", "superseded", "lapsed", "open"]:
        f.count((m, "all", how), pick(lambda e: e.how == how))


def sessions_to_30(f, all_of):
    m = "reg-sessions-to-30"
    judged = {name: e for name, e in all_of.items() if e.reason == ""}
    for group, field in [("first_time", "r30"), ("confirmed", "r30_twice")]:
        k = {name: getattr(e, field) for name, e in judged.items()}
        yes, no = {n for n in k if k[n] is not None}, {n for n in k if k[n] is None}
        everyone, responders = (m, group, "evaluable"), (m, group, "responders")
        f.count(everyone, judged)
        f.count(responders, yes)
        f.count(("hidden", m, group), no)
        f.share((m, group, "responder_share"), responders, everyone)
        f.number((m, group, "mean_sessions"), float(numpy.mean([k[n] for n in yes])) if yes else None, responders)
        observed = [(k[n], True) if n in yes else (judged[n].seen, False) for n in k]
        f.number((m, group, "km_median_sessions"), kaplan_meier(observed), everyone)
        f.number((m, group, "non_responders_median_attended"), median([len(judged[n].ea) for n in no]),
                 ("hidden", m, group))


def responders(f, all_of):
    m = "reg-responders-6w-6m"
    based = {name: e for name, e in all_of.items() if e.base}
    for group, limit, plain in [("six_weeks", 30, "r30_6w"), ("six_months", 50, "r50_6m")]:
        due = {n for n, e in based.items() if group in e.due}
        known = {n for n in due if based[n].at[group] is not None}
        f.count((m, group, "due"), due)
        f.count((m, group, "evaluable"), known)
        f.count((m, group, "missing"), due - known)
        f.count((m, group, "not_due"), set(based) - due)
        f.count((m, group, "responders"), {n for n in known if based[n].at[group] >= limit})
        f.count(("hidden", m, group), {n for n in known if based[n].at[group] < limit})
        f.share((m, group, plain), (m, group, "responders"), (m, group, "evaluable"))
        f.share((m, group, plain + "_imputed"), (m, group, "responders"), (m, group, "due"))


def recurrence(f, all_of):
    m = "reg-recurrence-6m"
    ended = {n: e for n, e in all_of.items() if e.base and e.final is not None}
    well = {n: e for n, e in ended.items() if e.final >= 30}
    due = {n for n, e in well.items() if "after_end" in e.due}
    f.count((m, "end_of_course", "evaluable"), ended)
    f.count((m, "end_of_course", "responders"), well)
    f.count((m, "end_of_course", "not_due"), set(well) - due)
    f.share((m, "end_of_course", "responder_share"), (m, "end_of_course", "responders"), (m, "end_of_course", "evaluable"))
    followed = {n for n in due if well[n].at["after_end"] is not None}
    free = {n for n in due if well[n].free}
    again = {n for n in free if well[n].recurred}
    groups = [
        ("loss_of_response", due, followed, {n for n in followed if well[n].at["after_end"] < 30}, set()),
        ("recurrence_strict", free, free & followed | again, again, {n for n in free & followed if well[n].maybe}),
    ]
    for group, all_due, known, happened, maybe in groups:
        f.count((m, group, "due"), all_due)
        f.count((m, group, "known"), known)
        f.count((m, group, "lost_to_follow_up"), all_due - known)
        f.count((m, group, "happened"), happened)
        f.count(("hidden", m, group), known - happened)
        f.share((m, group, group), (m, group, "happened"), (m, group, "known"))
        f.share((m, group, "lowest"), (m, group, "happened"), (m, group, "due"))
        rests = [(m, group, s) for s in ("happened", "lost_to_follow_up", "due")]
        if group == "recurrence_strict":
            f.count((m, group, "unconfirmed"), maybe)
            rests.append((m, group, "unconfirmed"))
        worst = happened | maybe | (all_due - known)
        f.number((m, group, "highest"), len(worst) / len(all_due) if all_due else None, *rests)


def cost(f, all_of, report):
    m = "reg-cost-per-response"
    counted = {n: e for n, e in all_of.items() if e.base and e.final is not None}
    f.count((m, "all", "no_cost"), {n for n, e in counted.items() if not e.cost})
    f.count((m, "all", "several_currencies"), {n for n, e in counted.items() if len(e.cost) > 1})
    f.words[(m, "all", "perspective")] = "payer"
    f.words[(m, "all", "price_year")] = "2025"
    f.words[(m, "all", "time_point")] = "end_of_course"
    for currency in sorted({c for e in counted.values() if len(e.cost) == 1 for c in e.cost}):
        group = f"currency:{currency}"
        mine = {n: e for n, e in counted.items() if list(e.cost) == [currency]}
        yes = {n for n, e in mine.items() if e.final >= 30}
        f.count((m, group, "evaluable"), mine)
        f.count((m, group, "responders"), yes)
        f.count((m, group, "non_responders"), set(mine) - yes)
        spent = math.fsum(e.cost[currency] for e in mine.values())
        f.number((m, group, "total_cost"), spent, (m, group, "evaluable"))
        f.number((m, group, "cost_per_response"), spent / len(yes) if yes else None, (m, group, "responders"))


def fidelity(f, all_of):
    m = "reg-fidelity-vs-response"
    judged = {n: e for n, e in all_of.items() if e.reason == ""}
    sizes = {}
    for group, side in [("deviating", True), ("as_agreed", False)]:
        mine = {n for n, e in judged.items() if e.deviating is side}
        yes = {n for n in mine if judged[n].r30 is not None}
        sizes[group] = (len(yes), len(mine))
        f.count((m, group, "evaluable"), mine)
        f.count((m, group, "responders"), yes)
        f.count(("hidden", m, group), mine - yes)
        f.share((m, group, "responder_share"), (m, group, "responders"), (m, group, "evaluable"))
    f.count((m, "all", "not_recorded"), {n for n, e in judged.items() if e.deviating is None})
    (a, na), (b, nb) = sizes["deviating"], sizes["as_agreed"]
    values = [None, None, None]
    if na and b:
        values[0] = (a / na - b / nb) / (b / nb)
        if a:
            spread = scipy.stats.norm.ppf(0.975) * math.sqrt(1 / a - 1 / na + 1 / b - 1 / nb)
            values[1:] = [math.exp(math.log(a * nb / na / b) + side * spread) - 1 for side in (-1, 1)]
    rests = [(m, g, s) for g in sizes for s in ("evaluable", "responders")]
    for suffix, value in zip(["", "_low", "_high"], values):
        f.number((m, "all", "relative_difference" + suffix), value, *rests)


def described(f, all_of):
    m = "oswestry-change"
    points = {n: e.points for n, e in all_of.items() if e.points is not None}
    f.count((m, "all", "evaluable"), points)
    f.count((m, "all", "improved"), {n for n in points if points[n] >= 10})
    f.count(("hidden", m), {n for n in points if points[n] < 10})
    f.share((m, "all", "improved_share"), (m, "all", "improved"), (m, "all", "evaluable"))
    middle = median(list(points.values()))
    f.number((m, "all", "median_points"), None if middle is None else float(middle), (m, "all", "evaluable"))
    early, late = "expect-session-3-sleep-stiffness", "cobenefit-sleep-mood"
    for m, group, field in [(early, "sleep_onset_min", "sleep_early"), (early, "morning_stiffness_min", "stiffness_early"),
                            (late, "sleep_onset_min", "sleep_late"), (late, "mood", "mood_late")]:
        pairs = {n: e.diary[field] for n, e in all_of.items() if e.diary[field]}
        key = (m, group, "episodes")
        f.count(key, pairs)
        f.number((m, group, "median_before"), median([b for b, _ in pairs.values()]), key)
        f.number((m, group, "median_after"), median([a for _, a in pairs.values()]), key)
        f.number((m, group, "median_change"), median([a - b for b, a in pairs.values()]), key)


def sessions(f, patients, since, until, min_cell):
    """Everything counted by session or event: adverse events, acute drops, prepared PT."""
    year_ago = until.replace(year=until.year - 1)
    ea, pt, events, acute, prepared, on_target = {}, {}, {}, {}, set(), set()
    for patient, facts in patients.items():
        mine = {s[1]: s for s in attended(facts, until)}
        for name, s in mine.items():
            if s[2] == "ea":
                ea[name] = s[0]
            elif facts["plan.activated"]:
                pt[name] = s[0]
                gaps = [(s[0] - other[0]) / HOUR for other in mine.values() if other[2] == "ea"]
                if s[0] >= since and any(24 <= gap <= 72 for gap in gaps):
                    prepared.add(name)
                if s[0] >= since and any(42 <= gap <= 54 for gap in gaps):
                    on_target.add(name)
        last = {}
        for row in facts["assessment.adverse_event"]:
            if row["event_id"] not in last or row["_sent"] > last[row["event_id"]]["_sent"]:
                last[row["event_id"]] = row
        for row in last.values():
            s = mine.get(row.get("session_id"))
            named = s is not None and s[2] == "ea"
            events[(patient, row["event_id"])] = (s[0] if named else row["_at"], row["grade"], row["kind"],
                                                  s[1] if named else None, s is not None and not named)
        starts = sorted(s[0] for s in mine.values() if s[2] == "ea")
        for name, s in mine.items():
            if s[2] == "ea" and s[0] >= since:
                drop = acute_drop(facts["assessment.pain"], s[0], starts)
                if drop is not None:
                    acute[name] = drop
    adverse(f, ea, events, since, year_ago, min_cell)
    m = "acute-30min-drop"
    f.count((m, "all", "sessions"), acute)
    f.number((m, "all", "mean_drop"), float(numpy.mean(list(acute.values()))) if acute else None, (m, "all", "sessions"))
    m = "pt-prepared"
    everyone = {name for name, start in pt.items() if start >= since}
    f.count((m, "all", "attended"), everyone)
    f.count((m, "all", "acceptable"), prepared)
    f.count((m, "all", "on_target"), on_target)
    f.count(("hidden", m), everyone - prepared)
    f.share((m, "all", "acceptable_share"), (m, "all", "acceptable"), (m, "all", "attended"))
    f.share((m, "all", "on_target_share"), (m, "all", "on_target"), (m, "all", "attended"))


def acute_drop(pains, start, starts):
    """The first score after, the last one before it; within three hours and within the session's own turn."""
    i = starts.index(start)
    low = max([start - 3 * HOUR] + [s + HOUR / 3.6e9 for s in starts[:i]][-1:])
    high = min([start + 3 * HOUR] + [s - HOUR / 3.6e9 for s in starts[i + 1:]][:1])
    near = [p for p in pains if low <= p["_at"] <= high]
    after = [p for p in near if p["context"] == "post_30min" and p["_at"] > start]
    before = [p for p in near if after and p["context"] == "pre_session" and p["_at"] < after[0]["_at"]]
    if not before or before[-1]["scale"] != after[0]["scale"] or before[-1]["value"] == 0:
        return None
    return (before[-1]["value"] - after[0]["value"]) / before[-1]["value"]


def adverse(f, ea, events, since, year_ago, min_cell):
    m = "reg-ae-per-10000"
    inside = {name: e for name, e in events.items() if e[0] >= since and not e[4]}
    n = (m, "all", "sessions")
    f.count(n, {name for name, start in ea.items() if start >= since})
    f.count((m, "all", "events"), inside)
    rate(f, m, "all", (m, "all", "events"), n)
    f.count((m, "all", "elsewhere"), {name for name, e in events.items() if e[0] >= since and e[4]})
    touched = {e[3] for e in events.values()} - {None}
    f.count((m, "sessions", "events"), touched & f.counts[n])
    rate(f, m, "sessions", (m, "sessions", "events"), n)
    for grade in ["minor", "moderate", "serious"]:
        group = f"grade:{grade}"
        f.count((m, group, "events"), {name for name, e in inside.items() if e[1] == grade})
        rate(f, m, group, (m, group, "events"), n)
    kinds = collections.Counter(e[2] for e in inside.values())
    for kind in [kind for kind, count in kinds.items() if count >= min_cell]:
        f.count((m, f"kind:{kind}", "events"), {name for name, e in inside.items() if e[2] == kind})
    f.count((m, "kind:(rare kinds)", "events"), {name for name, e in inside.items() if kinds[e[2]] < min_cell})
    m, group = "ae-rate-signal", "last_12_months"
    f.count((m, group, "sessions"), {name for name, start in ea.items() if start >= year_ago})
    recent = {name: e for name, e in events.items() if e[0] >= year_ago and not e[4]}
    f.count((m, group, "events"), recent)
    rate(f, m, group, (m, group, "events"), (m, group, "sessions"))
    a, n = len(recent), len(f.counts[(m, group, "sessions")])
    low = high = "too_few_sessions"
    if n >= 300:
        low = "yes" if scipy.stats.chi2.ppf(0.975, 2 * a + 2) / 2 / n < 0.01 else "no"
        high = "yes" if a and scipy.stats.chi2.ppf(0.025, 2 * a) / 2 / n > 0.2 else "no"
    serious = "yes" if any(e[1] == "serious" for e in recent.values()) else "no"
    f.words |= {(m, group, "under_reporting"): low, (m, group, "rate_too_high"): high,
                (m, group, "serious_event"): serious,
                (m, group, "signal"): "yes" if "yes" in (low, high, serious) else "no"}


# ---------------------------------------------------------------- comparing


def expected(path, report):
    until = moment(report["until"])
    since = moment(report["from"]) if report["from"] else datetime.datetime.min.replace(tzinfo=UTC)
    patients = tables(path, until)
    all_of = {}
    for patient, facts in patients.items():
        plans = sorted(facts["plan.activated"], key=lambda p: p["started_on"])
        starts = [datetime.datetime.combine(date(p["started_on"]), datetime.time(), zoneinfo.ZoneInfo(p["timezone"]))
                  .astimezone(UTC) for p in plans]
        for plan, start, after in zip(plans, starts, starts[1:] + [None]):
            if since <= start < until:
                all_of[(patient, plan["plan_id"])] = Episode(facts, plan, after, until)
    f = Figures()
    flow(f, all_of)
    sessions_to_30(f, all_of)
    responders(f, all_of)
    recurrence(f, all_of)
    cost(f, all_of, report)
    fidelity(f, all_of)
    described(f, all_of)
    sessions(f, patients, since, until, report["min_cell"])
    return f


def close(a, b):
    if a is None or b is None:
        return a is None and b is None
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))


def compare(f, figures, min_cell):
    """Every figure there and here: counts exactly, the rest to 1e-9; what is hidden says nothing at all."""
    wrong = []
    shown = {key for key, figure in figures.items() if key in f.counts and not figure["suppressed"]}
    known = {key for key in f.counts if key[0] != "hidden"} | set(f.shares) | set(f.numbers) | set(f.words)
    wrong += [f"{key}: in one report only" for key in known ^ set(figures)]
    for key, figure in figures.items():
        value, n, hidden = figure["value"], figure["n"], figure["suppressed"]
        says = lambda what: wrong.append(f"{key}: {what}, the report says {value} (n {n}, suppressed {hidden})")
        if hidden and value is not None:
            says("a hidden figure has a value")
        if key in f.words:
            if value != f.words[key]:
                says(f.words[key])
        elif key in f.counts:
            count = len(f.counts[key])
            if not hidden and (value != count or n is not None):
                says(count)
            if not hidden and 1 <= count < min_cell:
                says("a small count is shown")
        elif key in f.shares:
            part, whole = f.shares[key]
            size = len(f.counts[whole])
            if hidden == (part in shown and whole in shown):
                says("hidden, or shown, without need")
            if not hidden and (n != size or not close(value, len(f.counts[part]) / size if size else None)):
                says(f"{len(f.counts[part])} of {size}")
        elif key in f.numbers:
            wanted, rests_on = f.numbers[key]
            open_too = [k for k in rests_on if k[0] == "hidden" or k in shown]
            if not hidden and len(open_too) < len(rests_on):
                says("rests on a hidden count")
            if not hidden and not close(value, wanted):
                says(wanted)
    return wrong, shown


def computable(f, shown, min_cell):
    """Small counts that lie in the span of the shown ones: whoever adds and subtracts would find them."""
    names = sorted({name for members in f.counts.values() for name in members}, key=repr)
    column = {name: i for i, name in enumerate(names)}

    def vector(members):
        row = numpy.zeros(len(names))
        row[[column[name] for name in members]] = 1
        return row

    matrix = numpy.array([vector(f.counts[key]) for key in shown])
    basis = matrix[:0]
    if len(matrix):
        _, sizes, rows = numpy.linalg.svd(matrix, full_matrices=False)
        basis = rows[sizes > 1e-8 * sizes[0]]
    found = []
    for key, members in f.counts.items():
        if 1 <= len(members) < min_cell:
            wanted = vector(members)
            rest = wanted - basis.T @ (basis @ wanted)
            if numpy.linalg.norm(rest) < 1e-6:
                found.append(f"{key}: {len(members)} can be computed from what is shown")
    return found


def judge(facts, path):
    report = json.load(open(path, encoding="utf-8"))
    figures = {(b["measure"], g["group"], g["statistic"]): g for b in report["blocks"] for g in b["figures"]}
    f = expected(facts, report)
    wrong, shown = compare(f, figures, report["min_cell"])
    wrong += computable(f, shown, report["min_cell"])
    hidden = sum(figure["suppressed"] for figure in figures.values())
    print(f"{path}: {len(figures)} figures, {hidden} hidden, {len(wrong)} wrong")
    for line in wrong:
        print(f"  {line}")
    return not wrong


def main():
    # A list, not a generator: every report is judged, also after one that is wrong.
    sys.exit(0 if all([judge(sys.argv[1], path) for path in sys.argv[2:]]) else 1)


main()
