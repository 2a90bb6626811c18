//! What became of those who had responded when their course ended.

use care::fact::ours::Evidence;
use care::measure::pain::Reduction;

use crate::cells::{Cell, Counts, Key, Tally};
use crate::episode::{Episode, PainCourse, Reading};
use crate::figure::{Block, Group};

pub(super) struct Recurrence {
    ended: Key,
    responders: Key,
    not_due: Key,
    loss: Outcome,
    strict: Outcome,
    unconfirmed: Key,
}

/// An outcome that is known, or not known, of those who are due.
struct Outcome {
    known: Key,
    happened: Key,
    due: Key,
    lost: Key,
}

/// The pain of a responder at the end of the course.
fn responder(e: &Episode) -> Option<&PainCourse> {
    let responded = |p: &&PainCourse| p.at_end.is_some_and(Reduction::at_least_30);
    e.pain.as_ref().filter(responded)
}

fn due(e: &Episode) -> Option<&PainCourse> {
    responder(e).filter(|p| p.after_end != Reading::NotDue)
}

fn free(e: &Episode) -> Option<&PainCourse> {
    due(e).filter(|p| p.strict.was_free)
}

fn is_known(p: &PainCourse) -> bool {
    p.after_end.taken().is_some()
}

fn lost_response(p: &PainCourse) -> bool {
    p.after_end.taken().is_some_and(|r| !r.at_least_30())
}

pub(super) fn ask(tally: &mut Tally<'_, Episode>) -> Recurrence {
    let ended = tally.add(|e| e.pain.as_ref().is_some_and(|p| p.at_end.is_some()));
    let responders = tally.add(|e| responder(e).is_some());
    tally.guard(|e| e.pain.as_ref().is_some_and(|p| p.at_end.is_some()) && responder(e).is_none());
    tally.guard(|e| due(e).is_some() && free(e).is_none());
    let loss = ask_outcome(tally, due, is_known, lost_response);
    let strict = ask_outcome(
        tally,
        free,
        |p| is_known(p) || p.strict.recurred,
        |p| p.strict.recurred,
    );
    Recurrence {
        ended,
        responders,
        loss,
        strict,
        not_due: tally.add(|e| responder(e).is_some_and(|p| p.after_end == Reading::NotDue)),
        unconfirmed: tally.add(|e| free(e).is_some_and(|p| is_known(p) && p.strict.unconfirmed)),
    }
}

fn ask_outcome(
    tally: &mut Tally<'_, Episode>,
    due: fn(&Episode) -> Option<&PainCourse>,
    known: fn(&PainCourse) -> bool,
    happened: fn(&PainCourse) -> bool,
) -> Outcome {
    tally.guard(|e| due(e).is_some_and(|p| known(p) && !happened(p)));
    Outcome {
        known: tally.add(|e| due(e).is_some_and(known)),
        happened: tally.add(|e| due(e).is_some_and(happened)),
        due: tally.add(|e| due(e).is_some()),
        lost: tally.add(|e| due(e).is_some_and(|p| !known(p))),
    }
}

pub(super) fn block(keys: &Recurrence, counts: &Counts) -> Block {
    let mut block = Block::new(
        "reg-recurrence-6m",
        "Six months after the end of the course",
        Evidence::Partly,
        "Published rates use many definitions and cannot be set beside these.",
    );
    block.footnote(
        "Loss of response: 30 % reduction at the end of the course, less than that at day 182 ± 30 after it. The end \
         score is the last one up to 14 days after the end.",
    );
    block.footnote(
        "Strict recurrence: two pain-free scores (0 points or mm, unless the policy says otherwise) at least 30 days apart with no other between, \
         then 2 points or 20 mm for 24 hours or longer. One painful score alone is \"unconfirmed\".",
    );
    block.footnote(
        "Lowest: everybody who was lost did well. Highest: nobody did, and the unconfirmed recurred.",
    );
    let responders = counts.of(keys.responders);
    block
        .group("end_of_course")
        .count(
            "evaluable",
            "ended, with a score at the end",
            counts.of(keys.ended),
        )
        .count("responders", "responders then", responders)
        .share(
            "responder_share",
            "share of responders",
            responders,
            counts.of(keys.ended),
        )
        .count(
            "not_due",
            "responders whose six months are not over",
            counts.of(keys.not_due),
        );
    let mut group = block.group("loss_of_response");
    outcome(
        &mut group,
        &keys.loss,
        counts,
        (
            "loss_of_response",
            "lost the response",
            "responders followed for six months",
        ),
        None,
    );
    let mut group = block.group("recurrence_strict");
    outcome(
        &mut group,
        &keys.strict,
        counts,
        (
            "recurrence_strict",
            "recurred",
            "of these, with 30 pain-free days",
        ),
        Some(counts.of(keys.unconfirmed)),
    );
    block
}

fn outcome(
    group: &mut Group<'_>,
    keys: &Outcome,
    counts: &Counts,
    (code, label, whom): (&'static str, &'static str, &'static str),
    unconfirmed: Option<Cell>,
) {
    let (due, known, happened, lost) = (
        counts.of(keys.due),
        counts.of(keys.known),
        counts.of(keys.happened),
        counts.of(keys.lost),
    );
    group
        .count("due", whom, due)
        .count("known", "status known", known)
        .count("lost_to_follow_up", "lost to follow-up", lost)
        .count("happened", label, happened)
        .share(code, format!("{label}, of those known"), happened, known)
        .share("lowest", "lowest it can be", happened, due);
    let mut worst = happened.plus(lost);
    if let Some(unconfirmed) = unconfirmed {
        group.count("unconfirmed", "unconfirmed", unconfirmed);
        worst = worst.plus(unconfirmed);
    }
    group.share("highest", "highest it can be", worst, due);
}
