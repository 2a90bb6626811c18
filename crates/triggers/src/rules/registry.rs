//! Numbers of the registry report; nobody is told of them.

use care::fact::ours::Evidence;

use super::adverse::GROUP;
use crate::rule::{Origin, Rule, RuleInfo, ShowsAs};

pub(crate) const SESSIONS_RULE: Rule = Rule::listed(&SESSIONS);
pub(crate) const RECURRENCE_RULE: Rule = Rule::listed(&RECURRENCE);
pub(crate) const EVENTS_RULE: Rule = Rule::listed(&EVENTS);
pub(crate) const COST_RULE: Rule = Rule::listed(&COST);
pub(crate) const RESPONDERS_RULE: Rule = Rule::listed(&RESPONDERS);
pub(crate) const FIDELITY_RULE: Rule = Rule::listed(&FIDELITY);

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    dedupe: "one per report",
    rearm: "never: nobody is told",
    source: Origin::SourceText,
    shows_as: ShowsAs::Registry,
    ..RuleInfo::BASE
};

pub(crate) static SESSIONS: RuleInfo = RuleInfo {
    id: "reg-sessions-to-30",
    name: "Average sessions to a reduction of 30 % or more",
    effect: "Sessions attended before the first score that is 30 % better; with responders, evaluable episodes, and a \
             median that counts those who did not respond.",
    evidence: Evidence::Unverified,
    evidence_note: "A mean over responders alone is too low. Medicines have no sessions: for them days are counted.",
    ..SHARED
};

pub(crate) static RECURRENCE: RuleInfo = RuleInfo {
    id: "reg-recurrence-6m",
    name: "Six-month recurrence",
    effect: "Responders who lost their response, and new pain after 30 days without, each with those lost to follow-up \
             and the bounds if all or none of them had it.",
    evidence: Evidence::Unverified,
    evidence_note: "The source text gives rates and no definition.",
    ..SHARED
};

pub(crate) static EVENTS: RuleInfo = RuleInfo {
    id: "reg-ae-per-10000",
    name: "Adverse events per 10000 sessions",
    effect: "By grade and kind, with an exact interval; no event is shown as a bound and never as nought; too few \
             sessions are shown as counts.",
    evidence: Evidence::Contradicted,
    evidence_note: "A review of 2021 finds 757 treatments with an event per 10000, hundreds of times what the source \
                    text says.",
    ..SHARED
};

pub(crate) static COST: RuleInfo = RuleInfo {
    id: "reg-cost-per-response",
    name: "Cost per meaningful response",
    effect: "Costs of every evaluable episode over responders, with currency, year and who pays; undefined without a \
             responder.",
    evidence: Evidence::Unverified,
    evidence_note: "The source text does not define it; 30 % as meaningful is an assumption.",
    ..SHARED
};

pub(crate) static RESPONDERS: RuleInfo = RuleInfo {
    id: "reg-responders-6w-6m",
    name: "Responders at six weeks and six months",
    effect: "30 % better at six weeks, 50 % better at six months, with what is missing left out, and again counted as \
             no response.",
    evidence: Evidence::Contradicted,
    evidence_note: "The trial that the source text names found 47.6 % response at six months, 44.2 % with sham \
                    needling.",
    ..SHARED
};

pub(crate) static FIDELITY: RuleInfo = RuleInfo {
    id: "reg-fidelity-vs-response",
    name: "Response by fidelity",
    effect: "Response where half the sessions or more deviate, relative to the others, with an interval; observational \
             and confounded.",
    evidence: Evidence::Unverified,
    evidence_note: "The review that the source text names was not found.",
    ..SHARED
};
