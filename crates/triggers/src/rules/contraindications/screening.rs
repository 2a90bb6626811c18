//! Screening that is not complete a day before an EA.

use care::chart::{Session, SessionStatus};
use care::fact::assessment::{Screening, ScreeningItem, ScreeningValue};
use care::fact::ours::{Evidence, Severity};
use care::id::SessionId;
use care::role::Role;
use care::time::{Timestamp, hours};

use super::{GROUP, answer};
use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::words::{code, listed};

pub(crate) const RULE: Rule = Rule::new(&INCOMPLETE, incomplete).waking(wake);

pub(crate) static INCOMPLETE: RuleInfo = RuleInfo {
    id: "screening-incomplete",
    name: "Safety screening incomplete",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Acupuncturist, Role::CareCoordinator],
    effect: "The booking stays; check-in has to ask what is missing.",
    dedupe: "one per EA booking",
    rearm: "the next booking",
    evidence: Evidence::Assumption,
    evidence_note: "No source; unknown is never read as no.",
    source: Origin::Assumption,
    condition: Condition::Standing,
    ends_as: "answered",
    ..RuleInfo::BASE
};

/// What has to be answered before needling.
const REQUIRED: [ScreeningItem; 4] = [
    ScreeningItem::LocalInfection,
    ScreeningItem::Coagulopathy,
    ScreeningItem::ImplantedDevice,
    ScreeningItem::Pregnancy,
];

fn incomplete(case: &Case<'_>) -> Vec<Finding> {
    let newest: Vec<(ScreeningItem, Option<(&Told<'_>, &Screening)>)> = REQUIRED
        .into_iter()
        .map(|item| (item, newest(case, item)))
        .collect();
    let unknown = |answer: &Option<(&Told<'_>, &Screening)>| {
        answer.is_none_or(|(_, s)| s.value == ScreeningValue::Unknown)
    };
    let missing: Vec<_> = newest.iter().filter(|(_, answer)| unknown(answer)).collect();
    let last = newest
        .iter()
        .filter_map(|(_, answer)| answer.map(|(told, _)| told))
        .max_by_key(|t| t.at());
    let of_session = |(id, session): (&SessionId, &Session)| {
        let (booked, start) = (session.booked_by()?, session.start()?);
        let asked = ask_from(case, start);
        let truth = if !session.status().occupies() || start <= case.now {
            Truth::Over {
                outcome: "session-over",
                by: session.newest().map(|(v, _)| v.stamp.clone()),
            }
        } else if missing.is_empty() {
            Truth::Over {
                outcome: "answered",
                by: last.map(|t| t.stamp().clone()),
            }
        } else if session.status() == SessionStatus::Held || asked > case.now {
            // Moved away or held: it comes back, and is the same booking.
            Truth::Lasts
        } else {
            Truth::Holds
        };
        let finding = Finding::new(&INCOMPLETE, id.to_string(), asked.max(booked.time), booked)
            .value("missing", listed(missing.iter().map(|(item, _)| code(item))))
            .value("ea_start", start)
            .threshold("hours_before_ea", case.policy.rules.screening_lead_hours)
            .task("complete-screening-at-check-in")
            .truth(truth);
        Some(
            missing
                .iter()
                .filter_map(|(_, answer)| *answer)
                .fold(finding, |f, (told, _)| f.because(told.stamp())),
        )
    };
    case.ea().into_iter().filter_map(of_session).collect()
}

fn newest<'c, 'a>(case: &'c Case<'a>, item: ScreeningItem) -> Option<(&'c Told<'a>, &'a Screening)> {
    case.live()
        .rev()
        .find_map(|told| Some((told, answer(told, item)?)))
}

/// From when on a gap in the screening matters to an EA.
fn ask_from(case: &Case<'_>, start: Timestamp) -> Timestamp {
    let lead = hours(i64::from(case.policy.rules.screening_lead_hours));
    start.saturating_sub(lead).unwrap_or(Timestamp::MIN)
}

/// What begins is over, a held one too.
fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let starts = case.future_ea().into_iter().filter_map(|(_, s)| s.start());
    starts
        .flat_map(|start| [ask_from(case, start), start])
        .filter(|at| *at > case.now)
        .min()
}
