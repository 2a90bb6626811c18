//! Adverse events per 10,000 EA sessions, and whether the rate itself looks wrong.

use std::collections::btree_map::BTreeMap;

use care::fact::assessment::AdverseGrade;
use care::fact::ours::Evidence;
use care::policy::AdverseEvents;

use super::Registry;
use crate::adverse::Adverse;
use crate::assumed::{PER_SESSIONS, RATE_SESSIONS_MIN};
use crate::cells::{Cell, Counts, Key, Tally};
use crate::figure::{Block, Group, Shape};
use crate::statistics::poisson_interval;

const GRADES: [(AdverseGrade, &str); 3] = [
    (AdverseGrade::Minor, "minor"),
    (AdverseGrade::Moderate, "moderate"),
    (AdverseGrade::Serious, "serious"),
];

struct Events {
    all: Key,
    grades: Vec<(Key, &'static str)>,
    kinds: Vec<(Key, String)>,
    elsewhere: Key,
    year: Key,
    year_serious: Key,
}

struct Sessions {
    all: Cell,
    with_event: Cell,
    year: Cell,
}

pub(super) fn blocks(registry: &Registry<'_>) -> Vec<Block> {
    let mut tally = Tally::new(&registry.treated, registry.options.min_cell);
    let all = tally.add(|t| t.start >= registry.from);
    let with_event = tally.add(|t| t.start >= registry.from && t.had_event);
    tally.guard(|t| t.start >= registry.from && !t.had_event);
    let year = tally.add(|t| t.start >= registry.year_from);
    let counts = tally.settle();
    let sessions = Sessions {
        all: counts.of(all),
        with_event: counts.of(with_event),
        year: counts.of(year),
    };
    let mut tally = Tally::new(&registry.events, registry.options.min_cell);
    let events = ask(&mut tally, registry);
    let counts = tally.settle();
    vec![
        rates(&events, &counts, &sessions),
        signal(&events, &counts, &sessions, &registry.policy.adverse_events),
    ]
}

fn ask(tally: &mut Tally<'_, Adverse>, registry: &Registry<'_>) -> Events {
    let counts = |e: &Adverse| e.at >= registry.from && !e.elsewhere;
    let in_year = |e: &Adverse| e.at >= registry.year_from && !e.elsewhere;
    let all = tally.add(counts);
    let grades: Vec<_> = GRADES
        .into_iter()
        .map(|(grade, code)| (tally.add(|e| counts(e) && e.grade == grade), code))
        .collect();
    tally.side_by_side(grades.iter().map(|(key, _)| *key));
    // A code that few events carry may itself say whom it happened to: those go under one name.
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for event in registry.events.iter().filter(|e| counts(e)) {
        *kinds.entry(&event.kind).or_insert(0) += 1;
    }
    kinds.retain(|_, count| *count >= registry.options.min_cell);
    let mut named: Vec<_> = kinds
        .keys()
        .map(|kind| (tally.add(|e| counts(e) && e.kind == *kind), (*kind).to_owned()))
        .collect();
    let rare = tally.add(|e| counts(e) && !kinds.contains_key(e.kind.as_str()));
    named.push((rare, "(rare kinds)".to_owned()));
    tally.side_by_side(named.iter().map(|(key, _)| *key));
    Events {
        all,
        grades,
        kinds: named,
        elsewhere: tally.add(|e| e.at >= registry.from && e.elsewhere),
        year: tally.add(in_year),
        year_serious: tally.add(|e| in_year(e) && e.grade == AdverseGrade::Serious),
    }
}

fn rates(events: &Events, counts: &Counts, sessions: &Sessions) -> Block {
    let mut block = Block::new(
        "reg-ae-per-10000",
        "Adverse events per 10,000 EA sessions",
        Evidence::Partly,
        "A rate is as good as the asking: where nobody asks after every session, few events are no good sign.",
    );
    block.footnote("Interval: exact for a Poisson count, 95 %. No event at all: below 30,000 / sessions (rule of three).");
    block.footnote("Under 300 sessions: counts only. Kinds too rare to be shown are taken together.");
    let n = sessions.all;
    let mut group = block.group("all");
    group.count("sessions", "EA sessions attended (N)", n).count(
        "events",
        "adverse events (A)",
        counts.of(events.all),
    );
    rate(&mut group, counts.of(events.all), n);
    group.count(
        "elsewhere",
        "not in it: events of sessions that were no EA",
        counts.of(events.elsewhere),
    );
    let mut group = block.group("sessions");
    group.count("events", "sessions with an event", sessions.with_event);
    rate(&mut group, sessions.with_event, n);
    for (key, grade) in &events.grades {
        let mut group = block.group(format!("grade:{grade}"));
        group.count("events", format!("{grade} events"), counts.of(*key));
        rate(&mut group, counts.of(*key), n);
    }
    for (key, kind) in &events.kinds {
        let mut group = block.group(format!("kind:{kind}"));
        group.count("events", "events of this kind", counts.of(*key));
    }
    block
}

/// Per 10,000 sessions, with its interval; of nothing counted, what it is below.
fn rate(group: &mut Group<'_>, events: Cell, sessions: Cell) {
    let n = sessions.shown_if(events.shown().is_some());
    let (a, of) = (events.hidden_too(), sessions.hidden_too());
    let per = |count: f64| PER_SESSIONS * count / of as f64;
    let enough = of >= RATE_SESSIONS_MIN;
    let interval = poisson_interval(a).filter(|_| enough && a > 0);
    group
        .number(
            "rate_per_10000",
            "per 10,000 sessions",
            (enough && a > 0).then(|| per(a as f64)),
            n,
            Shape::Plain(1),
        )
        .interval(
            interval.map(|(low, high)| (per(low), per(high))),
            n,
            ["rate_per_10000_low", "rate_per_10000_high"],
        )
        .number(
            "rate_per_10000_below",
            "below",
            (enough && a == 0).then(|| per(3.0)),
            n,
            Shape::Below,
        );
}

fn signal(events: &Events, counts: &Counts, sessions: &Sessions, policy: &AdverseEvents) -> Block {
    let mut block = Block::new(
        "ae-rate-signal",
        "Does the rate of the last twelve months look wrong?",
        Evidence::Assumption,
        "The limits are an assumption around a large pooled analysis: below 100 per 10,000 sessions reporting is \
         probably incomplete, above 2,000 something is.",
    );
    block.footnote("A limit counts only when the whole 95 % interval is beyond it; one serious event is always a signal.");
    let (a, n) = (counts.of(events.year), sessions.year);
    let enough = n.hidden_too() >= u64::from(policy.signal_min_treatments);
    let interval = poisson_interval(a.hidden_too()).filter(|_| enough);
    let per = |count: f64| PER_SESSIONS * count / n.hidden_too() as f64;
    let serious = counts.of(events.year_serious).hidden_too() > 0;
    let is_low = interval.map(|(_, high)| per(high) < f64::from(policy.signal_low_per_10000));
    let is_high = interval.map(|(low, _)| per(low) > f64::from(policy.signal_high_per_10000));
    let says = |truth: Option<bool>| {
        let word = match truth {
            None => "too_few_sessions",
            Some(true) => "yes",
            Some(false) => "no",
        };
        Some(word.to_owned())
    };
    let any = serious || is_low == Some(true) || is_high == Some(true);
    let mut group = block.group("last_12_months");
    group
        .count("sessions", "EA sessions attended", n)
        .count("events", "adverse events", a);
    rate(&mut group, a, n);
    group
        .word("under_reporting", "probably under-reported", says(is_low))
        .word("rate_too_high", "more than expected", says(is_high))
        .word("serious_event", "a serious event", says(Some(serious)))
        .word("signal", "an audit is due", says(Some(any)));
    block
}
