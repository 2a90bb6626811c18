//! Each fact as one short sentence, for people who read a log, a chart or a vignette.

use crate::chart::Chart;
use crate::envelope::Event;
use crate::fact::Fact;
use crate::fact::assessment::{Assessment, Body};
use crate::fact::ours::{AlertEscalated, AlertRaised, LogChanged, LogFound, Notice, OswestryScored};
use crate::fact::session::{Booking, BookingStatus, Completion, Modality, SessionMark, Unprepared};
use crate::id::SessionId;
use crate::role::{By, Role};
use crate::time::{TimeZone, Timestamp};

/// Says what a fact says: no names, no addresses. Times are shown in `zone`; `chart` supplies what the fact leaves
/// out, such as the start of the PT session that an EA prepares.
#[must_use]
pub fn sentence(event: &Event, chart: Option<&Chart>, zone: &TimeZone) -> String {
    let tell = Teller { chart, zone };
    match &event.fact {
        Fact::PlanActivated(p) => format!("plan {} begins", p.plan_id),
        Fact::PlanRevised(p) => format!("plan {} revised", p.plan_id),
        Fact::PlanHeld(m) => format!("plan {} held", m.plan_id),
        Fact::PlanResumed(m) => format!("plan {} resumed", m.plan_id),
        Fact::PlanCompleted(m) => format!("plan {} completed", m.plan_id),
        Fact::PlanRevoked(m) => format!("plan {} revoked", m.plan_id),
        Fact::SessionBooked(b) => tell.booked(b, "booked"),
        Fact::SessionMoved(b) => tell.booked(b, "moved to"),
        Fact::SessionCancelled(m) => tell.marked(m, "cancelled"),
        Fact::SessionHeld(m) => tell.marked(m, "held"),
        Fact::SessionReleased(m) => tell.marked(m, "released"),
        Fact::SessionConfirmed(m) => tell.marked(m, "confirmed"),
        Fact::SessionDeclined(m) => tell.marked(m, "declined"),
        Fact::SessionMissed(m) => tell.marked(m, "missed"),
        Fact::SessionCompleted(c) => tell.completed(c),
        Fact::SessionUnprepared(u) => tell.unprepared(u),
        Fact::Assessment(a) => tell.assessed(a),
        Fact::AssessmentRetracted(r) => format!("assessment {} retracted", r.assessment_id),
        Fact::CalendarPublished(_) => format!("calendar of {} published", event.about.id()),
        Fact::CredentialsPublished(c) => {
            format!("credentials ({}) of {} published", c.kind, event.about.id())
        }
        Fact::OswestryScored(s) => scored(s),
        Fact::OswestryDue(r) => format!("Oswestry {} due ({})", r.k, r.due_on),
        Fact::OswestryOverdue(r) => {
            format!(
                "Oswestry {} overdue, step {} ({})",
                r.k,
                r.step.unwrap_or(1),
                r.due_on
            )
        }
        Fact::OswestryMissed(r) => format!("Oswestry {} missed ({})", r.k, r.due_on),
        Fact::AlertRaised(a) => raised(a),
        Fact::AlertEscalated(a) => tell.escalated(a),
        Fact::AlertAcknowledged(a) => {
            format!("alert {} acknowledged by {}", tell.rule(&a.alert_id), by(&a.by))
        }
        Fact::AlertResolved(a) => {
            format!(
                "alert {} resolved by {}: {}",
                tell.rule(&a.alert_id),
                by(&a.by),
                a.outcome
            )
        }
        Fact::ReportProgress(r) => format!("progress report: {}", r.reason),
        Fact::ReportOutcome(r) => format!("outcome report: {}", r.reason),
        Fact::NoticeAttempted(n) => noticed(n, "is going out"),
        Fact::NoticeSent(n) => noticed(n, "sent"),
        Fact::NoticeDeferred(n) => noticed(n, "deferred"),
        Fact::NoticeRejected(n) => noticed(n, "rejected"),
        Fact::NoticeUnknown(n) => noticed(n, "has an unknown outcome"),
        Fact::NoticeAbandoned(n) => noticed(n, "abandoned"),
        Fact::NoticeReleased(r) => format!("late mail to {} released by {}", event.about.id(), by(&r.by)),
        Fact::LogChanged(c) => log_changed(c),
        Fact::PatientErased(e) => format!("{} messages about the patient erased", e.removed),
    }
}

/// `Mon 06-01 10:00` in a zone.
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %m-%d %H:%M").to_string()
}

/// Hours with one decimal only where it is needed: `48 h`, `25.5 h`.
#[must_use]
pub fn hours_between(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).as_mins();
    let tenths = (minutes.abs() * 10 + 30) / 60;
    let sign = if minutes < 0 { "-" } else { "" };
    if tenths % 10 == 0 {
        format!("{sign}{} h", tenths / 10)
    } else {
        format!("{sign}{}.{} h", tenths / 10, tenths % 10)
    }
}

/// A modality as people say it.
#[must_use]
pub const fn modality(modality: Modality) -> &'static str {
    match modality {
        Modality::Pt => "PT",
        Modality::Ea => "EA",
        Modality::Acupuncture => "acupuncture",
    }
}

struct Teller<'a> {
    chart: Option<&'a Chart>,
    zone: &'a TimeZone,
}

impl Teller<'_> {
    fn booked(&self, b: &Booking, verb: &str) -> String {
        let verb = match b.status {
            BookingStatus::Proposed if verb == "booked" => "proposed",
            _ => verb,
        };
        // Our own ids are long and derived: the PT an EA prepares says more.
        let name = if b.placement.is_some() {
            String::new()
        } else {
            format!(" {}", b.session_id)
        };
        let mut text = format!(
            "{}{name} {verb} {}",
            modality(b.modality),
            moment(b.start, self.zone)
        );
        for (i, pt) in b.prepares.iter().flatten().enumerate() {
            let link = if i == 0 { ", prepares" } else { " and" };
            text += &match self.start_of(pt) {
                Some(start) => format!("{link} {pt} ({} before)", hours_between(b.start, start)),
                None => format!("{link} {pt}"),
            };
        }
        text
    }

    fn marked(&self, m: &SessionMark, verb: &str) -> String {
        let why = m.reason.as_ref().map_or_else(String::new, |r| format!(": {r}"));
        format!("{} {verb}{why}", self.session(&m.session_id))
    }

    fn completed(&self, c: &Completion) -> String {
        format!("{} completed", self.session(&c.session_id))
    }

    fn unprepared(&self, u: &Unprepared) -> String {
        let reasons: Vec<&str> = u.reasons.iter().map(|r| r.constraint.as_str()).collect();
        let alternatives: Vec<String> = u
            .alternatives
            .iter()
            .map(|a| format!("{} {}", modality(a.modality), moment(a.start, self.zone)))
            .collect();
        let mut text = format!("PT {} unprepared: {}", u.session_id, reasons.join(", "));
        if !alternatives.is_empty() {
            text += &format!("; instead {}", alternatives.join(" or "));
        }
        text
    }

    fn escalated(&self, a: &AlertEscalated) -> String {
        format!(
            "alert {} escalated ({}) to {}: {}",
            self.rule(&a.alert_id),
            a.severity.code(),
            roles(&a.roles),
            a.reason
        )
    }

    fn assessed(&self, a: &Assessment) -> String {
        let id = &a.head.assessment_id;
        match &a.body {
            Body::Pain(p) => format!("pain {} ({})", p.value(), p.scale().code()),
            Body::Oswestry(_) => format!("Oswestry {id} handed in"),
            other => format!("{} {id}", other.verb().replace('_', " ")),
        }
    }

    /// `EA of Mon 06-01 10:00`, `PT pt-1`.
    fn session(&self, id: &SessionId) -> String {
        let Some(session) = self.chart.and_then(|c| c.sessions.get(id)) else {
            return format!("session {id}");
        };
        let kind = session.modality().map_or("session", modality);
        match session.start() {
            Some(start) if session.is_ours() => format!("{kind} of {}", moment(start, self.zone)),
            _ => format!("{kind} {id}"),
        }
    }

    fn start_of(&self, id: &SessionId) -> Option<Timestamp> {
        self.chart?.sessions.get(id)?.start()
    }

    fn rule(&self, alert: &crate::id::AlertId) -> String {
        let raised = self
            .chart
            .and_then(|c| c.alerts.get(alert))
            .and_then(|a| a.raised.as_ref());
        raised.map_or_else(|| alert.to_string(), |(_, r)| r.rule.to_string())
    }
}

fn scored(s: &OswestryScored) -> String {
    let due = s
        .answers_due
        .map_or_else(String::new, |d| format!(", answers the due of {d}"));
    match (s.percent, s.band) {
        (Some(percent), Some(band)) if s.valid => {
            format!(
                "Oswestry {} scored {percent:.1} % ({}){due}",
                s.assessment_id,
                band.words()
            )
        }
        _ => format!(
            "Oswestry {} not valid: {} of 10 sections answered",
            s.assessment_id, s.answered
        ),
    }
}

fn raised(a: &AlertRaised) -> String {
    let values: Vec<String> = a.values.iter().map(|(k, v)| format!("{k} {v}")).collect();
    let because = if values.is_empty() {
        String::new()
    } else {
        format!(" because {}", values.join(", "))
    };
    format!(
        "alert {} ({}) to {}{because}",
        a.rule,
        a.severity.code(),
        roles(&a.roles)
    )
}

fn noticed(n: &Notice, what: &str) -> String {
    let again = if n.attempt > 1 {
        format!(", try {}", n.attempt)
    } else {
        String::new()
    };
    format!("mail to {} {what}{again}", n.member_id)
}

fn roles(roles: &[Role]) -> String {
    roles.iter().map(|r| r.code()).collect::<Vec<_>>().join(", ")
}

fn by(by: &By) -> String {
    let role = serde_json::to_value(by.role)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default();
    by.member_id
        .as_ref()
        .map_or_else(|| role.clone(), |m| format!("{role} {m}"))
}

fn log_changed(changed: &LogChanged) -> String {
    let (known, now) = (changed.known_position, changed.last_position);
    match changed.found {
        LogFound::Shorter => format!("the log went back from {known} to {now}, and was read anew"),
        LogFound::AnotherMessage => {
            format!("the log had another message at {known}, and was read anew to {now}")
        }
        LogFound::Recreated => format!("the log was created anew after {known}, and was read to {now}"),
        LogFound::Hole => format!("the log lost messages before {known}, and was read anew to {now}"),
        LogFound::Missing => format!("the log was missing for a while; it ends at {now}"),
    }
}
