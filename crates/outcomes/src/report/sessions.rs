//! Measures of single sessions: pain half an hour after the needles went in, and PT that EA had prepared.

use care::fact::ours::Evidence;

use super::Registry;
use crate::cells::Tally;
use crate::figure::{Block, Shape};
use crate::statistics::mean;

pub(super) fn blocks(registry: &Registry<'_>) -> Vec<Block> {
    vec![acute(registry), prepared(registry)]
}

fn acute(registry: &Registry<'_>) -> Block {
    let mut block = Block::new(
        "acute-30min-drop",
        "Pain 30 minutes after insertion",
        Evidence::Unverified,
        "Descriptive, another point in time than response: it never makes a responder.",
    );
    block.footnote(
        "Mean of (before − after) / before over sessions with both scores and a score above zero before.",
    );
    let drops: Vec<f64> = registry
        .treated
        .iter()
        .filter(|t| t.start >= registry.from)
        .filter_map(|t| t.acute_drop)
        .collect();
    let mut tally = Tally::new(&drops, registry.options.min_cell);
    let all = tally.add(|_| true);
    let n = tally.settle().of(all);
    block
        .group("all")
        .count("sessions", "sessions with both scores", n)
        .number("mean_drop", "mean reduction", mean(&drops), n, Shape::Percent);
    block
}

fn prepared(registry: &Registry<'_>) -> Block {
    let mut block = Block::new(
        "pt-prepared",
        "PT sessions that an EA had prepared",
        Evidence::Policy,
        "The hours between EA and PT are the team's policy; no study of the interval was found.",
    );
    let scheduling = &registry.policy.scheduling;
    block.footnote(format!(
        "Acceptable: {} to {} hours before, as both really began. On target: within {} hours of {}, or of what the \
         plan says.",
        scheduling.acceptable_min_hours,
        scheduling.acceptable_max_hours,
        scheduling.on_target_hours,
        scheduling.lead_hours,
    ));
    let (attended, acceptable, on_target) = registry.pt;
    // One for each session: how well it was prepared.
    let sessions: Vec<(bool, bool)> = (0..attended).map(|i| (i < acceptable, i < on_target)).collect();
    let mut tally = Tally::new(&sessions, registry.options.min_cell);
    let keys = [
        tally.add(|_| true),
        tally.add(|(acceptable, _)| *acceptable),
        tally.add(|(_, on_target)| *on_target),
    ];
    tally.guard(|(acceptable, _)| !acceptable);
    let counts = tally.settle();
    let [all, acceptable, on_target] = keys.map(|key| counts.of(key));
    block
        .group("all")
        .count("attended", "PT sessions attended", all)
        .count("acceptable", "prepared in the acceptable gap", acceptable)
        .share("acceptable_share", "share prepared", acceptable, all)
        .count("on_target", "prepared on target", on_target)
        .share("on_target_share", "share on target", on_target, all);
    block
}
