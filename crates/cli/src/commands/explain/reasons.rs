//! What can be said about an alert, a session, a notice or a single fact beside the facts themselves.

use std::collections::BTreeMap;

use care::chart::NoticeRecord;
use care::fact::Fact;
use care::id::{EventId, PatientId};
use care::sentence::moment;
use care::{Chart, Event};
use serde::Serialize;

use super::Kind;
use super::alert::{of_alert, of_practitioner_alert};
use super::inputs::Decider;
use super::session::of_session;
use super::story::Story;
use crate::commands::chart::told;
use crate::fold::Folded;

/// Reasons, and who was told.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reasons {
    /// In words, the main thing first.
    pub(super) says: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) rule: BTreeMap<&'static str, String>,
    /// What was found.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) values: BTreeMap<String, String>,
    /// What it was held against.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) threshold: BTreeMap<String, String>,
    /// What could not be worked out again, or only with another policy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unsure: Vec<String>,
    /// Every fact that decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) inputs: Vec<Decider>,
    /// The nearest ways in which it would not have been raised.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) nearest: Vec<String>,
    /// Why then and not earlier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) why_then: Vec<String>,
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
    let about = folded.engine.diary().practitioners();
    let of_practitioner = || {
        let (practitioner, known) = { about }.find(|(_, known)| known.alerts.contains_key(id))?;
        Some(of_practitioner_alert(
            folded,
            practitioner,
            known,
            known.alerts.get(id)?,
            story,
        ))
    };
    if let (Kind::Alert, None) = (kind, patient)
        && let Some(found) = of_practitioner()
    {
        return found;
    }
    let chart = patient.and_then(|p| folded.engine.chart(p));
    let found = chart.and_then(|chart| match kind {
        Kind::Alert => Some(of_alert(folded, &chart, id, chart.alerts.get(id)?, story)),
        Kind::Session => Some(of_session(&chart, id, chart.sessions.get(id)?, story)),
        Kind::Notice => Some(notice(&chart, id, chart.notices.get(id)?, story)),
        Kind::Fact => None,
    });
    found.unwrap_or_else(|| fact(folded, id, story))
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
pub(super) fn notices(chart: &Chart, id: &str, story: &Story<'_>) -> Vec<String> {
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
