//! The facts of the benchmark: the same on every run, about so many patients, as the wire has them.

use care::Event;
use care::id::OrgId;
use care::time::{Timestamp, hours};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};

/// The organisation of the benchmark.
pub(crate) const ORG: &str = "bench";
/// When it is: a Monday afternoon on which none of these patients has anything due.
pub(crate) const NOW: &str = "2026-06-22T14:00:00Z";
/// Where everybody lives.
const ZONE: &str = "America/Toronto";
/// The clinic where everybody has PT.
pub(crate) const CLINIC: &str = "eastside-pt";
/// Patients of one acupuncturist.
pub(crate) const PER_PRACTITIONER: usize = 32;

/// The organisation's id.
///
/// # Errors
/// Never: it is a constant.
pub(crate) fn org() -> Result<OrgId, Failure> {
    OrgId::new(ORG).map_err(|e| Failure::new(Exit::Bug, e.to_string()))
}

/// The instant at which everything is measured.
pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap_or_default()
}

/// The calendars of those who treat these patients; a range begins with a practitioner's first.
pub(crate) fn calendars(patients: std::ops::Range<usize>) -> impl Iterator<Item = Result<Event, Failure>> {
    (patients.start / PER_PRACTITIONER..patients.end.div_ceil(PER_PRACTITIONER)).map(calendar)
}

/// A practitioner's week: every day but Sunday from 8 to 18.
pub(crate) fn calendar(practitioner: usize) -> Result<Event, Failure> {
    let day = |day: &str| json!({ "day": day, "from": "08:00", "to": "18:00" });
    let weekly: Vec<Value> = ["mon", "tue", "wed", "thu", "fri", "sat"]
        .into_iter()
        .map(day)
        .collect();
    let data = json!({ "revision": 1, "timezone": ZONE, "weekly": weekly, "closures": [], "step_min": 15 });
    let about = format!("practitioner/acu-{practitioner}");
    event(
        &about,
        "calendar.published",
        &format!("acu-{practitioner}.calendar"),
        "2026-06-01T12:00:00Z",
        "needles",
        &data,
    )
}

/// What a patient's log is made of: a plan, a PT session booked, moved and completed, pain, Oswestry. Six facts, of
/// which nothing is due at [`NOW`] but the Oswestry's score.
pub(crate) fn usual(patient: usize) -> Result<[Event; 6], Failure> {
    let id = format!("p-{patient}");
    let about = format!("patient/{id}");
    let fact = |name: &str, key: &str, at: &str, who: &str, data: &Value| {
        event(&about, name, &format!("{id}.{key}"), at, who, data)
    };
    let pt = |revision: u8, start: &str| booking(patient, &format!("{id}-pt-1"), revision, start);
    let pain = json!({ "scale": "vas", "value": 40 + patient % 40, "context": "now" });
    let answers: Vec<usize> = (0..10).map(|section| 1 + (patient + section) % 3).collect();
    let oswestry = json!({ "instrument_version": "2.1a", "items": answers });
    let completed = json!({ "session_id": format!("{id}-pt-1"), "revision": 3,
        "started_at": "2026-06-19T15:00:00Z", "ended_at": "2026-06-19T16:00:00Z" });
    Ok([
        fact(
            "plan.activated",
            "plan",
            "2026-06-15T12:00:00Z",
            "carehub",
            &plan(patient),
        )?,
        fact(
            "session.booked",
            "pt-1.1",
            "2026-06-15T12:30:00Z",
            CLINIC,
            &pt(1, "2026-06-18T15:00:00Z"),
        )?,
        fact(
            "assessment.oswestry",
            "odi",
            "2026-06-15T20:00:00Z",
            "app",
            &assessment(&format!("{id}-odi"), "2026-06-15T20:00:00Z", &oswestry),
        )?,
        fact(
            "session.moved",
            "pt-1.2",
            "2026-06-16T12:00:00Z",
            CLINIC,
            &pt(2, "2026-06-19T15:00:00Z"),
        )?,
        fact(
            "assessment.pain",
            "pain",
            "2026-06-19T14:50:00Z",
            "app",
            &assessment(&format!("{id}-pain"), "2026-06-19T14:50:00Z", &pain),
        )?,
        fact(
            "session.completed",
            "pt-1.3",
            "2026-06-19T16:00:00Z",
            CLINIC,
            &completed,
        )?,
    ])
}

fn plan(patient: usize) -> Value {
    let practitioner = patient / PER_PRACTITIONER;
    let member = |role: &str, id: String| json!({ "role": role, "member_id": id, "email": format!("{id}@team.example"), "consent": ["clinical"] });
    // The doctors have a hundred patients each, an acupuncturist some thirty.
    let mut acupuncturist = member("acupuncturist", format!("m-acu-{practitioner}"));
    acupuncturist["practitioner"] = json!(format!("acu-{practitioner}"));
    let mut therapist = member("physical_therapist", format!("m-pt-{practitioner}"));
    therapist["clinic"] = json!(CLINIC);
    json!({
        "plan_id": format!("cp-{patient}"), "revision": 1, "timezone": ZONE, "started_on": "2026-06-15",
        "patient": { "birth_year": 1950 + patient % 50, "bmi": 25.0, "osteoporosis": "no", "prolonged_steroids": "no" },
        "team": [
            member("pcp", format!("m-pcp-{}", patient / 100)),
            member("physiatrist", format!("m-phys-{}", patient / 100)),
            acupuncturist, therapist,
            member("care_coordinator", format!("m-coord-{}", patient / 1000)),
        ],
        "ea": { "duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"], "frequency_hz": 2, "lead_hours": 48 },
        "oswestry": { "baseline_on": "2026-06-15", "every_days": 14 },
    })
}

/// An hour of PT.
pub(crate) fn booking(patient: usize, session: &str, revision: u8, start: &str) -> Value {
    let begins: Timestamp = start.parse().unwrap_or_default();
    let ends = begins.saturating_add(hours(1)).unwrap_or(begins);
    json!({ "session_id": session, "revision": revision, "modality": "pt", "start": start, "end": ends,
        "clinic": CLINIC, "practitioner": format!("pt-{}", patient / PER_PRACTITIONER), "status": "booked" })
}

/// The head of an assessment with more fields beside it.
pub(crate) fn assessment(id: &str, at: &str, more: &Value) -> Value {
    let mut data = json!({ "assessment_id": id, "performed_at": at, "by": { "role": "patient" } });
    if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
        data.extend(more.clone());
    }
    data
}

/// An event about somebody, read back through the one reader.
pub(crate) fn event(
    about: &str,
    name: &str,
    id: &str,
    at: &str,
    who: &str,
    data: &Value,
) -> Result<Event, Failure> {
    let line = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("urn:carebus:{ORG}:{who}"),
        "type": care::envelope::type_name(name),
        "subject": format!("{ORG}/{about}"),
        "time": at,
        "datacontenttype": "application/json",
        "data": data,
    });
    Event::decode_line(&line.to_string())
        .map_err(|fault| Failure::new(Exit::Bug, format!("the benchmark's fact {id}: {fault}")))
}
