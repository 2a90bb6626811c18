//! Rows that raise nothing: what the registry counts, and the outcome that is a report.

use care::fact::ours::{Evidence, Severity};
use care::role::Role;

use super::GROUP;
use crate::rule::{Origin, Rule, RuleInfo, Scope, ShowsAs};

pub(crate) const SLEEP_RULE: Rule = Rule::listed(&SLEEP);
pub(crate) const ACUTE_RULE: Rule = Rule::listed(&ACUTE);
pub(crate) const OUTCOME_RULE: Rule = Rule::listed(&OUTCOME);
pub(crate) const SLEEP_MOOD_RULE: Rule = Rule::listed(&SLEEP_MOOD);

const REGISTRY: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Info,
    dedupe: "not an alert",
    rearm: "never: not an alert",
    evidence: Evidence::Unverified,
    source: Origin::SourceText,
    shows_as: ShowsAs::Registry,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static SLEEP: RuleInfo = RuleInfo {
    id: "expect-session-3-sleep-stiffness",
    name: "Early sleep and stiffness",
    effect: "Describes the change from the baseline median to the median of the 7 days after session 3, of the \
             time to fall asleep and of morning stiffness; nobody is told.",
    evidence_note: "No threshold and no source was found.",
    ..REGISTRY
};

pub(crate) static ACUTE: RuleInfo = RuleInfo {
    id: "acute-30min-drop",
    name: "Pain 30 minutes after insertion",
    effect: "Describes the mean fall from just before a session to 30 minutes after insertion; never used for \
             responder status, because it answers another question.",
    evidence_note: "The study that is named for it was not found.",
    ..REGISTRY
};

pub(crate) static SLEEP_MOOD: RuleInfo = RuleInfo {
    id: "cobenefit-sleep-mood",
    name: "Sleep and mood beside the pain",
    effect: "Describes sleep and mood of the diary; no clinical rule may depend on it.",
    evidence_note: "In a study of 15 men with chronic back pain cortisol fell under every treatment, sham and \
                    standard care included, so it says nothing about one of them.",
    ..REGISTRY
};

pub(crate) static OUTCOME: RuleInfo = RuleInfo {
    id: "outcome-12-week",
    name: "Twelve-week outcome",
    roles: &[
        Role::Pcp,
        Role::Physiatrist,
        Role::Acupuncturist,
        Role::PhysicalTherapist,
    ],
    effect: "One page at day 84 from the baseline, 7 days either way: change of Oswestry and pain, the patient's \
             goal, use of sleep aids, each with its baseline and its n.",
    dedupe: "once per plan; corrected when a late Oswestry of the window arrives",
    rearm: "a new plan",
    evidence_note: "The source text tells of one person; twelve weeks is also an end point that a payer proposed.",
    shows_as: ShowsAs::Fact("report.outcome"),
    ..REGISTRY
};
