//! The course with its canaries: facts that say who somebody is, and messages that are none.

use care::time::Timestamp;
use serde_json::{Value, json};

/// What must not be found: each stands in at least one fact of the course.
pub(crate) const PLANTED: [&str; 19] = [
    "Quistgaard",
    "Zebulonia",
    "Ottoline",
    "Marmaduke",
    "canary-pcp",
    "canary-physiatrist",
    "canary-acupuncturist",
    "canary-therapist",
    "canary-coordinator",
    "CanaryReference",
    "CanaryReason",
    "CanaryClosure",
    "CanaryNote",
    "CanaryLicence",
    "CanaryDevice",
    "CanaryRetracted",
    // In what is refused: an id, a type, a field, a broken line.
    "CanaryRefused",
    "CanaryBroken",
    // Nobody else is born in that year, and no number of a test comes near it.
    "1903-",
];

pub(crate) fn now() -> Timestamp {
    node::Clock::real().now()
}

pub(crate) fn day(offset: i64) -> String {
    let at = now()
        .saturating_add(care::time::hours(24 * offset))
        .unwrap_or(now());
    format!("{}T15:00:00Z", &at.to_string()[..10])
}

pub(crate) fn line(id: &str, name: &str, about: &str, data: &Value) -> String {
    json!({"specversion": "1.0", "id": id, "source": "urn:carebus:acme:eastside-pt", "type": format!("carebus.{name}.v1"),
           "subject": format!("acme/{about}"), "time": now().to_string(), "data": data})
    .to_string()
}

pub(crate) fn by(role: &str) -> Value {
    json!({"role": role, "member_id": "m-1"})
}

pub(crate) fn plan(id: &str) -> Value {
    let team = json!([
        {"role": "pcp", "member_id": "m-1", "name": "Zebulonia Quistgaard", "email": "canary-pcp@lee.example", "patient_ref": "CanaryReference-1"},
        {"role": "physiatrist", "member_id": "m-2", "name": "Ottoline Q", "email": "canary-physiatrist@lee.example"},
        {"role": "acupuncturist", "member_id": "m-3", "name": "Marmaduke Q", "email": "canary-acupuncturist@lee.example", "practitioner": "acu-1", "patient_ref": "CanaryReference-3"},
        {"role": "physical_therapist", "member_id": "m-4", "email": "canary-therapist@lee.example", "clinic": "eastside-pt"},
        {"role": "care_coordinator", "member_id": "m-5", "email": "canary-coordinator@lee.example"},
    ]);
    json!({"plan_id": id, "revision": 1, "timezone": "America/Toronto", "started_on": &day(-20)[..10],
        "patient": {"birth_year": 1903, "osteoporosis": "unknown"}, "team": team,
        "ea": {"duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"]}, "oswestry": {"baseline_on": &day(-20)[..10]}})
}

pub(crate) fn session(id: &str, on: i64) -> Value {
    let end = day(on).replace("T15", "T16");
    json!({"session_id": id, "revision": 1, "modality": "pt", "start": day(on), "end": end, "clinic": "eastside-pt"})
}

/// A course with every kind of thing that says who somebody is.
pub(crate) fn course() -> Vec<String> {
    let week: Vec<Value> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .map(|d| json!({"day": d, "from": "00:00", "to": "24:00"}))
        .into();
    let calendar = json!({"revision": 1, "timezone": "UTC", "weekly": week,
        "closures": [{"from": day(40), "to": day(41), "reason": "CanaryClosure"}]});
    let licence = json!({"revision": 1, "kind": "licence", "licence_no": "CanaryLicence-1", "board": "B", "jurisdiction": "Ontario",
        "verified_at": day(-30), "expires_on": &day(300)[..10], "training_hours": 2400});
    let assessed = |id: &str, extra: Value| {
        let mut data = json!({"assessment_id": id, "performed_at": now().to_string(), "by": by("pcp")});
        data.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        data
    };
    let mut all = vec![
        line(
            "calendar-1",
            "calendar.published",
            "practitioner/acu-1",
            &calendar,
        ),
        line(
            "licence-1",
            "credentials.published",
            "practitioner/acu-1",
            &licence,
        ),
        line("plan-1", "plan.activated", "patient/p-1", &plan("cp-1")),
        line("pt-1", "session.booked", "patient/p-1", &session("pt-1", 6)),
        line("pt-2", "session.booked", "patient/p-1", &session("pt-2", 9)),
    ];
    let cancelled = json!({"session_id": "pt-2", "revision": 2, "reason": "CanaryReason", "by": by("physical_therapist")});
    all.extend([
        line("pt-2c", "session.cancelled", "patient/p-1", &cancelled),
        line("pain-1", "assessment.pain", "patient/p-1", &assessed("a-1", json!({"scale": "vas", "value": 70}))),
        line("odi-1", "assessment.oswestry", "patient/p-1", &assessed("a-2", json!({"instrument_version": "2.1a", "items": [3, 3, 3, 3, 3, 3, 3, 3, 3, 3]}))),
        line("device-1", "assessment.screening", "patient/p-1", &assessed("a-3", json!({"item": "implanted_device", "value": "yes", "device_kind": "pacemaker", "device_id": "CanaryDevice"}))),
        line("flag-1", "assessment.red_flag", "patient/p-1", &assessed("a-4", json!({"items": ["saddle_sensory_change", "bladder_change"], "onset_at": now().to_string()}))),
        line("taken-back", "assessment.retracted", "patient/p-1", &json!({"assessment_id": "a-1", "reason": "CanaryRetracted"})),
    ]);
    all
}

/// What no reader can take, with something personal in each place.
pub(crate) fn refused() -> Vec<(&'static str, String)> {
    let subject = "care.acme.patient.p-1.assessment.pain";
    let good = line(
        "x",
        "assessment.pain",
        "patient/p-1",
        &json!({"assessment_id": "a-9", "performed_at": now().to_string(), "by": by("pcp"), "scale": "vas", "value": 7}),
    );
    let with = |pointer: &str, value: Value| {
        let mut bad: Value = serde_json::from_str(&good).unwrap();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad.to_string()
    };
    vec![
        (subject, with("/id", "CanaryRefused Quistgaard".into())),
        (subject, with("/source", "CanaryRefused é".into())),
        (subject, with("/type", "carebus.CanaryRefused.v1".into())),
        (
            subject,
            with("/subject", "acme/patient/CanaryRefused, born 1903".into()),
        ),
        (subject, with("/time", "CanaryRefused".into())),
        (subject, with("/data/scale", "CanaryRefused".into())),
        (subject, with("/data/by", json!({"role": "CanaryRefused"}))),
        (subject, with("/data/performed_at", "CanaryRefused".into())),
        (subject, with("/data", json!({"CanaryRefused": "Quistgaard"}))),
        (subject, with("/data", json!("CanaryRefused"))),
        (subject, format!("{}CanaryBroken", &good[..60])),
        (subject, good.replace("\"data\":", "\"CanaryBroken")),
        (subject, "CanaryBroken".to_owned()),
    ]
}
