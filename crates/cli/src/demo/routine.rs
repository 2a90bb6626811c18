//! What every patient of the demo has: a plan and a team, screening, twelve weeks of PT, Oswestries; and the calendars.

use care::Event;
use care::time::Date;
use serde_json::{Value, json};

use super::course::Patient;
use super::facts::{FIRST_DAY, ZONE, assessment, day, local, patient, practitioner, sections};
use crate::exit::Failure;

/// Weeks with PT.
const WEEKS: i64 = 12;

pub(super) fn calendars() -> Result<Vec<Event>, Failure> {
    let week = |from: &str, to: &str| -> Vec<Value> {
        ["mon", "tue", "wed", "thu", "fri"]
            .iter()
            .map(|d| json!({ "day": d, "from": from, "to": to }))
            .collect()
    };
    let calendar = |revision: u8, weekly: Vec<Value>, closures: Value| json!({ "revision": revision, "timezone": ZONE, "weekly": weekly, "closures": closures, "step_min": 15, "buffer_min": 0 });
    let licence = json!({ "revision": 1, "kind": "licence", "board": "board", "jurisdiction": "ON",
        "verified_at": "2026-05-01T12:00:00Z", "expires_on": "2027-12-31", "training_hours": 2000 });
    let closed =
        json!([{ "from": local(day(5, 0), 0, 0), "to": local(day(6, 0), 0, 0), "reason": "holiday" }]);
    Ok(vec![
        practitioner(
            "acu-1",
            "calendar.published",
            "calendar-1",
            local(FIRST_DAY, 6, 30),
            calendar(1, week("09:00", "18:00"), json!([])),
        )?,
        practitioner(
            "acu-1",
            "credentials.published",
            "licence-1",
            local(FIRST_DAY, 6, 30),
            licence.clone(),
        )?,
        practitioner(
            "acu-2",
            "calendar.published",
            "calendar-1",
            local(FIRST_DAY, 6, 30),
            calendar(1, week("08:00", "12:00"), json!([])),
        )?,
        practitioner(
            "acu-2",
            "credentials.published",
            "licence-1",
            local(FIRST_DAY, 6, 30),
            licence,
        )?,
        // Three weeks ahead, when EA is booked into it already.
        practitioner(
            "acu-2",
            "calendar.published",
            "calendar-2",
            local(day(2, 1), 17, 0),
            calendar(2, week("08:00", "12:00"), closed),
        )?,
    ])
}

pub(super) fn plan(one: &Patient) -> Result<Event, Failure> {
    let member = |role: &str, id: &str, name: &str, email: &str| {
        json!({
            "role": role, "member_id": id, "name": name, "email": email, "patient_ref": format!("ref-{}", one.id), "consent": ["clinical"],
        })
    };
    let mut acupuncturist = match one.acupuncturist {
        "acu-1" => member("acupuncturist", "m-acu-1", "Mei Tan", "mei.tan@needles.example"),
        _ => member("acupuncturist", "m-acu-2", "Jon Berg", "jon.berg@needles.example"),
    };
    acupuncturist["practitioner"] = json!(one.acupuncturist);
    let mut therapist = member(
        "physical_therapist",
        "m-pt",
        "Ana Cruz",
        "ana.cruz@eastside.example",
    );
    therapist["clinic"] = json!("eastside-pt");
    let data = json!({
        "plan_id": format!("cp-{}", one.id), "revision": 1, "timezone": ZONE, "started_on": FIRST_DAY,
        "patient": { "birth_year": one.birth_year, "onset_on": one.onset_on, "osteoporosis": "no", "prolonged_steroids": "no", "bmi": 25.0 },
        "team": [
            member("pcp", "m-pcp", "Dr Lee", "lee@familycare.example"),
            member("physiatrist", "m-phys", "Dr Okafor", "okafor@rehab.example"),
            acupuncturist, therapist,
            member("care_coordinator", "m-coord", "Sam Roy", "sam.roy@carehub.example"),
        ],
        "ea": { "duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"], "frequency_hz": 2, "lead_hours": 48 },
        "oswestry": { "baseline_on": FIRST_DAY, "every_days": 14 },
    });
    patient(
        one.id,
        "plan.activated",
        "plan-1",
        local(FIRST_DAY, 7, 0),
        "carehub",
        data,
    )
}

/// What is asked before the first needle: the contraindications, the pattern, and how much it hurts.
pub(super) fn screenings(one: &Patient) -> Result<Vec<Event>, Failure> {
    let at = local(FIRST_DAY, 7, 30);
    let more = json!({ "scale": "vas", "value": one.pain, "context": "now" });
    let data = assessment("pain-baseline", at, "patient", "m-self", more);
    let baseline = patient(one.id, "assessment.pain", "pain-baseline", at, "app", data);
    let more = json!({ "pattern": "cold_damp" });
    let data = assessment("pattern-1", at, "acupuncturist", "m-acu-1", more);
    let pattern = patient(one.id, "assessment.pattern", "pattern-1", at, "acupuncture", data);
    let items = [
        ("local_infection", "no"),
        ("coagulopathy", "none"),
        ("implanted_device", "no"),
        ("pregnancy", "no"),
        ("malignancy", "no"),
    ];
    items
        .into_iter()
        .map(|(item, value)| {
            let more = json!({ "item": item, "value": value });
            let data = assessment(&format!("screen-{item}"), at, "acupuncturist", "m-acu-1", more);
            patient(
                one.id,
                "assessment.screening",
                &format!("screen-{item}"),
                at,
                "acupuncture",
                data,
            )
        })
        .chain([pattern, baseline])
        .collect()
}

/// Twelve weeks of PT, booked on the first morning.
pub(super) fn physical_therapy(one: &Patient) -> Result<Vec<Event>, Failure> {
    let at = local(FIRST_DAY, 8, 0);
    let slots = (0..WEEKS).flat_map(|week| {
        one.pt
            .iter()
            .map(move |(weekday, hour)| (day(week, *weekday), *hour))
    });
    (1..)
        .zip(slots)
        .map(|(number, (date, hour))| {
            let id = format!("pt-{number:02}");
            let data = booking(&id, 1, date, hour);
            patient(
                one.id,
                "session.booked",
                &format!("{id}.1"),
                at,
                "eastside-pt",
                data,
            )
        })
        .collect()
}

pub(super) fn booking(id: &str, revision: u8, date: Date, hour: i8) -> Value {
    json!({ "session_id": id, "revision": revision, "modality": "pt", "start": local(date, hour, 0), "end": local(date, hour + 1, 0),
        "clinic": "eastside-pt", "practitioner": "pt-ana", "status": "booked" })
}

pub(super) fn oswestries(one: &Patient) -> Result<Vec<Event>, Failure> {
    let given = (0..)
        .zip(one.oswestry.split(' '))
        .filter_map(|(k, points)| Some((k, points.parse().ok()?)));
    given
        .map(|(k, points)| {
            let at = local(day(2 * k, 0), 19, 10);
            let more = json!({ "instrument_version": "2.1a", "items": sections(points) });
            let data = assessment(&format!("odi-{k}"), at, "patient", "m-self", more);
            patient(
                one.id,
                "assessment.oswestry",
                &format!("odi-{k}"),
                at,
                "app",
                data,
            )
        })
        .collect()
}
