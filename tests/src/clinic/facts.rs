//! Facts as the world publishes them: lines of JSON, each read back by the contract before it is used.

use care::Event;
use serde_json::{Value, json};

/// Where every patient has PT.
pub const CLINIC: &str = "eastside-pt";

/// One line of JSON that is a fact.
#[derive(Debug, Clone)]
pub struct Fact {
    line: String,
    event: Event,
}

impl Fact {
    /// `about` is `patient/p-1`, `kind` is `session.booked`.
    ///
    /// # Panics
    /// When the contract refuses it.
    #[must_use]
    pub fn new(id: &str, kind: &str, about: &str, time: &str, data: &Value) -> Self {
        Self::of(&json!({
            "specversion": "1.0", "id": id, "source": "urn:test:clinic", "type": format!("carebus.{kind}.v1"),
            "subject": format!("acme/{about}"), "time": time, "datacontenttype": "application/json", "data": data,
        }))
    }

    fn of(value: &Value) -> Self {
        let line = value.to_string();
        let event = Event::decode_line(&line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        Self { line, event }
    }

    /// The line.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What it says.
    #[must_use]
    pub fn event(&self) -> Event {
        self.event.clone()
    }

    /// The same as part of a chain that began elsewhere.
    #[must_use]
    pub fn in_chain(self, correlation: &str) -> Self {
        let mut line: Value = serde_json::from_str(&self.line).unwrap_or_default();
        line["correlationid"] = correlation.into();
        Self::of(&line)
    }
}

/// A practitioner works Monday to Friday, 08:00 to 18:00 in Toronto.
#[must_use]
pub fn calendar(practitioner: &str, time: &str) -> Fact {
    weekly(practitioner, time, &["mon", "tue", "wed", "thu", "fri"])
}

/// A practitioner works every day: for tests on real time, which is any day.
#[must_use]
pub fn calendar_of_every_day(practitioner: &str, time: &str) -> Fact {
    weekly(
        practitioner,
        time,
        &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    )
}

fn weekly(practitioner: &str, time: &str, days: &[&str]) -> Fact {
    let day = |day: &&str| json!({"day": day, "from": "08:00", "to": "18:00"});
    let weekly: Vec<Value> = days.iter().map(day).collect();
    let data = json!({"revision": 1, "timezone": "America/Toronto", "weekly": weekly});
    Fact::new(
        &format!("calendar-{practitioner}"),
        "calendar.published",
        &format!("practitioner/{practitioner}"),
        time,
        &data,
    )
}

/// A patient's plan began, with a team of five.
#[must_use]
pub fn plan(patient: &str, practitioner: &str, time: &str) -> Fact {
    let team = json!([
        {"role": "pcp", "member_id": "m-1", "email": "m-1@pcp.example"},
        {"role": "physiatrist", "member_id": "m-2", "email": "m-2@physiatry.example"},
        {"role": "acupuncturist", "member_id": "m-3", "email": "m-3@acupuncture.example", "practitioner": practitioner},
        {"role": "physical_therapist", "member_id": "m-4", "email": "m-4@therapy.example", "clinic": CLINIC},
        {"role": "care_coordinator", "member_id": "m-5", "email": "m-5@care.example"},
    ]);
    let data = json!({
        "plan_id": format!("cp-{patient}"), "revision": 1, "timezone": "America/Toronto", "started_on": &time[..10],
        "patient": {}, "team": team, "ea": {"duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"]},
        "oswestry": {"baseline_on": &time[..10]},
    });
    Fact::new(
        &format!("plan-{patient}"),
        "plan.activated",
        &format!("patient/{patient}"),
        time,
        &data,
    )
}

fn booking(pt: &str, revision: u64, start: &str) -> Value {
    let begins = super::instant(start);
    let ends = begins.saturating_add(care::time::hours(1)).unwrap_or(begins);
    json!({
        "session_id": pt, "revision": revision, "modality": "pt", "clinic": CLINIC,
        "start": start, "end": ends.to_string(),
    })
}

/// A PT session of an hour was booked.
#[must_use]
pub fn booked(patient: &str, pt: &str, start: &str, time: &str) -> Fact {
    let about = format!("patient/{patient}");
    Fact::new(
        &format!("{pt}-1"),
        "session.booked",
        &about,
        time,
        &booking(pt, 1, start),
    )
}

/// A PT session got another time.
#[must_use]
pub fn moved(patient: &str, pt: &str, revision: u64, start: &str, time: &str) -> Fact {
    let about = format!("patient/{patient}");
    Fact::new(
        &format!("{pt}-{revision}"),
        "session.moved",
        &about,
        time,
        &booking(pt, revision, start),
    )
}

/// A PT session was cancelled.
#[must_use]
pub fn cancelled(patient: &str, pt: &str, revision: u64, time: &str) -> Fact {
    let data = json!({"session_id": pt, "revision": revision, "reason": "patient-asked"});
    Fact::new(
        &format!("{pt}-{revision}"),
        "session.cancelled",
        &format!("patient/{patient}"),
        time,
        &data,
    )
}

fn assessment(patient: &str, kind: &str, time: &str, fields: &Value) -> Fact {
    let id = format!("{kind}-{patient}-{time}");
    let mut data = json!({"assessment_id": format!("{kind}-{patient}-{}", time.replace([':', '.'], "-")),
        "performed_at": time, "by": {"role": "patient"}});
    if let (Some(data), Some(fields)) = (data.as_object_mut(), fields.as_object()) {
        data.extend(fields.clone());
    }
    Fact::new(
        &id,
        &format!("assessment.{kind}"),
        &format!("patient/{patient}"),
        time,
        &data,
    )
}

/// The patient reported a new red flag: everybody of the team is told at once.
#[must_use]
pub fn red_flag(patient: &str, item: &str, time: &str) -> Fact {
    assessment(
        patient,
        "red_flag",
        time,
        &json!({"items": [item], "onset_at": time}),
    )
}

/// The patient reported pain, 0..=100.
#[must_use]
pub fn pain(patient: &str, value: u8, time: &str) -> Fact {
    assessment(patient, "pain", time, &json!({"scale": "vas", "value": value}))
}

/// The patient answered the ten sections of the Oswestry, each with the same of 0..=5.
#[must_use]
pub fn oswestry(patient: &str, each: u8, time: &str) -> Fact {
    assessment(
        patient,
        "oswestry",
        time,
        &json!({"instrument_version": "2.1a", "items": vec![each; 10]}),
    )
}
