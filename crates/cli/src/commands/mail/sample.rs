//! A made-up clinic of four patients in which every kind of letter is written: what `mail preview` shows.

use care::Event;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};

/// The organisation of the samples.
pub(super) const ORG: &str = "sample";
/// When every letter has been written.
pub(super) const END: &str = "2026-07-15T12:00:00Z";

const ZONE: &str = "America/Toronto";

/// Everything that is told, in log order.
pub(super) fn facts() -> Result<Vec<Event>, Failure> {
    let mut facts = vec![calendar()?];
    for patient in ["p-sample-1", "p-sample-2", "p-sample-3"] {
        facts.push(plan(patient, "2026-06-01")?);
    }
    facts.push(plan("p-sample-4", "2026-04-13")?);
    facts.extend(reports()?);
    facts.extend(appointments()?);
    facts.extend(holds()?);
    facts.extend(emergency()?);
    facts.sort_by_key(|event| event.time);
    Ok(facts)
}

/// Weekdays from nine to six, and a fortnight closed.
fn calendar() -> Result<Event, Failure> {
    let weekly: Vec<Value> = ["mon", "tue", "wed", "thu", "fri"]
        .iter()
        .map(|day| json!({ "day": day, "from": "09:00", "to": "18:00" }))
        .collect();
    let closed =
        json!([{ "from": "2026-06-27T04:00:00Z", "to": "2026-07-11T04:00:00Z", "reason": "holiday" }]);
    let data = json!({ "revision": 1, "timezone": ZONE, "weekly": weekly, "closures": closed, "step_min": 15, "buffer_min": 0 });
    event(
        "practitioner/acu-1",
        "calendar.published",
        "calendar",
        "2026-06-01T12:00:00Z",
        data,
    )
}

fn plan(patient: &str, from: &str) -> Result<Event, Failure> {
    let member = |role: &str, id: &str| json!({ "role": role, "member_id": id, "email": format!("{id}@team.example"), "consent": ["mail"], "quiet_hours": { "from": "00:00", "to": "00:00" } });
    let mut acupuncturist = member("acupuncturist", "m-acu");
    acupuncturist["practitioner"] = json!("acu-1");
    let team = [
        member("pcp", "m-pcp"),
        member("physiatrist", "m-phys"),
        acupuncturist,
        member("physical_therapist", "m-pt"),
        member("care_coordinator", "m-coord"),
    ];
    let data = json!({ "plan_id": format!("cp-{patient}"), "revision": 1, "timezone": ZONE, "started_on": from,
        "ea": { "points": ["BL23", "BL25", "GB34", "ST36"] }, "oswestry": { "baseline_on": from }, "team": team });
    about(
        patient,
        "plan.activated",
        "plan",
        &format!("{from}T12:00:00Z"),
        data,
    )
}

/// p-sample-1: PT booked, moved and cancelled, one in the fortnight that is closed; an Oswestry nobody hands in.
fn appointments() -> Result<Vec<Event>, Failure> {
    let p = "p-sample-1";
    let items = json!([3, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    let baseline = assessed(
        "odi-0",
        "2026-06-01T12:30:00Z",
        "patient",
        json!({ "instrument_version": "2.1a", "items": items }),
    );
    Ok(vec![
        about(
            p,
            "assessment.oswestry",
            "odi-0",
            "2026-06-01T12:30:00Z",
            baseline,
        )?,
        about(
            p,
            "session.booked",
            "pt-1.1",
            "2026-06-01T13:00:00Z",
            booking("pt-1", 1, "2026-06-12"),
        )?,
        about(
            p,
            "session.moved",
            "pt-1.2",
            "2026-06-02T13:00:00Z",
            booking("pt-1", 2, "2026-06-18"),
        )?,
        about(
            p,
            "session.cancelled",
            "pt-1.3",
            "2026-06-03T13:00:00Z",
            json!({ "session_id": "pt-1", "revision": 3, "reason": "patient cannot come" }),
        )?,
        about(
            p,
            "session.booked",
            "pt-2.1",
            "2026-06-04T13:00:00Z",
            booking("pt-2", 1, "2026-07-08"),
        )?,
    ])
}

/// p-sample-4: twelve weeks in which Oswestry and pain get better, and the end of the plan.
fn reports() -> Result<Vec<Event>, Failure> {
    let p = "p-sample-4";
    let mut facts = Vec::new();
    let course = [
        ("2026-04-13", 3, 70),
        ("2026-04-27", 3, 60),
        ("2026-05-11", 2, 48),
        ("2026-05-25", 2, 45),
        ("2026-06-08", 2, 40),
        ("2026-06-22", 1, 30),
        ("2026-07-06", 1, 25),
    ];
    for (day, each, pain) in course {
        let at = format!("{day}T13:00:00Z");
        let (odi, score) = (format!("odi-{day}"), format!("pain-{day}"));
        let items = json!({ "instrument_version": "2.1a", "items": vec![each; 10] });
        let data = assessed(&odi, &at, "patient", items);
        facts.push(about(p, "assessment.oswestry", &odi, &at, data)?);
        let data = assessed(&score, &at, "patient", json!({ "scale": "vas", "value": pain }));
        facts.push(about(p, "assessment.pain", &score, &at, data)?);
    }
    let delivered = json!({ "mode": "electro", "points": ["BL23", "BL25", "GB34", "ST36"], "frequency_hz": 2,
        "retention_min": 25, "single_use_sterile": true });
    for (number, day) in [
        (1, "2026-04-14"),
        (2, "2026-04-17"),
        (3, "2026-04-21"),
        (4, "2026-04-24"),
    ] {
        let (start, end) = (format!("{day}T17:00:00Z"), format!("{day}T17:45:00Z"));
        let done = json!({ "session_id": format!("ea-{number}"), "revision": 1, "modality": "ea", "started_at": start,
            "ended_at": end, "delivered": delivered });
        facts.push(about(
            p,
            "session.completed",
            &format!("ea-{number}"),
            &end,
            done,
        )?);
    }
    let end = json!({ "plan_id": "cp-p-sample-4", "revision": 2, "reason": "recovered" });
    facts.push(about(p, "plan.completed", "end", "2026-07-10T14:00:00Z", end)?);
    Ok(facts)
}

/// p-sample-2: a contraindication that holds the EA, and its end.
fn holds() -> Result<Vec<Event>, Failure> {
    let p = "p-sample-2";
    let screened = |id: &str, at: &str, value: &str| {
        let data = assessed(
            id,
            at,
            "physiatrist",
            json!({ "item": "pregnancy", "value": value }),
        );
        about(p, "assessment.screening", id, at, data)
    };
    let pain = |id: &str, at: &str, value: u8| {
        let data = assessed(id, at, "patient", json!({ "scale": "vas", "value": value }));
        about(p, "assessment.pain", id, at, data)
    };
    let mut facts = vec![
        about(
            p,
            "session.booked",
            "pt-3.1",
            "2026-06-01T13:00:00Z",
            booking("pt-3", 1, "2026-06-19"),
        )?,
        pain("pain-0", "2026-06-01T13:30:00Z", 70)?,
        screened("preg-1", "2026-06-02T14:00:00Z", "yes")?,
        screened("preg-2", "2026-06-03T14:00:00Z", "no")?,
    ];
    for (n, day) in [(1, "04"), (2, "08"), (3, "10"), (4, "12")] {
        let (start, end) = (
            format!("2026-06-{day}T17:00:00Z"),
            format!("2026-06-{day}T17:45:00Z"),
        );
        let done = json!({ "session_id": format!("walk-in-{n}"), "revision": 1, "modality": "ea", "started_at": start, "ended_at": end });
        facts.push(about(p, "session.completed", &format!("done-{n}"), &end, done)?);
    }
    facts.push(pain("pain-4", "2026-06-12T20:00:00Z", 68)?);
    Ok(facts)
}

/// p-sample-3: a red flag, another item, and a report that is taken back.
fn emergency() -> Result<Vec<Event>, Failure> {
    let p = "p-sample-3";
    let flag = |id: &str, at: &str, item: &str| {
        let data = assessed(
            id,
            at,
            "physical_therapist",
            json!({ "items": [item], "worsening": "yes" }),
        );
        about(p, "assessment.red_flag", id, at, data)
    };
    let retracted = |id: &str, at: &str| {
        let data = json!({ "assessment_id": id, "reason": "entered for another patient" });
        about(p, "assessment.retracted", &format!("{id}-back"), at, data)
    };
    Ok(vec![
        flag("flag-1", "2026-06-05T14:00:00Z", "bladder_change")?,
        flag("flag-2", "2026-06-05T15:00:00Z", "saddle_sensory_change")?,
        retracted("flag-1", "2026-06-08T14:00:00Z")?,
        retracted("flag-2", "2026-06-08T14:00:00Z")?,
    ])
}

fn booking(id: &str, revision: u8, day: &str) -> Value {
    json!({ "session_id": id, "revision": revision, "modality": "pt", "start": format!("{day}T14:00:00Z"), "end": format!("{day}T15:00:00Z"), "clinic": "sample-pt" })
}

fn assessed(id: &str, at: &str, role: &str, more: Value) -> Value {
    // Only a member of the team ends a hold; the patient has no member id.
    let by = match role {
        "physiatrist" => json!({ "role": role, "member_id": "m-phys" }),
        _ => json!({ "role": role }),
    };
    let mut data = json!({ "assessment_id": id, "performed_at": at, "by": by });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    data
}

fn about(patient: &str, name: &str, id: &str, at: &str, data: Value) -> Result<Event, Failure> {
    event(
        &format!("patient/{patient}"),
        name,
        &format!("{patient}.{id}"),
        at,
        data,
    )
}

fn event(subject: &str, name: &str, id: &str, at: &str, data: Value) -> Result<Event, Failure> {
    let line = json!({
        "specversion": "1.0", "id": id, "source": format!("urn:carebus:{ORG}:clinic"),
        "type": care::envelope::type_name(name), "subject": format!("{ORG}/{subject}"), "time": at, "data": data,
    });
    Event::decode_line(&line.to_string())
        .map_err(|fault| Failure::new(Exit::Bug, format!("the sample fact {id}: {fault}")))
}
