//! Deeds as facts: what somebody does becomes an event of the log, in the world as it is at that moment.

use care::chart::Session;
use care::time::{SignedDuration, Timestamp, minutes};
use care::{Chart, Event};
use serde_json::{Value, json};

use super::world::{Deed, Told, World, calendar, plan, practitioner, pt_clinic};
use crate::clinic::facts::Fact;

/// The fact that a deed is, as the `number`th of its world; none where there is nothing to do it to. `chart` is the
/// patient's as people see it, `last` what was published last; see [`last_of_the_world`].
#[must_use]
pub fn event(
    world: &World,
    number: usize,
    told: &Told,
    now: Timestamp,
    chart: &Chart,
    last: Option<&Event>,
) -> Option<Event> {
    let id = told.patient % world.patients;
    let happened = now - SignedDuration::from_hours(told.late_hours);
    let (name, data) = match &told.deed {
        Deed::Closes { day, whose, zone } => {
            let revision = u64::try_from(number).ok()? + 2;
            return Some(calendar(world, *whose, Some(*day), *zone, revision, now));
        }
        Deed::Revised { zone, practitioner } => {
            return Some(plan(
                world,
                id,
                *zone,
                *practitioner,
                u64::try_from(number).ok()? + 2,
                now,
            ));
        }
        Deed::Again => return last.cloned(),
        Deed::Twin => {
            let mut twin = last?.clone();
            twin.id = care::id::EventId::new(format!("{}-twin", twin.id)).ok()?;
            return Some(twin);
        }
        Deed::Forked => {
            let mut forked = last?.clone();
            forked.time = forked.time.checked_sub(minutes(7)).ok()?;
            return Some(forked);
        }
        Deed::Licence { through_day } => {
            let data = json!({ "kind": "licence", "revision": number + 2, "verified_at": now.to_string(),
                "expires_on": &world.moment(*through_day, 0).to_string()[..10] });
            let id = format!("v-{number:03}");
            let about = "practitioner/acu-1";
            return Some(Fact::new(&id, "credentials.published", about, &now.to_string(), &data).event());
        }
        Deed::Answers { nth, ends } => answered(*nth, *ends, chart)?,
        Deed::Plan { verb } => {
            let data = json!({ "plan_id": format!("cp-p-{id}"), "revision": number + 2, "reason": "other" });
            (format!("plan.{verb}"), data)
        }
        Deed::WalkIn { retention_min } => {
            let delivered = json!({ "mode": "electro", "points": ["BL23", "BL25", "GB34", "ST36"],
                "frequency_hz": 2, "retention_min": retention_min, "single_use_sterile": true });
            let data = json!({ "session_id": format!("w-{number}"), "modality": "ea",
                "started_at": happened.to_string(), "delivered": delivered });
            ("session.completed".to_owned(), data)
        }
        deed => on_session(world, told, chart, happened).or_else(|| assessed(deed, number, happened))?,
    };
    Some(
        Fact::new(
            &format!("v-{number:03}"),
            &name,
            &format!("patient/p-{id}"),
            &happened.to_string(),
            &data,
        )
        .event(),
    )
}

/// The newest fact that the world published.
pub fn last_of_the_world<'a>(log: impl DoubleEndedIterator<Item = &'a Event>) -> Option<&'a Event> {
    log.rev().find(|e| e.source.as_str() == "urn:test:clinic")
}

fn answered(nth: u8, ends: bool, chart: &Chart) -> Option<(String, Value)> {
    let open: Vec<&str> = chart
        .alerts
        .iter()
        .filter(|(_, a)| a.is_open())
        .map(|(id, _)| id.as_str())
        .collect();
    let id = *open.get(usize::from(nth) % open.len().max(1))?;
    let by = json!({ "role": "pcp", "member_id": "m-1" });
    Some(if ends {
        (
            "alert.resolved".to_owned(),
            json!({ "alert_id": id, "by": by, "outcome": "done" }),
        )
    } else {
        (
            "alert.acknowledged".to_owned(),
            json!({ "alert_id": id, "by": by }),
        )
    })
}

fn on_session(world: &World, told: &Told, chart: &Chart, happened: Timestamp) -> Option<(String, Value)> {
    let patient = told.patient % world.patients;
    let next = |id: &str| chart.sessions.get(id).map_or(0, Session::revision) + 1;
    let mark = |id: &str| json!({ "session_id": id, "revision": next(id) });
    let done = |id: &str| merged(mark(id), json!({ "started_at": happened.to_string() }));
    Some(match &told.deed {
        Deed::Pt { pt, day, half_hour } => {
            let id = format!("pt-{pt}");
            let verb = if chart.sessions.contains_key(id.as_str()) {
                "moved"
            } else {
                "booked"
            };
            let what = json!({ "modality": "pt", "clinic": pt_clinic(patient) });
            (
                format!("session.{verb}"),
                merged(mark(&id), merged(what, times(world.moment(*day, *half_hour), 60))),
            )
        }
        Deed::PtEnds { pt, takes_place } => {
            let id = format!("pt-{pt}");
            chart.sessions.get(id.as_str())?;
            match takes_place {
                true => ("session.completed".to_owned(), done(&id)),
                false => ("session.cancelled".to_owned(), mark(&id)),
            }
        }
        Deed::Ea { nth, verb } => {
            // Only about what stands: who confirms what was declined books against the rules, and not carebus.
            let stands = chart
                .sessions
                .iter()
                .filter(|(_, s)| s.is_ours() && s.status().is_expected());
            let eas: Vec<&str> = stands.map(|(id, _)| id.as_str()).collect();
            let id = *eas.get(usize::from(*nth) % eas.len().max(1))?;
            (
                format!("session.{verb}"),
                if *verb == "completed" { done(id) } else { mark(id) },
            )
        }
        Deed::ByHand { ea, day, half_hour } => {
            let what = json!({ "modality": "ea", "practitioner": practitioner(world, patient) });
            let times = times(world.moment(*day, *half_hour), 45);
            (
                "session.booked".to_owned(),
                merged(mark(&format!("ea-{ea}")), merged(what, times)),
            )
        }
        _ => return None,
    })
}

fn times(start: Timestamp, length: i64) -> Value {
    json!({ "start": start.to_string(), "end": (start + minutes(length)).to_string() })
}

fn assessed(deed: &Deed, number: usize, at: Timestamp) -> Option<(String, Value)> {
    let (kind, by, body) = match deed {
        Deed::Screened { value, by } => ("screening", *by, json!({ "item": "pregnancy", "value": value })),
        Deed::RedFlag { reviewed: false } => ("red_flag", "patient", json!({ "items": ["bladder_change"] })),
        Deed::RedFlag { reviewed: true } => (
            "red_flag_review",
            "pcp",
            json!({ "outcome": "cleared_for_treatment" }),
        ),
        Deed::Oswestry { each } => (
            "oswestry",
            "patient",
            json!({ "instrument_version": "2.1a", "items": vec![each; 10] }),
        ),
        Deed::Exam { grade } => (
            "exam",
            "physiatrist",
            json!({ "mrc_grade": grade, "myotome": "L5" }),
        ),
        Deed::Pain { value } => ("pain", "patient", json!({ "scale": "vas", "value": value })),
        _ => return None,
    };
    let by = if by == "patient" {
        json!({ "role": by })
    } else {
        json!({ "role": by, "member_id": "m-1" })
    };
    let head = json!({ "assessment_id": format!("a-{number}"), "performed_at": at.to_string(), "by": by });
    Some((format!("assessment.{kind}"), merged(head, body)))
}

fn merged(mut data: Value, more: Value) -> Value {
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    data
}
