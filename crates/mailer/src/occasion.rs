//! What ought to be told about a patient now, and to which roles: read off the chart, true at this very moment.

mod alert;
mod report;

use care::chart::{Alert, PlanStatus, Reminder, Session, SessionStatus, Stamp, Step, Version};
use care::fact::ours::{AlertRaised, OswestryReminder, Report, Severity};
use care::fact::session::{Modality, Unprepared};
use care::id::{MemberId, SessionId};
use care::role::Role;
use care::time::{Date, Timestamp, ToSpan};
use care::{Chart, Policy};

use crate::case::Case;
pub(crate) use alert::{has_open_emergency, is_for_the_digest, still_open, told_of};

/// Something somebody ought to be told.
#[derive(Debug, Clone)]
pub(crate) struct Occasion<'a> {
    /// What it is, for the log: an id, with a counter where one thing is told more than once.
    pub(crate) key: String,
    /// Now, or with the next open hour.
    pub(crate) severity: Severity,
    /// Who.
    pub(crate) to: Audience,
    /// The event that led to it.
    pub(crate) stamp: &'a Stamp,
    /// What it is about.
    pub(crate) matter: Matter<'a>,
}

/// Who is told.
#[derive(Debug, Clone)]
pub(crate) enum Audience {
    /// Everybody who holds one of these roles.
    Roles(Vec<Role>),
    /// The practitioner of an appointment.
    Attendee,
    /// People told before, who must hear that it changed.
    Members(Vec<MemberId>),
}

/// What an occasion is about.
#[derive(Debug, Clone)]
pub(crate) enum Matter<'a> {
    /// An alert was raised.
    Raised(&'a AlertRaised),
    /// An alert is told again, step n.
    Escalated(&'a Alert, &'a AlertRaised, u16),
    /// An alert ended.
    Resolved(&'a Alert, &'a AlertRaised),
    /// The newest revision of an EA session that carebus placed.
    Ea(&'a SessionId, &'a Session),
    /// The appointment is somebody else's now.
    Withdrawn(&'a SessionId, &'a Session),
    /// A PT session that nothing prepares.
    Unprepared(&'a Unprepared, &'a Session),
    /// An Oswestry reminder.
    Oswestry(Reminder, &'a OswestryReminder),
    /// A report.
    Report(&'a Report),
}

impl Matter<'_> {
    /// Goes in a mail of its own, because it carries an invitation or must not wait for anything.
    pub(crate) const fn stands_alone(&self) -> bool {
        matches!(self, Self::Ea(..) | Self::Withdrawn(..))
    }
}

/// Everything that ought to be told now, oldest first.
pub(crate) fn occasions<'a>(case: &Case<'a>) -> Vec<Occasion<'a>> {
    let (chart, policy, now) = (case.chart, case.policy, case.now);
    let mut all = alert::alerts(case);
    all.extend(appointments(chart, now));
    // While an emergency is open, what can wait waits; calendars stay right all the same.
    if !has_open_emergency(chart) {
        if chart.is_active() {
            all.extend(unprepared(chart, now));
        }
        all.extend(reminders(chart, policy));
        all.extend(report::occasions(chart, policy, now));
    }
    all.sort_by(|a, b| (a.stamp, &a.key).cmp(&(b.stamp, &b.key)));
    all
}

/// The newest revision of each EA that carebus placed and that has not begun.
fn appointments(chart: &Chart, now: Timestamp) -> Vec<Occasion<'_>> {
    let mut all = Vec::new();
    for (id, session) in &chart.sessions {
        let Some((version, step)) = worth_telling(session).pop() else {
            continue;
        };
        let ahead = session.start().is_some_and(|start| start > now);
        if !session.is_ours() || session.modality() != Some(Modality::Ea) || !ahead {
            continue;
        }
        let key = format!("{id}/{}", version.revision);
        let invited = invited(chart, id);
        let gone = matches!(
            session.status(),
            SessionStatus::Cancelled | SessionStatus::Declined | SessionStatus::Missed
        );
        if gone {
            // Who was never invited need not hear that it is off; who declined knows.
            if session.status() == SessionStatus::Cancelled {
                let to = Audience::Members(invited);
                let matter = Matter::Ea(id, session);
                all.push(Occasion {
                    key,
                    severity: Severity::Advisory,
                    to,
                    stamp: &version.stamp,
                    matter,
                });
            }
            continue;
        }
        // A confirmation by the practitioner needs no letter back.
        if !matches!(step, Step::Confirmed(_)) {
            let matter = Matter::Ea(id, session);
            all.push(Occasion {
                key: key.clone(),
                severity: Severity::Advisory,
                to: Audience::Attendee,
                stamp: &version.stamp,
                matter,
            });
        }
        let others: Vec<MemberId> = invited
            .into_iter()
            .filter(|m| !attendees(chart, session).contains(&m))
            .collect();
        if !others.is_empty() {
            let key = format!("{key}/withdrawn");
            let matter = Matter::Withdrawn(id, session);
            let to = Audience::Members(others);
            all.push(Occasion {
                key,
                severity: Severity::Advisory,
                to,
                stamp: &version.stamp,
                matter,
            });
        }
    }
    all
}

/// The revisions of a session without the newest ones that change neither time nor practitioner nor standing, only
/// which PT sessions it prepares: nobody's calendar looks different after them.
pub(crate) fn worth_telling(session: &Session) -> Vec<(&Version, &Step)> {
    let mut history: Vec<(&Version, &Step)> = session.history().collect();
    while let [.., (_, before), (_, Step::Moved(now))] = history.as_slice()
        && before.booking().is_some_and(|b| {
            (b.start, b.end, &b.practitioner, b.status) == (now.start, now.end, &now.practitioner, now.status)
        })
    {
        history.pop();
    }
    history
}

/// The people whose calendar a session stands in: those of the team who work by its practitioner's calendar.
pub(crate) fn attendees<'a>(chart: &'a Chart, session: &Session) -> Vec<&'a MemberId> {
    let team = chart
        .plan()
        .and_then(|p| p.plan())
        .map(|p| p.team.as_slice())
        .unwrap_or_default();
    let of = |m: &&care::fact::plan::Member| {
        m.practitioner.is_some() && m.practitioner.as_ref() == session.practitioner()
    };
    team.iter().filter(of).map(|m| &m.member_id).collect()
}

/// People who may have this appointment in their calendar.
pub(crate) fn invited(chart: &Chart, id: &SessionId) -> Vec<MemberId> {
    let prefix = format!("{id}/");
    let keys: Vec<String> = chart
        .notices
        .values()
        .flat_map(|n| &n.notice.about)
        .filter(|a| a.starts_with(&prefix) && !a.ends_with("/withdrawn"))
        .cloned()
        .collect();
    let mut all: Vec<MemberId> = keys.iter().flat_map(|key| told_of(chart, key)).collect();
    all.sort();
    all.dedup();
    all
}

fn unprepared(chart: &Chart, now: Timestamp) -> Vec<Occasion<'_>> {
    let mut all = Vec::new();
    for ((pt, revision), said) in &chart.unprepared {
        let Some(session) = chart.sessions.get(pt) else {
            continue;
        };
        let current = session.revision() == *revision && session.status().is_expected();
        let ahead = session.start().is_some_and(|start| start > now);
        let prepared = chart
            .sessions
            .values()
            .any(|s| s.status().is_expected() && s.prepares().contains(pt));
        // While a hold or a pause stands, its own letter said that nothing is placed.
        let known = said
            .value
            .reasons
            .iter()
            .all(|r| r.constraint == "hold" || r.constraint == "plan-inactive");
        if current && ahead && !prepared && !known {
            all.push(Occasion {
                key: format!("{pt}/{revision}/unprepared"),
                severity: Severity::Advisory,
                to: Audience::Roles(vec![Role::CareCoordinator, Role::Acupuncturist]),
                stamp: &said.version.stamp,
                matter: Matter::Unprepared(&said.value, session),
            });
        }
    }
    all
}

/// First and last day on which a questionnaire answers a due: the windows tile the calendar.
pub(crate) fn window(chart: &Chart, policy: &Policy, due_on: Date) -> (Date, Date) {
    let own = chart
        .plan()
        .and_then(|p| p.plan())
        .and_then(|p| p.oswestry?.every_days)
        .filter(|n| *n > 0);
    let every = i64::from(own.unwrap_or(policy.oswestry.every_days));
    let day = |n: i64| due_on.checked_add(n.days()).unwrap_or(due_on);
    (day(-(every - 1) / 2), day(every / 2))
}

/// Reminders of dues that are not answered; of one due only the last said, because it is the one still useful.
fn reminders<'a>(chart: &'a Chart, policy: &Policy) -> Vec<Occasion<'a>> {
    let over = chart
        .plan()
        .is_none_or(|p| matches!(p.status(), PlanStatus::Completed | PlanStatus::Revoked));
    if over {
        return Vec::new();
    }
    let scores = chart.oswestries(policy.oswestry.max_missing);
    let answered = |r: &OswestryReminder| {
        let (opens, closes) = window(chart, policy, r.due_on);
        scores
            .iter()
            .any(|s| s.usable().is_some() && (opens..=closes).contains(&s.on))
    };
    let newest = chart.reminders.keys().next_back().map(|(due, _)| *due);
    let mut all = Vec::new();
    for ((due, which), (stamp, fact)) in &chart.reminders {
        let last = chart
            .reminders
            .range((*due, *which)..)
            .nth(1)
            .is_none_or(|((next, _), _)| next != due);
        let told = matches!(which, Reminder::Due | Reminder::Overdue(_));
        if last && told && Some(*due) == newest && !answered(fact) {
            let step = match which {
                Reminder::Overdue(step) => format!("overdue-{step}"),
                _ => "due".to_owned(),
            };
            all.push(Occasion {
                key: format!("oswestry/{due}/{step}"),
                severity: Severity::Advisory,
                to: Audience::Roles(vec![Role::CareCoordinator, Role::Acupuncturist]),
                stamp,
                matter: Matter::Oswestry(*which, fact),
            });
        }
    }
    all
}
