//! Sentences about physical therapy sessions.

use care::time::minutes;
use serde_json::{Value, json};

use super::ea::next_revision;
use super::{Act, Answer, Scene, Spoken};

pub(super) const KNOWN: &[&str] = &[
    "PT pt-1 booked for Wed 06-10 10:00 (60 min, at eastside-pt, revision 2)",
    "PT pt-1 moved to Fri 06-12 10:00",
    "PT pt-1 cancelled / completed / missed",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    let (id, rest) = spoken.body.strip_prefix("PT ")?.split_once(' ')?;
    let acts = if let Some(moment) = rest.strip_prefix("booked for ") {
        booked("session.booked", id, moment, spoken, scene)
    } else if let Some(moment) = rest.strip_prefix("moved to ") {
        booked("session.moved", id, moment, spoken, scene)
    } else {
        let name = match rest {
            "cancelled" => "session.cancelled",
            "missed" => "session.missed",
            "completed" => "session.completed",
            _ => return None,
        };
        marked(name, id, spoken, scene)
    };
    Some(acts)
}

/// Where the patient's PT takes place, as the plan says.
fn clinic(scene: &Scene<'_>) -> Option<String> {
    let team = scene.plan().ok()?["team"].as_array()?;
    team.iter()
        .find_map(|member| member["clinic"].as_str())
        .map(str::to_owned)
}

fn booked(
    name: &'static str,
    id: &str,
    moment: &str,
    spoken: &Spoken<'_>,
    scene: &Scene<'_>,
) -> Result<Vec<Act>, String> {
    let start = scene.place.moment(moment)?;
    let end = start + minutes(spoken.note_number("min").unwrap_or(60));
    let clinic = spoken
        .note_after("at")
        .map(str::to_owned)
        .or_else(|| clinic(scene));
    let mut data = json!({
        "session_id": id, "revision": next_revision(id, spoken, scene), "modality": "pt",
        "start": start.to_string(), "end": end.to_string(), "status": "booked",
    });
    if let Some(clinic) = &clinic {
        data["clinic"] = clinic.as_str().into();
    }
    Ok(vec![scene.publish(name, clinic.as_deref().unwrap_or("pt"), data)])
}

fn marked(name: &'static str, id: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let mut data = json!({ "session_id": id, "revision": next_revision(id, spoken, scene) });
    if name == "session.completed" {
        let planned = scene
            .chart()
            .and_then(|chart| chart.sessions.get(id))
            .and_then(|session| session.start());
        let walk_in = planned.is_none();
        data["started_at"] = planned
            .filter(|start| *start <= scene.at)
            .unwrap_or(scene.at)
            .to_string()
            .into();
        if walk_in {
            data["modality"] = Value::from("pt");
        }
    } else if let Some(reason) = spoken.note(Some) {
        data["reason"] = reason.into();
    }
    Ok(vec![scene.publish(
        name,
        clinic(scene).as_deref().unwrap_or("pt"),
        data,
    )])
}
