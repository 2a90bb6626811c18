//! What people do in answer: sessions take place, pain is asked for, proposals are confirmed, alerts acknowledged.

use care::chart::{Alert, Session, SessionStatus};
use care::fact::assessment::Body;
use care::fact::ours::Severity;
use care::fact::session::Modality;
use care::id::{AlertId, SessionId};
use care::time::{SignedDuration, Timestamp, hours, minutes};
use care::{Chart, Event};
use engine::Engine;
use serde_json::{Value, json};

use super::course::PATIENTS;
use super::facts::{assessment, patient};
use crate::exit::Failure;

/// Sessions after which the physiatrist reviews the course.
const COURSE: usize = 6;

/// Everything that follows from the state if nothing else happens, each at its own time.
///
/// # Errors
/// A defect of the scenario, with the field.
pub(crate) fn answers(engine: &Engine) -> Result<Vec<Event>, Failure> {
    let mut answers = Vec::new();
    for chart in engine.charts() {
        for (id, session) in &chart.sessions {
            answers.extend(visit(&chart, id, session)?);
        }
        answers.extend(review(&chart)?);
        for (id, alert) in &chart.alerts {
            answers.extend(acknowledgement(&chart, id, alert)?);
        }
    }
    Ok(answers)
}

/// A booked session takes place; a proposed one is confirmed three hours after it was proposed.
fn visit(chart: &Chart, id: &SessionId, session: &Session) -> Result<Option<Event>, Failure> {
    let (Some(start), Some(end), Some(modality)) = (session.start(), session.end(), session.modality())
    else {
        return Ok(None);
    };
    match session.status() {
        SessionStatus::Booked => completed(chart, id, session, modality, start, end).map(Some),
        SessionStatus::Proposed => {
            let proposed_at = session.newest().map_or(start, |(version, _)| version.stamp.time);
            let at = later(proposed_at, hours(3));
            let revision = session.revision() + 1;
            let data = json!({ "session_id": id, "revision": revision, "by": { "role": "acupuncturist", "member_id": "m-acu-1" } });
            let key = format!("{id}.{revision}");
            // One that is over cannot be confirmed any more.
            let confirmed = (at < start).then(|| {
                patient(
                    chart.patient.as_str(),
                    "session.confirmed",
                    &key,
                    at,
                    "acupuncture",
                    data,
                )
            });
            confirmed.transpose()
        }
        SessionStatus::Completed if modality == Modality::Ea => pain_after(chart, id, end),
        _ => Ok(None),
    }
}

fn completed(
    chart: &Chart,
    id: &SessionId,
    session: &Session,
    modality: Modality,
    start: Timestamp,
    end: Timestamp,
) -> Result<Event, Failure> {
    let revision = session.revision() + 1;
    let mut data = json!({ "session_id": id, "revision": revision, "started_at": start, "ended_at": end });
    let who = if modality == Modality::Pt {
        "eastside-pt"
    } else {
        data["delivered"] = delivered(chart);
        "acupuncture"
    };
    patient(
        chart.patient.as_str(),
        "session.completed",
        &format!("{id}.{revision}"),
        end,
        who,
        data,
    )
}

/// What the needles did. While Maria's return to work is planned, KI3 goes with BL23.
fn delivered(chart: &Chart) -> Value {
    let plans_work = chart
        .assessments
        .values()
        .any(|t| matches!(t.assessment.body, Body::ReturnToWork(_)));
    let points = if plans_work {
        json!(["BL23", "BL25", "KI3", "GB34", "ST36"])
    } else {
        json!(["BL23", "BL25", "GB34", "ST36"])
    };
    json!({ "mode": "electro", "points": points, "ashi_sites": ["left paraspinal L4"], "frequency_hz": 2, "retention_min": 25,
        "depth_mm": { "BL23": 22 }, "single_use_sterile": true })
}

/// Pain an hour after an EA session: it falls with each, or it does not.
fn pain_after(chart: &Chart, id: &SessionId, end: Timestamp) -> Result<Option<Event>, Failure> {
    let attended = chart.attended_ea();
    let Some(number) = attended.iter().position(|(session, _)| *session == id) else {
        return Ok(None);
    };
    let number = i64::try_from(number).unwrap_or(i64::MAX).saturating_add(1);
    let Some(baseline) = PATIENTS
        .iter()
        .find(|p| p.id == chart.patient.as_str())
        .map(|p| p.pain)
    else {
        return Ok(None);
    };
    let value = match chart.patient.as_str() {
        // Nothing changes until the plan was adjusted after session six.
        "p-6" if number <= 6 => baseline,
        "p-6" => baseline - 5 * (number - 6),
        _ => baseline - 3 * number,
    };
    let at = later(end, hours(1));
    let key = format!("pain-{id}");
    let more = json!({ "scale": "vas", "value": value.clamp(5, 100), "context": "now" });
    let data = assessment(&key, at, "patient", "m-self", more);
    patient(chart.patient.as_str(), "assessment.pain", &key, at, "app", data).map(Some)
}

/// The physiatrist reviews each course a day after its sixth session; the one of p-5 is forgotten.
fn review(chart: &Chart) -> Result<Option<Event>, Failure> {
    let reviews: Vec<Timestamp> = chart
        .taken()
        .into_iter()
        .filter(|t| matches!(t.assessment.body, Body::CourseReview(_)))
        .map(|t| t.assessment.head.performed_at)
        .collect();
    let last = reviews.iter().max().copied().unwrap_or(Timestamp::MIN);
    let since: Vec<Timestamp> = chart
        .attended_ea()
        .into_iter()
        .filter_map(|(_, s)| s.end())
        .filter(|end| *end > last)
        .collect();
    let (true, Some(sixth)) = (chart.patient.as_str() != "p-5", since.get(COURSE - 1)) else {
        return Ok(None);
    };
    let at = later(*sixth, hours(24));
    let decision = if chart.patient.as_str() == "p-6" {
        "adjust"
    } else {
        "continue"
    };
    let key = format!("course-{}", reviews.len() + 1);
    let data = assessment(&key, at, "physiatrist", "m-phys", json!({ "decision": decision }));
    patient(
        chart.patient.as_str(),
        "assessment.course_review",
        &key,
        at,
        "rehab",
        data,
    )
    .map(Some)
}

/// Emergencies are answered within nine minutes, urgent alerts within the hour; the rest waits for `carebus ack`.
fn acknowledgement(chart: &Chart, id: &AlertId, alert: &Alert) -> Result<Option<Event>, Failure> {
    let Some((stamp, raised)) = alert
        .raised
        .as_ref()
        .filter(|_| alert.is_open() && alert.acknowledged.is_none())
    else {
        return Ok(None);
    };
    let wait = match raised.severity {
        Severity::Emergency => minutes(9),
        Severity::Urgent => minutes(50),
        Severity::Advisory | Severity::Info => return Ok(None),
    };
    let data = json!({ "alert_id": id, "by": { "role": "physiatrist", "member_id": "m-phys" } });
    let at = later(stamp.time, wait);
    patient(
        chart.patient.as_str(),
        "alert.acknowledged",
        &format!("ack-{id}"),
        at,
        "rehab",
        data,
    )
    .map(Some)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
