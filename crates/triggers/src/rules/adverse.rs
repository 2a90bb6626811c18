//! Adverse events: what was reported after a session, and how often.
//!
//! One event may be told several times, under one `event_id`; the worst that was said of it counts, because only a
//! physician may make a hold smaller.

use std::collections::BTreeMap;

use care::fact::assessment::{AdverseEvent, AdverseGrade, Body};
use care::fact::ours::{Action, Evidence, Severity};
use care::role::Role;

use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, ShowsAs};
use crate::rules::red_flags;
use crate::words::code;

pub(crate) const MINOR_RULE: Rule = Rule::new(&MINOR, minor);
pub(crate) const SERIOUS_RULE: Rule = Rule::new(&SERIOUS, serious);
pub(crate) const RATE_RULE: Rule = Rule::listed(&RATE);

pub(crate) const GROUP: &str = "adverse events and registry";

pub(crate) static MINOR: RuleInfo = RuleInfo {
    id: "ae-minor",
    name: "Minor adverse event recorded",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Acupuncturist],
    effect: "Counts in the rate. To be asked after at every session, so that none means none.",
    dedupe: "one per event",
    rearm: "another event",
    evidence: Evidence::Supported,
    evidence_note: "A review of 2021 finds at least one in 7.57 % of treatments; half are bleeding, pain or flare \
                    at the site.",
    source: Origin::SourceText,
    condition: Condition::Event,
    after_plan: AfterPlan::AsSafety,
    ..RuleInfo::BASE
};

pub(crate) static SERIOUS: RuleInfo = RuleInfo {
    id: "ae-serious",
    name: "Serious or treated adverse event",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[
        Role::Pcp,
        Role::Physiatrist,
        Role::Acupuncturist,
        Role::CareCoordinator,
    ],
    effect: "Moderate, which needed treatment, is urgent. Serious is an emergency and holds every EA until a \
             physician's review clears for treatment. What is serious by its kind is so whatever its grade says.",
    dedupe: "one per event and grade",
    rearm: "another event, or the same one found to be worse",
    evidence: Evidence::Supported,
    evidence_note: "A review of 2021 counts 7.98 serious events per million treatments, and 1.14 events that need \
                    treatment per 1000 patients.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) static RATE: RuleInfo = RuleInfo {
    id: "ae-rate-signal",
    name: "Rate of adverse events looks wrong",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::CareCoordinator],
    effect: "Asks for an audit: so few that they are probably not asked after, so many, or a serious one, in the \
             last 12 months.",
    dedupe: "one per quarter",
    rearm: "the next quarter",
    evidence: Evidence::Assumption,
    evidence_note: "Limits around a review of 2021, 757 to 940 per 10000 treatments, which vary widely.",
    source: Origin::Assumption,
    shows_as: ShowsAs::Registry,
    ..RuleInfo::BASE
};

/// Kinds that are serious whatever the grade says.
const SERIOUS_KINDS: [&str; 9] = [
    "pneumothorax",
    "organ_injury",
    "nerve_injury",
    "infection_needing_treatment",
    "convulsion",
    "syncope_with_injury",
    "admission",
    "burn",
    "burn_from_ea",
];

/// What is known of one event.
struct Known<'a> {
    /// Every telling, by time.
    told: Vec<(Told<'a>, &'a AdverseEvent)>,
}

fn events<'a>(case: &Case<'a>) -> BTreeMap<&'a str, Known<'a>> {
    let mut events: BTreeMap<&str, Known<'_>> = BTreeMap::new();
    for told in case.live() {
        if let Body::AdverseEvent(event) = told.body() {
            let known = events.entry(&event.event_id);
            let known = known.or_insert_with(|| Known { told: Vec::new() });
            known.told.push((*told, event));
        }
    }
    events
}

fn grade(event: &AdverseEvent) -> AdverseGrade {
    let kind = event.kind.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    if SERIOUS_KINDS.contains(&kind.as_str()) {
        AdverseGrade::Serious
    } else {
        event.grade
    }
}

impl<'a> Known<'a> {
    /// The first telling that is at least so bad.
    fn from(&self, least: AdverseGrade) -> Option<&(Told<'a>, &'a AdverseEvent)> {
        self.told.iter().find(|(_, event)| grade(event) >= least)
    }

    /// The finding of one grade: over where the event turned out to be worse.
    fn finding(&self, rule: &'static RuleInfo, id: &str, of: AdverseGrade) -> Option<Finding> {
        let first = self.told.iter().find(|(_, event)| grade(event) == of);
        let (told, event) = first?;
        let worse = match of {
            AdverseGrade::Minor => self.from(AdverseGrade::Moderate),
            AdverseGrade::Moderate => self.from(AdverseGrade::Serious),
            AdverseGrade::Serious => None,
        };
        let truth = worse.map_or(Truth::Holds, |(worse, _)| Truth::Over {
            outcome: "worse-than-said",
            by: Some(worse.stamp().clone()),
        });
        let mut finding = Finding::new(rule, format!("{id}/{}", code(of)), told.at(), told.stamp())
            .value("kind", &event.kind)
            .value("grade", code(of))
            .value("reported_by", code(told.by().role))
            .truth(truth);
        if let Some(session) = &event.session_id {
            finding = finding.value("session", session);
        }
        Some(finding)
    }
}

fn minor(case: &Case<'_>) -> Vec<Finding> {
    let events = events(case);
    let findings = events
        .iter()
        .map(|(id, known)| known.finding(&MINOR, id, AdverseGrade::Minor));
    findings.flatten().collect()
}

fn serious(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, known) in events(case) {
        found.extend(
            known
                .finding(&SERIOUS, id, AdverseGrade::Moderate)
                .map(|f| f.task("root-cause-analysis")),
        );
        let serious = known.finding(&SERIOUS, id, AdverseGrade::Serious);
        found.extend(serious.map(|f| holding(case, &known, f)));
    }
    found
}

/// Holds every EA until a physician who has seen every telling of it clears for treatment.
fn holding(case: &Case<'_>, known: &Known<'_>, finding: Finding) -> Finding {
    let serious = known
        .told
        .iter()
        .filter(|(_, event)| grade(event) == AdverseGrade::Serious);
    let tellings: Vec<&Told<'_>> = serious.map(|(told, _)| told).collect();
    let last = tellings.last().map(|told| told.at());
    let cleared = case
        .live()
        .find(|told| red_flags::clears(told) && last.is_none_or(|last| told.at() > last));
    let truth = cleared.map_or(Truth::Holds, |review| Truth::Over {
        outcome: "cleared",
        by: Some(review.stamp().clone()),
    });
    let finding = finding
        .severity(Severity::Emergency)
        .action(Action::task(Action::HOLD_EA))
        .task("root-cause-analysis")
        .truth(truth);
    tellings
        .into_iter()
        .map(Told::stamp)
        .fold(finding, Finding::because)
}
