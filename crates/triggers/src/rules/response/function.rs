//! What was expected of function by session 6 and by session 12, held against what it was before session 1.

mod measure;

use care::chart::Stamp;
use care::fact::assessment::{Body, MedicationClass};
use care::fact::ours::{Evidence, Severity};
use care::fact::session::Modality;
use care::role::Role;
use care::time::{Date, Timestamp};

use super::{GROUP, baseline_from, days_end, first_session};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo, Scope};
use measure::{Measure, Measured};

pub(crate) const SESSION_SIX_RULE: Rule = Rule::new(&SESSION_SIX, by_session_six);
pub(crate) const SESSION_TWELVE_RULE: Rule = Rule::new(&SESSION_TWELVE, by_session_twelve);

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Info,
    dedupe: "once per plan",
    rearm: "a new plan",
    evidence: Evidence::Unverified,
    source: Origin::SourceText,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static SESSION_SIX: RuleInfo = RuleInfo {
    id: "expect-session-6",
    name: "Function by session 6 not better",
    roles: &[Role::Acupuncturist, Role::PhysicalTherapist],
    effect: "Pain-free walking is no longer than before session 1, and the rescue doses of 7 days are no fewer. Any \
             gain is one; what was not measured both times is not judged. The course review sees it.",
    evidence_note: "No source and no threshold was found.",
    ..SHARED
};

pub(crate) static SESSION_TWELVE: RuleInfo = RuleInfo {
    id: "expect-session-12",
    name: "Function by session 12 not better",
    roles: &[Role::Acupuncturist, Role::PhysicalTherapist, Role::Physiatrist],
    effect: "Of lifting, sitting and work none is better than before session 1, though there was PT since session \
             7. Looked at after session 12, or at the end of a plan with 7 sessions or more. Without PT, or where \
             what was measured at first was not measured again, it is not judged.",
    evidence_note: "The direction is plausible: in a trial of 52 people exercise with EA did better than exercise \
                    alone after one month.",
    // A course that ends earlier is judged at its end.
    after_plan: AfterPlan::Speaks,
    ..SHARED
};

/// The session from which the late gains are expected.
const LATE: usize = 7;

fn by_session_six(case: &Case<'_>) -> Vec<Finding> {
    six(case).into_iter().collect()
}

fn six(case: &Case<'_>) -> Option<Finding> {
    let first = first_session(case)?;
    let attended = case.chart.attended_ea();
    let (_, session) = attended.get(5)?;
    let from = session.end()?;
    let until = days_end(case, from, case.policy.response.expectation_window_days)?;
    let walk = Measure::Walk;
    let before = walk.last_within(case, baseline_from(case, first)?, first)?;
    let after = walk.first_within(case, from, until)?;
    let doses_before = doses_before(case, first)?;
    let (at, decisive, doses_after) = doses_after(case, &after, until)?;
    let is_seen = after.value > before.value || doses_after.count < doses_before.count;
    let completed = &session.newest()?.0.stamp;
    let stamps = [before.stamp, after.stamp, completed].into_iter();
    let stamps = stamps.chain(doses_before.stamps).chain(doses_after.stamps);
    let key = format!("{}/session-6", case.plan_key());
    let finding = Finding::new(&SESSION_SIX, key, at, decisive)
        .value("pain_free_walk_m_before", &before.shown)
        .value("pain_free_walk_m_now", &after.shown)
        .value("rescue_doses_7_days_before", doses_before.count)
        .value("rescue_doses_7_days_now", doses_after.count)
        .threshold("pain_free_walk_m", "<= before")
        .threshold("rescue_doses_7_days", ">= before");
    Some(
        stamps
            .fold(finding, Finding::because)
            .truth(seen(is_seen, decisive)),
    )
}

/// What was seen is kept and told to nobody; if something else was told before, that is put right.
fn seen(is_seen: bool, decisive: &Stamp) -> Truth {
    if is_seen {
        Truth::Over {
            outcome: "corrected",
            by: Some(decisive.clone()),
        }
    } else {
        Truth::Holds
    }
}

/// Rescue doses of the seven local days that end with one.
struct Doses<'c> {
    count: u32,
    stamps: Vec<&'c Stamp>,
}

/// Reports of rescue doses, by time: a report without a number is none.
fn reports<'c>(case: &'c Case<'_>) -> impl DoubleEndedIterator<Item = (Timestamp, &'c Stamp, u32)> {
    case.live().filter_map(|t| match t.body() {
        Body::Medication(m) if m.class == MedicationClass::Rescue => {
            Some((t.at(), t.stamp(), u32::from(m.doses?)))
        }
        _ => None,
    })
}

/// None: nobody said how many, which is not the same as none taken.
fn doses<'c>(case: &'c Case<'_>, last: Date, until: Timestamp) -> Option<Doses<'c>> {
    let first = Case::days_after(last, -6)?;
    let counts = |at: Timestamp| at <= until && (first..=last).contains(&case.date(at));
    let (mut count, mut stamps) = (0_u32, Vec::new());
    for (_, stamp, doses) in reports(case).filter(|(at, ..)| counts(*at)) {
        count = count.saturating_add(doses);
        stamps.push(stamp);
    }
    (!stamps.is_empty()).then_some(Doses { count, stamps })
}

/// The last week with a report before session 1.
fn doses_before<'c>(case: &'c Case<'_>, first: Timestamp) -> Option<Doses<'c>> {
    let oldest = baseline_from(case, first)?;
    let (at, ..) = { reports(case) }.rfind(|(at, ..)| *at <= first && case.date(*at) >= oldest)?;
    doses(case, case.date(at), first)
}

/// The week up to the first moment at which both the walk and the doses are known.
fn doses_after<'c>(
    case: &'c Case<'_>,
    walk: &Measured<'c>,
    until: Timestamp,
) -> Option<(Timestamp, &'c Stamp, Doses<'c>)> {
    let later = reports(case).map(|(at, stamp, _)| (at, stamp));
    let later = later.filter(|(at, _)| *at > walk.at && *at < until && case.is_in_course(*at));
    let mut known = [(walk.at, walk.stamp)].into_iter().chain(later);
    known.find_map(|(at, stamp)| Some((at, stamp, doses(case, case.date(at), at)?)))
}

fn by_session_twelve(case: &Case<'_>) -> Vec<Finding> {
    twelve(case).into_iter().collect()
}

/// What is held against the baseline, when that was known, and by which fact.
struct Late<'c> {
    at: Timestamp,
    decisive: &'c Stamp,
    pairs: Vec<(Measure, Measured<'c>, Measured<'c>)>,
}

fn twelve(case: &Case<'_>) -> Option<Finding> {
    let first = first_session(case)?;
    let oldest = baseline_from(case, first)?;
    let before: Vec<_> = Measure::LATE
        .into_iter()
        .filter_map(|m| Some((m, m.last_within(case, oldest, first)?)))
        .collect();
    let attended = case.chart.attended_ea();
    let seventh = attended.get(LATE - 1)?.1.start()?;
    let late = match attended.get(11) {
        Some((_, session)) => after_session(case, before, session.end()?),
        None => at_the_end(case, before, seventh),
    }?;
    let pts = case.chart.attended(Modality::Pt);
    let since_seventh = |at: &Timestamp| (seventh..=late.at).contains(at);
    let mut pts = pts
        .iter()
        .filter(|(_, s)| s.start().is_some_and(|at| since_seventh(&at)));
    // Without movement re-education nothing was promised.
    let (_, pt) = pts.next()?;
    let pt = &pt.newest()?.0.stamp;
    let is_better = late.pairs.iter().any(|(_, before, now)| now.value > before.value);
    let key = format!("{}/session-12", case.plan_key());
    let mut finding = Finding::new(&SESSION_TWELVE, key, late.at, late.decisive)
        .because(pt)
        .value("attended_sessions", attended.len())
        .value("pt_since_session_7", 1 + pts.count());
    for (measure, before, now) in &late.pairs {
        let name = measure.name();
        finding = finding
            .because(before.stamp)
            .because(now.stamp)
            .value(&format!("{name}_before"), &before.shown)
            .value(&format!("{name}_now"), &now.shown)
            .threshold(name, "<= before");
    }
    Some(finding.truth(seen(is_better, late.decisive)))
}

/// The first moment after session 12 at which everything that was measured at first is known again.
fn after_session<'c>(
    case: &'c Case<'_>,
    before: Vec<(Measure, Measured<'c>)>,
    from: Timestamp,
) -> Option<Late<'c>> {
    let until = days_end(case, from, case.policy.response.expectation_window_days)?;
    let pair = |(m, before): (Measure, Measured<'c>)| Some((m, before, m.first_within(case, from, until)?));
    let pairs: Vec<_> = before.into_iter().map(pair).collect::<Option<_>>()?;
    let (at, decisive) = pairs.iter().map(|(_, _, now)| (now.at, now.stamp)).max()?;
    Some(Late { at, decisive, pairs })
}

/// At the end of a plan: the last that is known since session 7.
fn at_the_end<'c>(
    case: &'c Case<'_>,
    before: Vec<(Measure, Measured<'c>)>,
    seventh: Timestamp,
) -> Option<Late<'c>> {
    let ended = case.ended()?;
    let pair = |(m, before): (Measure, Measured<'c>)| {
        let now = m.last_within(case, case.date(seventh), ended.time)?;
        (now.at >= seventh).then_some((m, before, now))
    };
    let pairs: Vec<_> = before.into_iter().map(pair).collect::<Option<_>>()?;
    let is_measured = !pairs.is_empty();
    is_measured.then_some(Late {
        at: ended.time,
        decisive: ended,
        pairs,
    })
}
