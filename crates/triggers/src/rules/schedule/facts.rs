//! What scheduling says by the facts it writes; no alert stands beside them.

use care::fact::ours::{Evidence, Severity};
use care::role::Role;

use super::GROUP;
use crate::rule::{Origin, Rule, RuleInfo, ShowsAs};

pub(crate) const BEFORE_RULE: Rule = Rule::listed(&BEFORE);
pub(crate) const LEAD_RULE: Rule = Rule::listed(&LEAD);
pub(crate) const MOVED_RULE: Rule = Rule::listed(&MOVED);
pub(crate) const CLOSED_RULE: Rule = Rule::listed(&CLOSED);
pub(crate) const HOLD_RULE: Rule = Rule::listed(&HOLD);

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Info,
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    source: Origin::Assumption,
    ..RuleInfo::BASE
};

pub(crate) static BEFORE: RuleInfo = RuleInfo {
    id: "ea-before-pt-48h",
    name: "EA 48 hours before each PT",
    roles: &[Role::CareCoordinator, Role::Acupuncturist],
    effect: "Places EA as near to 48 hours before PT as calendar, spacing and cap allow; one EA may prepare several \
             PT sessions.",
    dedupe: "one EA per PT as it is booked",
    rearm: "the PT moves, or its EA is called off",
    evidence: Evidence::Policy,
    evidence_note: "No study of the interval was found; trials that combine EA and exercise keep no fixed gap.",
    source: Origin::SourceText,
    shows_as: ShowsAs::Fact("session.booked"),
    ..SHARED
};

pub(crate) static LEAD: RuleInfo = RuleInfo {
    id: "pt-lead-too-short",
    name: "PT booked with too little lead time",
    roles: &[Role::CareCoordinator, Role::PhysicalTherapist],
    effect: "The PT goes ahead unprepared, with what stands in the way and what could be done instead; PT never waits \
             for EA.",
    dedupe: "one per PT as it is booked",
    rearm: "the PT moves",
    evidence_note: "Exercise is the better supported treatment, so it goes first.",
    shows_as: ShowsAs::Fact("session.unprepared"),
    ..SHARED
};

pub(crate) static MOVED: RuleInfo = RuleInfo {
    id: "pt-moved-after-ea",
    name: "PT moved after its EA was delivered",
    roles: &[Role::CareCoordinator, Role::Acupuncturist],
    effect: "A PT that moves out of reach of the EA that took place gets a second one where spacing and cap allow, \
             else it goes ahead unprepared.",
    dedupe: "one EA per PT as it is booked",
    rearm: "the PT moves again",
    shows_as: ShowsAs::Fact("session.booked"),
    ..SHARED
};

pub(crate) static CLOSED: RuleInfo = RuleInfo {
    id: "ea-closed-day",
    name: "Target falls on a closed day",
    roles: &[Role::CareCoordinator],
    effect: "Takes the nearest acceptable slot of another day; if there is none, the PT goes ahead unprepared.",
    dedupe: "one EA per PT as it is booked",
    rearm: "the calendar changes",
    shows_as: ShowsAs::Fact("session.booked"),
    ..SHARED
};

pub(crate) static HOLD: RuleInfo = RuleInfo {
    id: "hold-suspends-scheduling",
    name: "Plan on hold",
    roles: &[
        Role::Acupuncturist,
        Role::PhysicalTherapist,
        Role::CareCoordinator,
    ],
    effect: "Holds EA ahead and places none; safety rules and the Oswestry clock go on, its reminders pause for an \
             admission.",
    dedupe: "one per EA and hold of the plan",
    rearm: "the plan goes on, and is held again",
    shows_as: ShowsAs::Fact("session.held"),
    ..SHARED
};
