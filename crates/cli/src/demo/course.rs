//! The course: six patients from 2026-06-01 to 2026-08-31, each with a story; what people decide, not what follows.

use care::Event;
use care::time::{Date, Timestamp};
use serde_json::{Value, json};

use super::facts::{FIRST_DAY, ZONE, assessment, day, local, patient, practitioner, sections};
use crate::exit::Failure;

/// The end of the course.
pub(crate) fn end() -> Timestamp {
    local(day(13, 0), 20, 0)
}

/// Before anything happens.
pub(crate) fn beginning() -> Timestamp {
    local(day(0, 0), 6, 0)
}

/// One patient of the demo.
pub(crate) struct Patient {
    pub(crate) id: &'static str,
    /// What the story is about.
    pub(crate) story: &'static str,
    /// Whose calendar EA goes into.
    acupuncturist: &'static str,
    /// Weekdays of PT, from 0 for Monday, with the hour.
    pt: &'static [(i64, i8)],
    /// Oswestry points of 50 at each due date; none is a missed one.
    oswestry: [Option<u8>; 7],
    /// Pain at the beginning, mm.
    pub(crate) pain: i64,
    birth_year: u16,
    onset_on: &'static str,
}

/// Everybody.
pub(crate) const PATIENTS: [Patient; 6] = [
    Patient {
        id: "p-maria",
        story: "eight years of back pain; EA 48 h before PT, back at work",
        acupuncturist: "acu-1",
        pt: &[(2, 10), (4, 14)],
        oswestry: [
            Some(24),
            Some(22),
            Some(19),
            Some(16),
            Some(13),
            Some(11),
            Some(9),
        ],
        pain: 72,
        birth_year: 1982,
        onset_on: "2018-06-01",
    },
    Patient {
        id: "p-2",
        story: "a red flag in week five, reviewed and cleared",
        acupuncturist: "acu-1",
        pt: &[(3, 11)],
        oswestry: [
            Some(20),
            Some(19),
            Some(18),
            Some(18),
            Some(15),
            Some(13),
            Some(12),
        ],
        pain: 64,
        birth_year: 1975,
        onset_on: "2025-11-10",
    },
    Patient {
        id: "p-3",
        story: "an implanted stimulator becomes known after EA was booked",
        acupuncturist: "acu-1",
        pt: &[(2, 15)],
        oswestry: [Some(27), Some(26), Some(26), Some(25), Some(25), None, None],
        pain: 78,
        birth_year: 1958,
        onset_on: "2024-03-01",
    },
    Patient {
        id: "p-4",
        story: "the acupuncturist closes a week, PT is left unprepared",
        acupuncturist: "acu-2",
        pt: &[(3, 9)],
        oswestry: [
            Some(18),
            Some(17),
            Some(15),
            Some(14),
            Some(12),
            Some(11),
            Some(10),
        ],
        pain: 58,
        birth_year: 1990,
        onset_on: "2025-09-15",
    },
    Patient {
        id: "p-5",
        story: "two Oswestries are missed, no course review",
        acupuncturist: "acu-1",
        pt: &[(0, 10)],
        oswestry: [Some(21), Some(20), None, None, Some(17), Some(15), Some(14)],
        pain: 66,
        birth_year: 1988,
        onset_on: "2026-01-20",
    },
    Patient {
        id: "p-6",
        story: "no change by session four, the plan is adjusted",
        acupuncturist: "acu-1",
        pt: &[(3, 16)],
        oswestry: [
            Some(22),
            Some(22),
            Some(22),
            Some(20),
            Some(16),
            Some(14),
            Some(13),
        ],
        pain: 70,
        birth_year: 1969,
        onset_on: "2023-05-05",
    },
];

/// Weeks with PT.
const WEEKS: i64 = 12;

/// Everything people do by themselves, by time.
///
/// # Errors
/// A defect of the scenario, with the field.
pub(crate) fn events() -> Result<Vec<Event>, Failure> {
    let mut events = calendars()?;
    for one in &PATIENTS {
        events.push(plan(one)?);
        events.extend(screenings(one)?);
        events.extend(physical_therapy(one)?);
        events.extend(oswestries(one)?);
    }
    events.extend(turns()?);
    // Stable: what happens at one instant stays in the order it was written.
    events.sort_by_key(|event| event.time);
    Ok(events)
}

fn calendars() -> Result<Vec<Event>, Failure> {
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

fn plan(one: &Patient) -> Result<Event, Failure> {
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

/// What is asked before the first needle: the contraindications, and how much it hurts.
fn screenings(one: &Patient) -> Result<Vec<Event>, Failure> {
    let at = local(FIRST_DAY, 7, 30);
    let more = json!({ "scale": "vas", "value": one.pain, "context": "now" });
    let data = assessment("pain-baseline", at, "patient", "m-self", more);
    let baseline = patient(one.id, "assessment.pain", "pain-baseline", at, "app", data);
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
        .chain([baseline])
        .collect()
}

/// Twelve weeks of PT, booked on the first morning.
fn physical_therapy(one: &Patient) -> Result<Vec<Event>, Failure> {
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

fn booking(id: &str, revision: u8, date: Date, hour: i8) -> Value {
    json!({ "session_id": id, "revision": revision, "modality": "pt", "start": local(date, hour, 0), "end": local(date, hour + 1, 0),
        "clinic": "eastside-pt", "practitioner": "pt-ana", "status": "booked" })
}

fn oswestries(one: &Patient) -> Result<Vec<Event>, Failure> {
    let given = (0..)
        .zip(one.oswestry)
        .filter_map(|(k, points)| Some((k, points?)));
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

/// The turns the stories take.
fn turns() -> Result<Vec<Event>, Failure> {
    let flag_at = local(day(4, 1), 9, 12);
    let review_at = local(day(5, 2), 15, 0);
    let device_at = local(day(2, 3), 16, 40);
    let flag = json!({ "items": ["bladder_change", "saddle_sensory_change"], "onset_at": local(day(4, 0), 21, 0), "worsening": "yes" });
    let device = json!({ "item": "implanted_device", "value": "yes", "device_kind": "spinal_cord_stimulator", "device_id": "dev-1" });
    let work = |state: &str, on: Date| json!({ "state": state, "on": on });
    let (open_at, closed_at) = (local(day(6, 1), 12, 0), local(day(12, 1), 12, 0));
    let function =
        json!({ "work_status": "full", "goal": "gardening", "goal_met": true, "lifting_kg": 12.0 });
    let function_at = local(day(12, 2), 12, 0);
    Ok(vec![
        patient(
            "p-2",
            "assessment.red_flag",
            "flag-1",
            flag_at,
            "eastside-pt",
            assessment("flag-1", flag_at, "physical_therapist", "m-pt", flag),
        )?,
        cancelled("p-2", "pt-05", local(day(4, 1), 10, 0))?,
        cancelled("p-2", "pt-06", local(day(4, 1), 10, 0))?,
        patient(
            "p-2",
            "assessment.red_flag_review",
            "review-1",
            review_at,
            "rehab",
            assessment(
                "review-1",
                review_at,
                "physiatrist",
                "m-phys",
                json!({ "outcome": "cleared_for_treatment" }),
            ),
        )?,
        patient(
            "p-3",
            "assessment.screening",
            "device-1",
            device_at,
            "familycare",
            assessment("device-1", device_at, "pcp", "m-pcp", device),
        )?,
        patient(
            "p-3",
            "plan.revoked",
            "plan-2",
            local(day(9, 0), 9, 0),
            "carehub",
            json!({ "plan_id": "cp-p-3", "revision": 2, "reason": "contraindication" }),
        )?,
        // PT follows the patient's life; EA follows PT.
        patient(
            "p-maria",
            "session.moved",
            "pt-13.2",
            local(day(5, 4), 11, 0),
            "eastside-pt",
            booking("pt-13", 2, day(6, 3), 10),
        )?,
        cancelled("p-maria", "pt-18", local(day(7, 2), 9, 0))?,
        patient(
            "p-maria",
            "assessment.return_to_work",
            "rtw-1",
            open_at,
            "rehab",
            assessment("rtw-1", open_at, "physiatrist", "m-phys", work("open", day(6, 1))),
        )?,
        patient(
            "p-maria",
            "assessment.return_to_work",
            "rtw-2",
            closed_at,
            "rehab",
            assessment(
                "rtw-2",
                closed_at,
                "physiatrist",
                "m-phys",
                work("closed", day(12, 1)),
            ),
        )?,
        patient(
            "p-maria",
            "assessment.function",
            "function-1",
            function_at,
            "rehab",
            assessment("function-1", function_at, "physiatrist", "m-phys", function),
        )?,
        patient(
            "p-maria",
            "plan.completed",
            "plan-2",
            local(day(13, 0), 12, 0),
            "carehub",
            json!({ "plan_id": "cp-p-maria", "revision": 2, "reason": "recovered" }),
        )?,
    ])
}

fn cancelled(id: &str, session: &str, at: Timestamp) -> Result<Event, Failure> {
    let data = json!({ "session_id": session, "revision": 2, "reason": "patient cannot come", "by": { "role": "physical_therapist", "member_id": "m-pt" } });
    patient(
        id,
        "session.cancelled",
        &format!("{session}.2"),
        at,
        "eastside-pt",
        data,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_of_the_course_is_one() {
        let events = events().unwrap_or_else(|failure| panic!("{}", failure.render(false)));
        assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
        assert!(
            events.first().is_some_and(|e| e.time >= beginning())
                && events.last().is_some_and(|e| e.time <= end())
        );
        let ids: std::collections::BTreeSet<String> = events.iter().map(Event::message_id).collect();
        assert_eq!(ids.len(), events.len());
    }
}
