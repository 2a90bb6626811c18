//! What can be said about an alert, a session, a notice or a single fact beside the facts themselves.

use std::collections::BTreeMap;

use care::chart::{Alert, NoticeRecord, Session};
use care::fact::Fact;
use care::fact::session::Unprepared;
use care::id::{EventId, PatientId};
use care::sentence::{hours_between, modality, moment};
use care::{Chart, Event};
use serde::Serialize;

use super::Kind;
use super::story::Story;
use crate::commands::chart::told;
use crate::fold::Folded;

/// Reasons, and who was told.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reasons {
    /// In words, the main thing first.
    pub(super) says: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rule: BTreeMap<&'static str, String>,
    /// What was found.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<String, String>,
    /// What it was held against.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    threshold: BTreeMap<String, String>,
    /// Each mail about it, and how that ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notices: Vec<String>,
}

/// The facts that count.
#[derive(Debug, Default)]
pub(super) struct About {
    /// Those it rests on.
    pub(super) because: Vec<EventId>,
    /// Those that are the thing itself.
    pub(super) itself: Vec<EventId>,
}

impl Reasons {
    /// Name and value of everything that fits on a line.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let joined = |map: &BTreeMap<String, String>| {
            map.iter()
                .map(|(k, v)| format!("{k} {v}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut pairs: Vec<(String, String)> = self
            .rule
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect();
        for (name, map) in [("values", &self.values), ("threshold", &self.threshold)] {
            if !map.is_empty() {
                pairs.push((name.to_owned(), joined(map)));
            }
        }
        pairs
    }
}

pub(super) fn of(
    folded: &Folded,
    kind: Kind,
    id: &str,
    patient: Option<&PatientId>,
    story: &Story<'_>,
) -> (Reasons, About) {
    let chart = patient.and_then(|p| folded.engine.chart(p));
    let found = chart.and_then(|chart| match kind {
        Kind::Alert => Some(alert(chart, id, chart.alerts.get(id)?, story)),
        Kind::Session => Some(session(chart, id, chart.sessions.get(id)?, story)),
        Kind::Notice => Some(notice(chart, id, chart.notices.get(id)?, story)),
        Kind::Fact => None,
    });
    found.unwrap_or_else(|| fact(folded, id, story))
}

fn alert(chart: &Chart, id: &str, alert: &Alert, story: &Story<'_>) -> (Reasons, About) {
    let mut reasons = Reasons {
        notices: notices(chart, id, story),
        ..Reasons::default()
    };
    let itself = story.ids(|event| match &event.fact {
        Fact::AlertRaised(a) => a.alert_id.as_str() == id,
        Fact::AlertEscalated(a) => a.alert_id.as_str() == id,
        Fact::AlertAcknowledged(a) => a.alert_id.as_str() == id,
        Fact::AlertResolved(a) => a.alert_id.as_str() == id,
        _ => false,
    });
    let Some((stamp, raised)) = &alert.raised else {
        reasons.says.push(format!(
            "alert {id} of patient {}: the fact that raised it has not arrived",
            chart.patient
        ));
        return (
            reasons,
            About {
                because: Vec::new(),
                itself,
            },
        );
    };
    let state = match (&alert.resolved, &alert.acknowledged) {
        (Some((stamp, r)), _) => format!("ended {}: {}", moment(stamp.time, &story.zone), r.outcome),
        (None, Some((stamp, _))) => format!("acknowledged {}", moment(stamp.time, &story.zone)),
        (None, None) => "waits for an answer".to_owned(),
    };
    let severity = alert.severity().unwrap_or(raised.severity).code();
    reasons.says.push(format!(
        "{} ({severity}) of patient {}, raised {}, {state}",
        raised.rule,
        chart.patient,
        moment(stamp.time, &story.zone)
    ));
    let listed = triggers::rule(raised.rule.as_str());
    let version = listed.map_or_else(
        || "not in this version".to_owned(),
        |info| format!("version {}", info.version),
    );
    let roles: Vec<&str> = raised.roles.iter().map(|r| r.code()).collect();
    let actions: Vec<&str> = raised.actions.iter().map(|a| a.what.as_str()).collect();
    reasons.rule = BTreeMap::from([
        (
            "rule",
            format!("{}, {version}, policy {}", raised.rule, raised.policy),
        ),
        (
            "evidence",
            listed.map_or_else(
                || raised.evidence.label().to_owned(),
                |i| format!("{}: {}", raised.evidence.label(), i.evidence_note),
            ),
        ),
        ("tells", roles.join(", ")),
        (
            "actions",
            if actions.is_empty() {
                "none".to_owned()
            } else {
                actions.join(", ")
            },
        ),
        (
            "useful until",
            raised
                .actionable_until
                .map_or_else(|| "no end".to_owned(), |at| moment(at, &story.zone)),
        ),
    ]);
    reasons.values.clone_from(&raised.values);
    reasons.threshold.clone_from(&raised.threshold);
    (
        reasons,
        About {
            because: raised.because.clone(),
            itself,
        },
    )
}

fn session(chart: &Chart, id: &str, session: &Session, story: &Story<'_>) -> (Reasons, About) {
    let kind = session.modality().map_or("session", modality);
    let when = session
        .start()
        .map_or_else(|| "at an unknown time".to_owned(), |at| moment(at, &story.zone));
    let mut reasons = Reasons {
        notices: notices(chart, id, story),
        ..Reasons::default()
    };
    let by = if session.is_ours() {
        ", placed by carebus"
    } else {
        ""
    };
    reasons.says.push(format!(
        "{kind} {id} of patient {}: {when}, {}{by}",
        chart.patient,
        session.status().code()
    ));
    let mut because: Vec<EventId> = Vec::new();
    for pt in session.prepares() {
        let other = chart.sessions.get(pt);
        let gap = session
            .start()
            .zip(other.and_then(Session::start))
            .map_or_else(String::new, |(ea, pt)| {
                format!(", {} later", hours_between(ea, pt))
            });
        reasons.says.push(format!("it prepares PT {pt}{gap}"));
        because.extend(other.and_then(Session::booked_by).map(|stamp| stamp.id.clone()));
    }
    if let Some((booking, placement)) = session.booking().and_then(|b| Some((b, b.placement.as_ref()?))) {
        let lead = booking
            .lead_hours
            .map_or_else(String::new, |h| format!("{h} h before PT, "));
        reasons.rule.insert(
            "aimed at",
            format!("{lead}{}", moment(placement.target, &story.zone)),
        );
        reasons.rule.insert(
            "deviation",
            format!("{} min ({})", placement.deviation_min, placement.rule),
        );
    }
    let told = chart
        .unprepared
        .iter()
        .filter(|((pt, _), _)| pt.as_str() == id)
        .map(|(_, latest)| &latest.value);
    if let Some(told) = told.last() {
        unprepared(&mut reasons, told, story);
    }
    let preparing = chart
        .sessions
        .iter()
        .filter(|(_, s)| s.prepares().iter().any(|pt| pt.as_str() == id));
    for (ea, s) in preparing {
        let start = s
            .start()
            .map_or_else(String::new, |at| format!(" {}", moment(at, &story.zone)));
        reasons
            .says
            .push(format!("EA {ea}{start} prepares it, {}", s.status().code()));
    }
    let itself = session
        .history()
        .map(|(version, _)| version.stamp.id.clone())
        .collect();
    (reasons, About { because, itself })
}

fn unprepared(reasons: &mut Reasons, told: &Unprepared, story: &Story<'_>) {
    for reason in &told.reasons {
        reasons.says.push(format!(
            "no EA can prepare it because of {}: {}",
            reason.constraint, reason.detail
        ));
    }
    for instead in &told.alternatives {
        let at = moment(instead.start, &story.zone);
        reasons.says.push(format!(
            "instead: {} {at}, {} h between, {}",
            modality(instead.modality),
            instead.gap_hours,
            instead.because
        ));
    }
}

fn notice(chart: &Chart, id: &str, record: &NoticeRecord, story: &Story<'_>) -> (Reasons, About) {
    let line = line_of(chart, record, story);
    let mut reasons = Reasons {
        says: vec![format!("notice {id} of patient {}: {line}", chart.patient)],
        ..Reasons::default()
    };
    reasons
        .rule
        .insert("message id", record.notice.message_id.clone());
    reasons.rule.insert("about", record.notice.about.join(", "));
    let about = &record.notice.about;
    // What it tells about may be an alert, a session or a fact.
    let because = story.ids(|event| {
        let raised =
            matches!(&event.fact, Fact::AlertRaised(a) if about.iter().any(|id| id == a.alert_id.as_str()));
        raised || about.iter().any(|id| id == event.id.as_str())
    });
    let itself = story.ids(|event| notice_of(event).is_some_and(|n| n == id));
    (reasons, About { because, itself })
}

fn notice_of(event: &Event) -> Option<&str> {
    match &event.fact {
        Fact::NoticeAttempted(n)
        | Fact::NoticeSent(n)
        | Fact::NoticeDeferred(n)
        | Fact::NoticeRejected(n)
        | Fact::NoticeUnknown(n)
        | Fact::NoticeAbandoned(n) => Some(n.notice_id.as_str()),
        _ => None,
    }
}

fn fact(folded: &Folded, id: &str, story: &Story<'_>) -> (Reasons, About) {
    let event = folded.events.iter().find(|e| e.id.as_str() == id);
    let says = event.map(|event| {
        let said = story.says(&event.id).unwrap_or_default();
        format!(
            "{} about {}, by {}, {}: {said}",
            event.fact.name(),
            event.about,
            event.source,
            moment(event.time, &story.zone)
        )
    });
    let itself: Vec<EventId> = event.map(|e| e.id.clone()).into_iter().collect();
    (
        Reasons {
            says: says.into_iter().collect(),
            ..Reasons::default()
        },
        About {
            because: Vec::new(),
            itself,
        },
    )
}

/// Each mail that tells about an id.
fn notices(chart: &Chart, id: &str, story: &Story<'_>) -> Vec<String> {
    let about = |record: &&NoticeRecord| record.notice.about.iter().any(|about| about == id);
    chart
        .notices
        .values()
        .filter(about)
        .map(|record| line_of(chart, record, story))
        .collect()
}

fn line_of(chart: &Chart, record: &NoticeRecord, story: &Story<'_>) -> String {
    let told = told(chart, &record.notice.notice_id, record);
    let who = told.role.map_or_else(
        || told.member_id.to_string(),
        |role| format!("{role} {}", told.member_id),
    );
    let at = told
        .at
        .map_or_else(String::new, |at| format!(" {}", moment(at, &story.zone)));
    let reply = told
        .reply
        .map_or_else(String::new, |code| format!(", the mail server said {code}"));
    let tries = if told.tries > 1 {
        format!(", {} tries", told.tries)
    } else {
        String::new()
    };
    format!("mail to {who} {}{at}{reply}{tries}", told.state)
}
