//! Sessions to a 30 % reduction, and responder rates at six weeks and six months.

use care::fact::ours::Evidence;
use care::measure::pain::Reduction;

use super::Registry;
use super::flow::Flow;
use crate::cells::{Counts, Key, Tally};
use crate::episode::{Episode, PainCourse, Reading};
use crate::figure::{Block, Shape};
use crate::statistics::{Watched, mean, median, survival_median};

type First = fn(&PainCourse) -> Option<usize>;

pub(super) struct Sessions {
    responders: Key,
    non_responders: Key,
    confirmed: Key,
    unconfirmed: Key,
}

/// Who reached 30 % once, and who twice in a row.
const EVER: First = |p| p.responded;
const TWICE: First = |p| p.confirmed;

fn reached(e: &Episode, first: First) -> bool {
    e.is_evaluable() && e.pain.as_ref().is_some_and(|p| first(p).is_some())
}

pub(super) fn ask_sessions(tally: &mut Tally<'_, Episode>) -> Sessions {
    let responders = tally.add(|e| reached(e, EVER));
    let non_responders = tally.add(|e| e.is_evaluable() && !reached(e, EVER));
    let confirmed = tally.add(|e| reached(e, TWICE));
    tally.guard(|e| reached(e, EVER) && !reached(e, TWICE));
    Sessions {
        responders,
        non_responders,
        confirmed,
        unconfirmed: tally.add(|e| e.is_evaluable() && !reached(e, TWICE)),
    }
}

pub(super) fn sessions_block(
    keys: &Sessions,
    flow: &Flow,
    counts: &Counts,
    registry: &Registry<'_>,
) -> Block {
    let mut block = Block::new(
        "reg-sessions-to-30",
        "EA sessions to a 30 % reduction of pain",
        Evidence::Unverified,
        "A mean over responders alone is too low: read it with the share of responders and the median of all.",
    );
    block.footnote(
        "The median of all is Kaplan-Meier's: who did not respond is watched up to the last score. \"not \
         reached\": fewer than half responded while they were watched.",
    );
    block.footnote("Confirmed: two consecutive scores, counted at the first of them.");
    let evaluable = counts.of(flow.evaluable);
    let variants: [(&str, First, Key, Key); 2] = [
        ("first_time", EVER, keys.responders, keys.non_responders),
        ("confirmed", TWICE, keys.confirmed, keys.unconfirmed),
    ];
    for (name, first, yes, no) in variants {
        let pains = || evaluable_pains(registry);
        let (responders, others) = (counts.of(yes), counts.of(no));
        let to_response: Vec<f64> = pains().filter_map(|(_, p)| first(p)).map(|k| k as f64).collect();
        let attended: Vec<f64> = pains()
            .filter(|(_, p)| first(p).is_none())
            .map(|(e, _)| e.attended.len() as f64)
            .collect();
        let watched: Vec<Watched> = pains().filter_map(|(_, p)| watched(p, first)).collect();
        let survival = survival_median(&watched).map(|k| k as f64);
        let mut group = block.group(name);
        group
            .count("evaluable", "evaluable episodes (E)", evaluable)
            .count("responders", "responders (R)", responders)
            .share(
                "responder_share",
                "share of responders, R / E",
                responders,
                evaluable,
            )
            .number(
                "mean_sessions",
                "mean sessions, responders only",
                mean(&to_response),
                responders,
                Shape::Plain(1),
            )
            .number(
                "km_median_sessions",
                "median sessions, all episodes",
                survival,
                evaluable,
                Shape::Plain(0),
            )
            .number(
                "non_responders_median_attended",
                "median sessions attended by the others",
                median(&attended),
                others,
                Shape::Plain(1),
            );
    }
    block
}

fn evaluable_pains<'a>(registry: &'a Registry<'_>) -> impl Iterator<Item = (&'a Episode, &'a PainCourse)> {
    let evaluable = registry.episodes.iter().filter(|e| e.is_evaluable());
    evaluable.filter_map(|e| Some((e, e.pain.as_ref()?)))
}

fn watched(pain: &PainCourse, first: First) -> Option<Watched> {
    let event = first(pain);
    let sessions = event.or_else(|| pain.watched())?;
    Some(Watched {
        sessions,
        happened: event.is_some(),
    })
}

pub(super) struct Responders(Vec<TimePoint>);

struct TimePoint {
    name: &'static str,
    rate: (&'static str, &'static str),
    imputed: (&'static str, &'static str),
    evaluable: Key,
    responders: Key,
    due: Key,
    missing: Key,
    not_due: Key,
}

/// What a set time's value is, and from when on it is a response.
type Value = fn(&PainCourse) -> Reading;
type Hit = fn(Reduction) -> bool;

pub(super) fn ask_responders(tally: &mut Tally<'_, Episode>) -> Responders {
    let six_weeks: Value = |p| p.six_weeks;
    let six_months: Value = |p| p.six_months;
    let weeks = ask_time(
        tally,
        "six_weeks",
        (six_weeks, Reduction::at_least_30),
        ("r30_6w", "reduction of 30 % or more"),
        ("r30_6w_imputed", "the same, missing as no response"),
    );
    let months = ask_time(
        tally,
        "six_months",
        (six_months, Reduction::at_least_50),
        ("r50_6m", "reduction of 50 % or more"),
        ("r50_6m_imputed", "the same, missing as no response"),
    );
    Responders(vec![weeks, months])
}

fn ask_time(
    tally: &mut Tally<'_, Episode>,
    name: &'static str,
    (value, hit): (Value, Hit),
    rate: (&'static str, &'static str),
    imputed: (&'static str, &'static str),
) -> TimePoint {
    let reading = move |e: &Episode| e.pain.as_ref().map(value);
    let taken = move |e: &Episode| reading(e).and_then(Reading::taken);
    let evaluable = tally.add(|e| taken(e).is_some());
    let responders = tally.add(|e| taken(e).is_some_and(hit));
    tally.guard(|e| taken(e).is_some_and(|reduction| !hit(reduction)));
    TimePoint {
        name,
        rate,
        imputed,
        evaluable,
        responders,
        due: tally.add(|e| reading(e).is_some_and(|r| r != Reading::NotDue)),
        missing: tally.add(|e| reading(e) == Some(Reading::Missing)),
        not_due: tally.add(|e| reading(e) == Some(Reading::NotDue)),
    }
}

pub(super) fn responders_block(keys: &Responders, counts: &Counts) -> Block {
    let mut block = Block::new(
        "reg-responders-6w-6m",
        "Responders at six weeks and six months after the first session",
        Evidence::Unverified,
        "Without a comparison group a rate does not say what the treatment did: pain also falls by itself.",
    );
    block.footnote("Six weeks is day 42 ± 7, six months day 182 ± 30; the score nearest to the day counts.");
    block.footnote(
        "Counted are episodes with a baseline above zero; \"due\" once the last of these days is over.",
    );
    for time in &keys.0 {
        let (evaluable, responders, due) = (
            counts.of(time.evaluable),
            counts.of(time.responders),
            counts.of(time.due),
        );
        let mut group = block.group(time.name);
        group
            .count("due", "due", due)
            .count("evaluable", "evaluable: with a score", evaluable)
            .count("missing", "missing", counts.of(time.missing))
            .count("not_due", "not due yet", counts.of(time.not_due))
            .count("responders", "responders", responders)
            .share(time.rate.0, time.rate.1, responders, evaluable)
            .share(time.imputed.0, time.imputed.1, responders, due);
    }
    block
}
