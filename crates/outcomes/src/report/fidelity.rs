//! Response by how closely the sessions kept to the agreed criteria.

use care::fact::ours::Evidence;

use crate::cells::{Counts, Key, Tally};
use crate::episode::Episode;
use crate::figure::{Block, Shape};
use crate::statistics::relative_difference;

pub(super) struct Fidelity {
    deviating: (Key, Key),
    agreed: (Key, Key),
    unknown: Key,
}

fn is_in(e: &Episode, deviates: Option<bool>) -> bool {
    e.is_evaluable() && e.deviates() == deviates
}

pub(super) fn ask(tally: &mut Tally<'_, Episode>) -> Fidelity {
    let mut group = |deviates: bool| {
        let all = tally.add(|e| is_in(e, Some(deviates)));
        let responders = tally.add(|e| is_in(e, Some(deviates)) && e.responded().is_some());
        tally.guard(|e| is_in(e, Some(deviates)) && e.responded().is_none());
        (all, responders)
    };
    let (deviating, agreed) = (group(true), group(false));
    // What is left of all responders must not show how the few fared whose sessions were not recorded.
    tally.guard(|e| is_in(e, None) && e.responded().is_some());
    tally.guard(|e| is_in(e, None) && e.responded().is_none());
    Fidelity {
        deviating,
        agreed,
        unknown: tally.add(|e| is_in(e, None)),
    }
}

pub(super) fn block(keys: &Fidelity, counts: &Counts) -> Block {
    let mut block = Block::new(
        "reg-fidelity-vs-response",
        "Response by fidelity (observational, confounded)",
        Evidence::Unverified,
        "Observational and confounded: who is treated otherwise differs in other ways too. It shows no cause.",
    );
    block.footnote(
        "A session deviates with too few points, too short a retention or no distal point; an episode, when half or \
         more of its recorded sessions do. Response: 30 % at any time.",
    );
    block.footnote("Interval: log ratio of two proportions (Katz). It needs a responder in both groups.");
    let [(all, yes), (agreed_all, agreed_yes)] =
        [keys.deviating, keys.agreed].map(|(all, yes)| (counts.of(all), counts.of(yes)));
    for (name, all, yes) in [("deviating", all, yes), ("as_agreed", agreed_all, agreed_yes)] {
        block
            .group(name)
            .count("evaluable", "evaluable episodes", all)
            .count("responders", "responders", yes)
            .share("responder_share", "share of responders", yes, all);
    }
    let of = all.plus(agreed_all);
    // Both responder counts can be read off the figures below: those must be shown too.
    let n = of.shown_if(yes.shown().and(agreed_yes.shown()).is_some());
    let difference = relative_difference(
        (yes.hidden_too(), all.hidden_too()),
        (agreed_yes.hidden_too(), agreed_all.hidden_too()),
    );
    block
        .group("all")
        .count(
            "not_recorded",
            "not in it: delivery not recorded",
            counts.of(keys.unknown),
        )
        .number(
            "relative_difference",
            "relative difference, deviating against as agreed",
            difference.map(|d| d.value),
            n,
            Shape::Percent,
        )
        .interval(
            difference.and_then(|d| d.interval),
            n,
            ["relative_difference_low", "relative_difference_high"],
        );
    block
}
