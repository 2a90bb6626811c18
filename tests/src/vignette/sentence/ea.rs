//! Sentences about electroacupuncture: what people book by hand, and what becomes of what carebus placed.

use care::chart::Session;
use care::fact::session::Modality;
use care::time::minutes;
use serde_json::{Value, json};

use super::delivered::{self, delivered};
use super::{Act, Answer, Scene, Spoken};
use crate::vignette::clinic::by;

pub(super) const KNOWN: &[&str] = &[
    "EA ea-1 booked by hand for Mon 06-08 10:00 (45 min, with acu-1, points BL23 BL25 GB34 ST36)",
    "EA ea-1 moved by hand to Tue 06-09 10:00",
    "EA for pt-1 completed (points BL23 BL25 GB34 ST36, 30 min, electro 2 Hz); or EA ea-1, EA of Mon 06-08 10:00",
    delivered::NOTES,
    "EA for pt-1 confirmed / declined / cancelled / missed (reason)",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    let text = spoken.body.strip_prefix("EA ")?;
    let (id, rest) = match refers(text, scene)? {
        Ok(found) => found,
        Err(e) => return Some(Err(e)),
    };
    if let Some(moment) = rest.strip_prefix("booked by hand for ") {
        return Some(booked("session.booked", &id, moment, spoken, scene));
    }
    if let Some(moment) = rest.strip_prefix("moved by hand to ") {
        return Some(booked("session.moved", &id, moment, spoken, scene));
    }
    let name = match rest {
        "completed" => return Some(completed(&id, spoken, scene)),
        "confirmed" => "session.confirmed",
        "declined" => "session.declined",
        "cancelled" => "session.cancelled",
        "missed" => "session.missed",
        _ => return None,
    };
    Some(marked(name, &id, spoken, scene))
}

/// Which appointment, and the rest of the sentence.
fn refers<'t>(text: &'t str, scene: &Scene<'_>) -> Option<Result<(String, &'t str), String>> {
    let (first, rest) = text.split_once(' ')?;
    let found = match first {
        "for" => {
            let (pt, rest) = rest.split_once(' ')?;
            (
                newest(scene, |session| {
                    session.prepares().iter().any(|id| id.as_str() == pt)
                }),
                rest,
            )
        }
        "of" => {
            let words: Vec<&str> = rest.splitn(4, ' ').collect();
            let [day, date, clock, rest] = words[..] else {
                return None;
            };
            let start = match scene.place.moment(&format!("{day} {date} {clock}")) {
                Ok(start) => start,
                Err(e) => return Some(Err(e)),
            };
            (newest(scene, |session| session.start() == Some(start)), rest)
        }
        id => (Some(id.to_owned()), rest),
    };
    Some(
        found
            .0
            .map(|id| (id, found.1))
            .ok_or_else(|| format!("there is no EA {text}")),
    )
}

/// The EA that fits: one that is still expected before any other, then the one booked last.
fn newest(scene: &Scene<'_>, fits: impl Fn(&Session) -> bool) -> Option<String> {
    let sessions = scene.chart()?.sessions.iter();
    let found = sessions.filter(|(_, s)| s.modality() == Some(Modality::Ea) && fits(s));
    found
        .max_by_key(|(_, s)| (s.status().occupies(), s.booked_by().cloned()))
        .map(|(id, _)| id.to_string())
}

/// What the owner of a session counts: one more than anybody has said, unless the sentence names it.
pub(super) fn next_revision(id: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> u64 {
    let in_chart = scene
        .chart()
        .and_then(|chart| chart.sessions.get(id))
        .map_or(0, Session::revision);
    let told = scene.world.told_revision(&scene.about(), id);
    let named = spoken.note_after("revision").and_then(|n| n.parse().ok());
    named.unwrap_or(in_chart.max(told) + 1)
}

/// The practitioner the plan names.
fn practitioner(scene: &Scene<'_>) -> Option<String> {
    let team = scene.plan().ok()?["team"].as_array()?;
    team.iter()
        .find_map(|member| member["practitioner"].as_str())
        .map(str::to_owned)
}

/// `points BL23 BL25`, or `points not recorded`.
fn points(spoken: &Spoken<'_>) -> Option<Vec<String>> {
    spoken.note_after("points").map(|points| match points {
        "not recorded" => Vec::new(),
        points => points.split(' ').map(str::to_owned).collect(),
    })
}

fn booked(
    name: &'static str,
    id: &str,
    moment: &str,
    spoken: &Spoken<'_>,
    scene: &Scene<'_>,
) -> Result<Vec<Act>, String> {
    let start = scene.place.moment(moment)?;
    let end = start + minutes(spoken.note_number("min").unwrap_or(45));
    let with = spoken
        .note_after("with")
        .map(str::to_owned)
        .or_else(|| practitioner(scene));
    let mut data = json!({
        "session_id": id, "revision": next_revision(id, spoken, scene), "modality": "ea",
        "start": start.to_string(), "end": end.to_string(), "status": "booked",
    });
    if let Some(with) = with {
        data["practitioner"] = with.into();
    }
    if let Some(points) = points(spoken) {
        data["points"] = points.into();
    }
    Ok(vec![scene.publish(name, "front-desk", data)])
}

fn marked(name: &'static str, id: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let mut data = json!({
        "session_id": id, "revision": next_revision(id, spoken, scene), "by": by("acupuncturist")?,
    });
    if let Some(reason) = spoken.note(Some) {
        data["reason"] = reason.into();
    }
    Ok(vec![scene.publish(name, "acupuncture", data)])
}

/// Without notes: everything as it should be. One that was never booked is a walk-in and began at the line's time.
fn completed(id: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let known = scene.chart().and_then(|chart| chart.sessions.get(id));
    let planned = known.and_then(Session::start);
    let mut data = json!({
        "session_id": id, "revision": next_revision(id, spoken, scene),
        "started_at": planned.filter(|start| *start <= scene.at).unwrap_or(scene.at).to_string(),
        "delivered": delivered(points(spoken), spoken),
    });
    if known.is_none_or(|session| session.booking().is_none()) {
        data["modality"] = Value::from("ea");
        data["practitioner"] = practitioner(scene).into();
    }
    Ok(vec![scene.publish("session.completed", "acupuncture", data)])
}
