//! Two ways a log could have gone on, held against each other: alerts, mail, EA sessions.

use std::collections::{BTreeMap, BTreeSet};

use care::chart::PlanRecord;
use care::fact::Fact;
use care::id::{AlertId, MemberId, PatientId, SessionId};
use care::role::Role;
use care::time::{TimeZone, Timestamp};
use care::{About, Event};
use engine::Simulation;
use serde::Serialize;

use super::ea::{Moved, moved, prepared};

/// The time that is looked at.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Window {
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
}

impl Window {
    fn holds(self, at: Timestamp) -> bool {
        at >= self.since && at <= self.until
    }
}

/// Everything that differs, and what can be relied on.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    #[serde(flatten)]
    pub(super) window: Window,
    /// Whether a replay tells what was.
    pub(super) agreement: Agreement,
    /// Per rule, those that differ or speak at all.
    pub(super) alerts: Vec<OfRule>,
    /// Per person and week.
    pub(super) mails: Vec<OfWeek>,
    pub(super) ea: Moved,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<Vec<Detail>>,
}

/// Alerts of the record and of the replay under the present policy.
#[derive(Debug, Serialize)]
pub(super) struct Agreement {
    pub(super) in_both: usize,
    pub(super) only_recorded: usize,
    pub(super) only_replayed: usize,
}

/// The alerts of one rule.
#[derive(Debug, Default, Serialize)]
pub(super) struct OfRule {
    pub(super) rule: String,
    pub(super) present: usize,
    pub(super) new: usize,
    pub(super) gained: usize,
    pub(super) lost: usize,
}

/// The mails to one person in one ISO week of UTC.
#[derive(Debug, Serialize)]
pub(super) struct OfWeek {
    pub(super) member_id: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<Role>,
    pub(super) week: String,
    pub(super) present: usize,
    pub(super) new: usize,
}

/// One difference.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Detail {
    AlertGained {
        patient: PatientId,
        at: Timestamp,
        rule: String,
        alert_id: AlertId,
    },
    AlertLost {
        patient: PatientId,
        at: Timestamp,
        rule: String,
        alert_id: AlertId,
    },
    EaMoved {
        patient: PatientId,
        pt: SessionId,
        pt_start: Timestamp,
        present: Option<Timestamp>,
        new: Option<Timestamp>,
    },
}

impl Detail {
    pub(super) const fn patient(&self) -> &PatientId {
        match self {
            Self::AlertGained { patient, .. }
            | Self::AlertLost { patient, .. }
            | Self::EaMoved { patient, .. } => patient,
        }
    }
}

/// Alerts by whose and which, with rule and time.
type Alerts = BTreeMap<(PatientId, AlertId), (String, Timestamp)>;

impl Comparison {
    pub(super) fn of(
        window: &Window,
        log: &[Event],
        present: &Simulation,
        new: &Simulation,
        details: bool,
    ) -> Self {
        let (recorded, now, then) = (
            alerts(window, log),
            alerts(window, present.log()),
            alerts(window, new.log()),
        );
        let in_both = recorded.keys().filter(|key| now.contains_key(*key)).count();
        let (ea, mut differences) = moved(&prepared(window, present), &prepared(window, new));
        differences.extend(changed(&now, &then));
        differences.sort_by(|a, b| (a.patient(), a).cmp(&(b.patient(), b)));
        Self {
            window: *window,
            agreement: Agreement {
                in_both,
                only_recorded: recorded.len() - in_both,
                only_replayed: now.len() - in_both,
            },
            alerts: by_rule(&now, &then),
            mails: by_week(window, present, new),
            ea,
            details: details.then_some(differences),
        }
    }
}

fn alerts(window: &Window, log: &[Event]) -> Alerts {
    let mut alerts = Alerts::new();
    for event in log.iter().filter(|event| window.holds(event.time)) {
        if let (About::Patient(patient), Fact::AlertRaised(raised)) = (&event.about, &event.fact) {
            let key = (patient.clone(), raised.alert_id.clone());
            alerts
                .entry(key)
                .or_insert_with(|| (raised.rule.to_string(), event.time));
        }
    }
    alerts
}

fn by_rule(present: &Alerts, new: &Alerts) -> Vec<OfRule> {
    let mut rules: BTreeMap<&str, OfRule> = BTreeMap::new();
    for (key, (rule, _)) in present {
        let of = rules.entry(rule).or_default();
        of.present += 1;
        of.lost += usize::from(!new.contains_key(key));
    }
    for (key, (rule, _)) in new {
        let of = rules.entry(rule).or_default();
        of.new += 1;
        of.gained += usize::from(!present.contains_key(key));
    }
    let named = |(rule, of): (&str, OfRule)| OfRule {
        rule: rule.to_owned(),
        ..of
    };
    rules.into_iter().map(named).collect()
}

fn changed(present: &Alerts, new: &Alerts) -> Vec<Detail> {
    let only = |these: &Alerts, those: &Alerts| -> Vec<(PatientId, AlertId, String, Timestamp)> {
        let only = these.iter().filter(|(key, _)| !those.contains_key(*key));
        only.map(|((patient, id), (rule, at))| (patient.clone(), id.clone(), rule.clone(), *at))
            .collect()
    };
    let gained = only(new, present)
        .into_iter()
        .map(|(patient, alert_id, rule, at)| Detail::AlertGained {
            patient,
            at,
            rule,
            alert_id,
        });
    let lost = only(present, new)
        .into_iter()
        .map(|(patient, alert_id, rule, at)| Detail::AlertLost {
            patient,
            at,
            rule,
            alert_id,
        });
    gained.chain(lost).collect()
}

fn by_week(window: &Window, present: &Simulation, new: &Simulation) -> Vec<OfWeek> {
    let mut weeks: BTreeMap<(MemberId, String), (usize, usize)> = BTreeMap::new();
    for (member, week) in mails(window, present) {
        weeks.entry((member, week)).or_default().0 += 1;
    }
    for (member, week) in mails(window, new) {
        weeks.entry((member, week)).or_default().1 += 1;
    }
    let roles = roles(present);
    weeks
        .into_iter()
        .map(|((member_id, week), (present, new))| OfWeek {
            role: roles.get(&member_id).copied(),
            member_id,
            week,
            present,
            new,
        })
        .collect()
}

/// Each mail that was taken, by whom it was for and in which week.
fn mails(window: &Window, simulation: &Simulation) -> Vec<(MemberId, String)> {
    let mut sent = BTreeSet::new();
    let mut mails = Vec::new();
    for event in simulation.log().iter().filter(|event| window.holds(event.time)) {
        if let Fact::NoticeSent(notice) = &event.fact
            && sent.insert(&notice.notice_id)
        {
            let day = event.time.to_zoned(TimeZone::UTC).date().iso_week_date();
            mails.push((
                notice.member_id.clone(),
                format!("{}-W{:02}", day.year(), day.week()),
            ));
        }
    }
    mails
}

fn roles(simulation: &Simulation) -> BTreeMap<MemberId, Role> {
    let charts = simulation.engine().charts();
    let plans = charts
        .iter()
        .flat_map(|chart| chart.plans.values())
        .filter_map(PlanRecord::plan);
    plans
        .flat_map(|plan| &plan.team)
        .map(|member| (member.member_id.clone(), member.role))
        .collect()
}
