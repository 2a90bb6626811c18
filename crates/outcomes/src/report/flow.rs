//! Which episodes there are, which can be judged, and why the others cannot.

use care::fact::ours::Evidence;

use crate::cells::{Counts, Key, Tally};
use crate::episode::{Episode, How, Standing};
use crate::figure::Block;

pub(super) struct Flow {
    pub(super) evaluable: Key,
    pub(super) low_baseline: Key,
    all: Key,
    reasons: Vec<(Key, &'static str, &'static str)>,
}

pub(super) struct Endings(Vec<(Key, &'static str, &'static str)>);

const REASONS: [(Standing, &str, &str); 5] = [
    (
        Standing::NoSession,
        "no_session",
        "not evaluable: no session attended",
    ),
    (
        Standing::NoBaseline,
        "no_baseline",
        "not evaluable: no score before session 1",
    ),
    (
        Standing::ZeroBaseline,
        "zero_baseline",
        "not evaluable: baseline of zero",
    ),
    (
        Standing::NoLaterScore,
        "no_later_score",
        "not evaluable: no later score",
    ),
    (
        Standing::OtherScale,
        "other_scale_or_question",
        "not evaluable: later scores on another scale or question",
    ),
];

const ENDINGS: [(Option<How>, &str, &str); 5] = [
    (Some(How::Completed), "completed", "course ended: plan completed"),
    (Some(How::Revoked), "revoked", "course ended: plan revoked"),
    (
        Some(How::Superseded),
        "superseded",
        "course ended: next plan began",
    ),
    (
        Some(How::Lapsed),
        "lapsed",
        "course ended: nobody came for six weeks",
    ),
    (None, "open", "course still open"),
];

pub(super) fn ask(tally: &mut Tally<'_, Episode>) -> Flow {
    let evaluable = tally.add(Episode::is_evaluable);
    let all = tally.add(|_| true);
    let reasons: Vec<_> = REASONS
        .into_iter()
        .map(|(reason, code, label)| (tally.add(|e| e.standing == reason), code, label))
        .collect();
    tally.side_by_side(reasons.iter().map(|(key, ..)| *key));
    let low = |e: &Episode| e.is_evaluable() && e.pain.as_ref().is_some_and(|p| p.low_baseline());
    tally.guard(|e| e.is_evaluable() && !low(e));
    Flow {
        evaluable,
        all,
        reasons,
        low_baseline: tally.add(low),
    }
}

pub(super) fn ask_endings(tally: &mut Tally<'_, Episode>) -> Endings {
    let keys: Vec<_> = ENDINGS
        .into_iter()
        .map(|(how, code, label)| (tally.add(|e| e.ending.map(|e| e.how) == how), code, label))
        .collect();
    tally.side_by_side(keys.iter().map(|(key, ..)| *key));
    Endings(keys)
}

pub(super) fn block(flow: &Flow, endings: &Endings, counts: &Counts) -> Block {
    let mut block = Block::new(
        "episodes",
        "Episodes",
        Evidence::Policy,
        "An episode is one care plan, from its first day to the first day of the patient's next plan.",
    );
    block.footnote(
        "Only scores of one scale and one question are compared; a baseline is at most 14 days old.",
    );
    block.footnote(
        "A baseline below 30 mm or 3 points is low: 30 % of it is less than a change that matters.",
    );
    let mut group = block.group("all");
    group.count(
        "episodes",
        "episodes that began in the period",
        counts.of(flow.all),
    );
    group.count("evaluable", "evaluable", counts.of(flow.evaluable));
    group.count(
        "low_baseline",
        "of these, with a low baseline",
        counts.of(flow.low_baseline),
    );
    for (key, code, label) in &flow.reasons {
        group.count(code, *label, counts.of(*key));
    }
    for (key, code, label) in &endings.0 {
        group.count(code, *label, counts.of(*key));
    }
    block
}
