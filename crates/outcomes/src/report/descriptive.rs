//! What is described and judges nobody: Oswestry, early sleep and stiffness, sleep and mood.

use care::fact::ours::Evidence;

use super::Registry;
use crate::cells::{Counts, Key, Tally};
use crate::episode::{Episode, Pair};
use crate::figure::{Block, Group, Shape};
use crate::statistics::median;

type Field = fn(&Episode) -> Option<Pair>;

pub(super) struct Descriptive {
    oswestry: Key,
    improved: Key,
    pairs: Vec<Key>,
}

const PAIRS: [(Field, &str, &str); 4] = [
    (
        |e| e.diaries.sleep_early,
        "sleep_onset_min",
        "minutes to fall asleep",
    ),
    (
        |e| e.diaries.stiffness_early,
        "morning_stiffness_min",
        "minutes of morning stiffness",
    ),
    (
        |e| e.diaries.sleep_late,
        "sleep_onset_min",
        "minutes to fall asleep",
    ),
    (|e| e.diaries.mood_late, "mood", "mood, 0 to 10"),
];

pub(super) fn ask(tally: &mut Tally<'_, Episode>) -> Descriptive {
    let oswestry = tally.add(|e| e.oswestry.is_some());
    let improved = tally.add(|e| e.oswestry.is_some_and(|change| change.improved));
    tally.guard(|e| e.oswestry.is_some_and(|change| !change.improved));
    Descriptive {
        oswestry,
        improved,
        pairs: PAIRS
            .iter()
            .map(|(field, ..)| tally.add(|e| field(e).is_some()))
            .collect(),
    }
}

pub(super) fn oswestry_block(keys: &Descriptive, counts: &Counts, registry: &Registry<'_>) -> Block {
    let mut block = Block::new(
        "oswestry-change",
        "Oswestry, from the baseline to the last usable score",
        Evidence::Partly,
        "10 points is a consensus on what matters to patients; near the lower end it cannot be reached.",
    );
    let (n, improved) = (counts.of(keys.oswestry), counts.of(keys.improved));
    let points: Vec<f64> = registry
        .episodes
        .iter()
        .filter_map(|e| Some(e.oswestry?.points))
        .collect();
    block
        .group("all")
        .count("evaluable", "episodes with both scores", n)
        .count("improved", "10 points or more better", improved)
        .share("improved_share", "share of these", improved, n)
        .number(
            "median_points",
            "median change, points; positive is better",
            median(&points),
            n,
            Shape::Plain(1),
        );
    block
}

pub(super) fn early_block(keys: &Descriptive, counts: &Counts, registry: &Registry<'_>) -> Block {
    let mut block = Block::new(
        "expect-session-3-sleep-stiffness",
        "Sleep and morning stiffness after session 3",
        Evidence::Unverified,
        "Descriptive: no threshold is known, and nothing is promised.",
    );
    block.footnote("Median of the 14 days up to the first session against the 7 days after the third.");
    for at in [0, 1] {
        pair(&mut block, at, keys, counts, registry);
    }
    block
}

pub(super) fn benefit_block(keys: &Descriptive, counts: &Counts, registry: &Registry<'_>) -> Block {
    let mut block = Block::new(
        "cobenefit-sleep-mood",
        "Sleep and mood at the end of the course",
        Evidence::Unverified,
        "Descriptive: no rule rests on it, and such changes are not specific to a treatment.",
    );
    block.footnote("Median of the 14 days up to the first session against the last 14 days of the course.");
    for at in [2, 3] {
        pair(&mut block, at, keys, counts, registry);
    }
    block
}

fn pair(block: &mut Block, at: usize, keys: &Descriptive, counts: &Counts, registry: &Registry<'_>) {
    let ((field, code, label), key) = (PAIRS[at], keys.pairs[at]);
    let n = counts.of(key);
    let of = |value: fn(Pair) -> f64| {
        let values: Vec<f64> = registry.episodes.iter().filter_map(field).map(value).collect();
        median(&values)
    };
    let mut group: Group<'_> = block.group(code);
    group
        .count("episodes", format!("{label}: episodes with both"), n)
        .number(
            "median_before",
            "median before",
            of(|p| p.before),
            n,
            Shape::Plain(1),
        )
        .number(
            "median_after",
            "median after",
            of(|p| p.after),
            n,
            Shape::Plain(1),
        )
        .number(
            "median_change",
            "median change of an episode",
            of(|p| p.after - p.before),
            n,
            Shape::Plain(1),
        );
}
