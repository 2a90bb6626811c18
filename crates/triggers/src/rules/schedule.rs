//! Scheduling: what people booked by hand against a rule, and EA that was missed. carebus cancels none of it.

pub(crate) mod discharge;
pub(crate) mod facts;
pub(crate) mod frozen;
pub(crate) mod payer;
pub(crate) mod return_to_work;
pub(crate) mod waiting;

use care::chart::{Session, SessionStatus, Stamp};
use care::fact::ours::{Evidence, Severity};
use care::id::SessionId;
use care::role::Role;
use care::time::{SignedDuration, Timestamp, hours};

use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};
use crate::words::{listed, tenths};

pub(crate) const SPACING_RULE: Rule = Rule::new(&SPACING, too_close);
pub(crate) const WEEKLY_RULE: Rule = Rule::new(&WEEKLY, too_many);
pub(crate) const MISSED_RULE: Rule = Rule::new(&MISSED, missed);

pub(crate) const GROUP: &str = "scheduling";

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Info,
    source: Origin::Assumption,
    condition: Condition::Standing,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

pub(crate) static SPACING: RuleInfo = RuleInfo {
    id: "ea-min-spacing",
    name: "EA sessions too close",
    roles: &[Role::Acupuncturist],
    effect: "Reports EA booked by hand that starts too soon before or after another; carebus proposes none \
             such and cancels none. Of two booked by hand it is the later one.",
    dedupe: "one per booking and its start",
    rearm: "either moves",
    evidence: Evidence::Partly,
    evidence_note: "In rats daily EA lost its effect and EA every two to four days added up; in a pilot with 30 \
                    people daily EA was tolerated. No least interval for people was found.",
    ..SHARED
};

pub(crate) static WEEKLY: RuleInfo = RuleInfo {
    id: "ea-weekly-cap",
    name: "More than three EA sessions in seven days",
    roles: &[Role::Acupuncturist, Role::CareCoordinator],
    effect: "Reports EA booked by hand by which 168 hours, the last instant not among them, hold more starts \
             than the policy allows; carebus proposes none such and cancels none. Of several booked by hand it \
             is the latest.",
    dedupe: "one per booking and its start",
    rearm: "the count falls to what is allowed, or the booking moves",
    evidence: Evidence::Policy,
    evidence_note: "Follows from six sessions in two to three weeks; trials mostly give two a week.",
    ..SHARED
};

pub(crate) static MISSED: RuleInfo = RuleInfo {
    id: "ea-missed",
    name: "EA not attended",
    roles: &[Role::CareCoordinator, Role::Acupuncturist],
    effect: "The session does not count; its PT goes ahead, unprepared if no slot is left. Two in a row are \
             advisory, and the physiatrist is told too.",
    dedupe: "one per booking",
    rearm: "the next booking",
    evidence: Evidence::Assumption,
    evidence_note: "No source.",
    condition: Condition::Event,
    scope: Scope::Patient,
    ..SHARED
};

/// The week of the cap: exactly so long, whatever the clocks do.
const WEEK: SignedDuration = hours(168);

/// EA that took place or may: what a booking is held against.
#[derive(Clone, Copy)]
struct Ea<'a> {
    id: &'a SessionId,
    session: &'a Session,
    start: Timestamp,
    /// The fact that gave it its time.
    stamp: &'a Stamp,
}

impl<'a> Ea<'a> {
    fn of((id, session): (&'a SessionId, &'a Session)) -> Option<Self> {
        let walk_in = || session.newest().map(|(version, _)| &version.stamp);
        Some(Self {
            id,
            session,
            start: session.start()?,
            stamp: session.booked_by().or_else(walk_in)?,
        })
    }

    fn status(&self) -> SessionStatus {
        self.session.status()
    }

    fn is_by_hand(&self) -> bool {
        self.session.booking().is_some() && !self.session.is_ours()
    }

    fn distance(&self, other: &Self) -> SignedDuration {
        self.start.duration_since(other.start).abs()
    }
}

/// EA that took place, is expected or is held, by start.
fn eas<'a>(case: &Case<'a>) -> Vec<Ea<'a>> {
    let counts = |s: SessionStatus| s.occupies() || s == SessionStatus::Completed;
    let eas = case.ea().into_iter().filter_map(Ea::of);
    eas.filter(|ea| counts(ea.status())).collect()
}

/// A booking by hand, and the EA with which it breaks a rule.
struct Breach<'a> {
    ea: Ea<'a>,
    with: Vec<Ea<'a>>,
    truth: Truth,
}

/// Every booking by hand that breaks a rule; `breaks` says with which others.
///
/// Of EA booked by hand the later one breaks it, so that two are one word; EA that carebus placed never does. EA that
/// is held may yet come back: while it is, nothing is said and nothing is taken back.
fn breaches<'a>(
    case: &Case<'a>,
    breaks: impl Fn(&Ea<'a>, &[Ea<'a>]) -> Option<Vec<Ea<'a>>>,
) -> Vec<Breach<'a>> {
    let eas = eas(case);
    let reach = WEEK.max(hours(i64::from(case.policy.scheduling.spacing_hours)));
    let breach = |(index, ea): (usize, &Ea<'a>)| {
        let near = eas
            .iter()
            .enumerate()
            .filter(|(_, other)| ea.distance(other) < reach);
        let others: Vec<Ea<'a>> = near
            .filter(|(at, other)| *at < index || (*at > index && !other.is_by_hand()))
            .map(|(_, other)| *other)
            .collect();
        let mut firm = others.clone();
        firm.retain(|other| other.status() != SessionStatus::Held);
        let is_told = case.is_active() && Case::is_expected(ea.session);
        let (with, truth) = match breaks(ea, &firm) {
            Some(with) if is_told => (with, Truth::Holds),
            Some(with) => (with, Truth::Lasts),
            None => (breaks(ea, &others)?, Truth::Lasts),
        };
        Some(Breach { ea: *ea, with, truth })
    };
    let by_hand = eas.iter().enumerate().filter(|(_, ea)| ea.is_by_hand());
    by_hand.filter_map(breach).collect()
}

/// So many others an alert names; a log may hold any number of them, a fact may not.
const NAMED: usize = 20;

impl Breach<'_> {
    /// What all say. It can be acted on until the days of the policy after the booked start are over.
    fn finding(self, case: &Case<'_>, rule: &'static RuleInfo) -> Option<Finding> {
        let start = self.ea.session.booking()?.start;
        let key = format!("{}/{}/{start}", case.plan_key(), self.ea.id);
        let named = self.with.iter().take(NAMED);
        let stamps = named.clone().map(|other| other.stamp);
        let decisive = stamps.clone().fold(self.ea.stamp, Ord::max);
        let finding = Finding::new(rule, key, start, decisive)
            .because(self.ea.stamp)
            .value("session", self.ea.id)
            .value("start", start)
            .value("other_starts", listed(named.map(|other| other.start.to_string())))
            .truth(self.truth);
        Some(stamps.fold(finding, Finding::because))
    }
}

fn too_close(case: &Case<'_>) -> Vec<Finding> {
    let least = case.policy.scheduling.spacing_hours;
    let breaks = |ea: &Ea<'_>, other: &Ea<'_>| ea.distance(other) < hours(i64::from(least));
    let breaches = breaches(case, |ea, others| {
        let mut close = others.to_vec();
        close.retain(|other| breaks(ea, other));
        (!close.is_empty()).then_some(close)
    });
    let finding = |breach: Breach<'_>| {
        let nearest = breach.with.iter().map(|other| breach.ea.distance(other)).min()?;
        let finding = breach
            .finding(case, &SPACING)?
            // Whole tenths, rounded down: what is too close never reads as if it were not.
            .value("hours_apart", tenths(nearest.as_secs() / 360))
            .threshold("hours_apart_at_least", least);
        Some(finding)
    };
    breaches.into_iter().filter_map(finding).collect()
}

fn too_many(case: &Case<'_>) -> Vec<Finding> {
    let cap = case.policy.scheduling.weekly_cap;
    let breaches = breaches(case, |ea, others| {
        fullest_week(ea, others).filter(|with| with.len() >= usize::from(cap))
    });
    let finding = |breach: Breach<'_>| {
        let count = breach.with.len() + 1;
        let finding = breach
            .finding(case, &WEEKLY)?
            .value("starts_in_168_h", count)
            .threshold("starts_in_168_h_at_most", cap);
        Some(finding)
    };
    breaches.into_iter().filter_map(finding).collect()
}

/// The others of the week that holds an EA and the most others; the earliest such week.
fn fullest_week<'a>(ea: &Ea<'a>, others: &[Ea<'a>]) -> Option<Vec<Ea<'a>>> {
    let within = |first: Timestamp, at: Timestamp| at >= first && at.duration_since(first) < WEEK;
    let week = |first: Timestamp| {
        let mut week = others.to_vec();
        week.retain(|other| within(first, other.start));
        week
    };
    let firsts = others.iter().chain([ea]).map(|first| first.start);
    let weeks = firsts.filter(|first| within(*first, ea.start));
    weeks
        .map(|first| (week(first), first))
        .max_by(|(a, at), (b, bt)| (a.len(), bt).cmp(&(b.len(), at)))
        .map(|(week, _)| week)
}

/// From how many misses in a row on it is advisory.
const IN_A_ROW: usize = 2;

fn missed(case: &Case<'_>) -> Vec<Finding> {
    let told = |s: SessionStatus| matches!(s, SessionStatus::Completed | SessionStatus::Missed);
    let from = case.chart.episode_start();
    let eas = case.ea().into_iter().filter_map(Ea::of);
    let told = eas.filter(|ea| told(ea.status()) && from.is_none_or(|from| ea.start >= from));
    let mut row: Vec<Ea<'_>> = Vec::new();
    let mut found = Vec::new();
    for ea in told {
        if ea.status() == SessionStatus::Completed {
            row.clear();
            continue;
        }
        row.push(ea);
        found.extend(miss(&row));
    }
    found
}

/// The last of a row of misses.
fn miss(row: &[Ea<'_>]) -> Option<Finding> {
    let last = row.last()?;
    let said = |ea: &Ea<'_>| ea.session.newest().map(|(version, _)| version.stamp.clone());
    // A miss that turns out to be the second in a row is another word, for another reader.
    let counted = row.len().min(IN_A_ROW);
    let key = format!("{}/{counted}", last.id);
    let mut finding = Finding::new(&MISSED, key, last.start, &said(last)?)
        .value("session", last.id)
        .value("start", last.start)
        .value("missed_in_a_row", row.len())
        .threshold("missed_in_a_row_advisory_from", IN_A_ROW);
    if counted == IN_A_ROW {
        finding = finding.severity(Severity::Advisory);
        finding.roles.push(Role::Physiatrist);
        let before = row.iter().rev().nth(1).and_then(said);
        finding = before.iter().fold(finding, Finding::because);
    }
    Some(finding)
}
