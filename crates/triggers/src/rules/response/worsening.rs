//! Pain clearly worse than before the first session.

use care::fact::assessment::Body;
use care::fact::ours::{Evidence, Severity};
use care::measure::pain;
use care::role::Role;
use care::time::{Timestamp, hours};

use super::{GROUP, Scores, first_session};
use crate::case::{Case, Told};
use crate::episode::{Episode, Verdict, episodes};
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const RULE: Rule = Rule::new(&WORSE, worse);

pub(crate) static WORSE: RuleInfo = RuleInfo {
    id: "pain-worsening",
    name: "Pain clearly worse than the baseline",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::Physiatrist],
    effect: "20 mm or 2 points above the baseline; from a baseline of zero, 30 mm or 3 points. Asks for the \
             red-flag questions.",
    dedupe: "one per 14 days",
    rearm: "a score below the threshold, then one above it",
    evidence: Evidence::Assumption,
    evidence_note: "The threshold lies above the least change that matters in back pain (15 mm, 2 points), which \
                    is known for improvement only.",
    source: Origin::Addition,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

fn worse(case: &Case<'_>) -> Vec<Finding> {
    let (Some(scores), Some(first)) = (Scores::of(case), first_session(case)) else {
        return Vec::new();
    };
    let verdict = |told: &Told<'_>| {
        let Body::Pain(score) = told.body() else {
            return Verdict::Nothing;
        };
        let counts = told.at() > first && case.is_in_course(told.at());
        match pain::compare(&scores.baseline.pain, score) {
            Ok(change) if counts && change.clearly_worse() => Verdict::Yes,
            Ok(_) if counts => Verdict::Clear,
            _ => Verdict::Nothing,
        }
    };
    let again = hours(24 * i64::from(case.policy.response.worsening_again_days));
    let mut found = Vec::new();
    let mut told: Option<Timestamp> = None;
    for episode in episodes(case, verdict) {
        let at = episode.first().at();
        if told.is_none_or(|told| at.duration_since(told) >= again) {
            found.extend(finding(case, &scores, &episode));
            told = Some(at);
        }
    }
    found
}

fn finding(case: &Case<'_>, scores: &Scores<'_>, episode: &Episode<'_>) -> Option<Finding> {
    let now = episode.first();
    let Body::Pain(score) = now.body() else {
        return None;
    };
    let change = pain::compare(&scores.baseline.pain, score).ok()?;
    let (code, base) = (score.scale().code(), scores.baseline.pain.value());
    let key = format!("{}/{}", case.plan_key(), episode.number);
    let finding = Finding::new(&WORSE, key, now.at(), now.stamp())
        .because(&scores.baseline.stamp)
        .value(&format!("pain_baseline_{code}"), base)
        .value(&format!("pain_now_{code}"), score.value())
        .value(&format!("worse_by_{code}"), -change.points())
        .threshold(&format!("worse_by_{code}"), format!(">= {}", change.clear_rise()))
        .task("ask-red-flag-questions");
    Some(finding)
}
