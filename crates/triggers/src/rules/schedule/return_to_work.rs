//! KI3 and BL23 while a return to work is planned: a suggestion of the source text, and no more than that.

use care::chart::{Session, SessionStatus};
use care::fact::assessment::{Body, PlanningState, ReturnToWork};
use care::fact::ours::{Evidence, Severity};
use care::id::SessionId;
use care::role::Role;
use care::time::Date;

use super::GROUP;
use crate::case::{Case, Told};
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::words::listed;

pub(crate) const RULE: Rule = Rule::new(&POINTS, without);

pub(crate) static POINTS: RuleInfo = RuleInfo {
    id: "rtw-ki3-bl23",
    name: "KI3 and BL23 while a return to work is planned",
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Acupuncturist],
    effect: "A suggestion only: traditional rationale, no clinical evidence found. A session whose points were not \
             recorded says nothing.",
    dedupe: "one per session",
    rearm: "the next session",
    evidence: Evidence::Unverified,
    evidence_note: "Traditional rationale, no clinical evidence found; what it is said to support is no clinical \
                    outcome.",
    source: Origin::SourceText,
    condition: Condition::Event,
    ..RuleInfo::BASE
};

/// What the message must say.
const RATIONALE: &str = "traditional rationale, no clinical evidence found";
const WANTED: [&str; 2] = ["KI3", "BL23"];

fn without(case: &Case<'_>) -> Vec<Finding> {
    case.ea()
        .into_iter()
        .filter_map(|(id, ea)| finding(case, id, ea))
        .collect()
}

fn finding(case: &Case<'_>, id: &SessionId, ea: &Session) -> Option<Finding> {
    let delivered = ea.completion().and_then(|c| c.delivered.as_ref())?;
    if ea.status() != SessionStatus::Completed || delivered.points.is_empty() {
        return None;
    }
    let (end, done) = (ea.end()?, &ea.newest()?.0.stamp);
    let (told, planning) = planning(case, case.date(ea.start()?))?;
    let is_used = |code: &&str| delivered.points.iter().any(|point| point.as_str() == *code);
    let (used, missing): (Vec<&str>, Vec<&str>) = WANTED.into_iter().partition(|code| is_used(code));
    let is_meant = planning.state == PlanningState::Open && !missing.is_empty();
    is_meant.then(|| {
        let finding = Finding::new(&POINTS, id.to_string(), end, done)
            .because(told.stamp())
            .value("session", id)
            .value("missing", listed(missing))
            .value("planning_open_since", planning.on)
            .value("rationale", RATIONALE)
            .threshold("points", listed(WANTED));
        if used.is_empty() {
            finding
        } else {
            finding.value("used", listed(used))
        }
    })
}

/// What was last said of the planning up to a day; of two words about one day the later one counts.
fn planning<'a>(case: &Case<'a>, day: Date) -> Option<(Told<'a>, &'a ReturnToWork)> {
    let said = case.live().filter_map(|told| match told.body() {
        Body::ReturnToWork(planning) => Some((*told, planning)),
        _ => None,
    });
    said.filter(|(_, planning)| planning.on <= day)
        .max_by_key(|(told, planning)| (planning.on, told.at(), told.stamp()))
}
