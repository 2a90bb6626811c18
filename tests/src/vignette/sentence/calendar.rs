//! Sentences about practitioners: calendars and licences.

use care::time::Date;
use serde_json::{Value, json};

use super::{Act, Answer, Published, Scene, Spoken};
use crate::vignette::moment::Place;

pub(super) const KNOWN: &[&str] = &[
    "Calendar acu-1: Mon-Fri 08:00-18:00; Sat 09:00-12:00; closed Fri 06-05 to Sun 06-07; \
     closed Mon 06-08 12:00 to Mon 06-08 14:00; capacity 2; every 30 min; buffer 10 min",
    "licence of acu-1 verified, valid until 12-31, 500 hours of training",
    "licence of acu-1 unverified, as physician, in us-ca, course adverse_event_reporting on 2025-05-01",
];

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    if let Some(text) = spoken.body.strip_prefix("Calendar ") {
        let (id, clauses) = text.split_once(": ")?;
        return Some(calendar(id, clauses, scene).map(|data| about(id, "calendar.published", data)));
    }
    let (id, clauses) = spoken.body.strip_prefix("licence of ")?.split_once(' ')?;
    Some(licence(clauses, scene).map(|data| about(id, "credentials.published", data)))
}

fn about(id: &str, name: &'static str, data: Value) -> Vec<Act> {
    vec![Act::Publish(Published {
        name,
        about: format!("practitioner/{id}"),
        source: id.to_owned(),
        data,
    })]
}

fn calendar(id: &str, clauses: &str, scene: &Scene<'_>) -> Result<Value, String> {
    let revision = scene
        .world
        .told_revision(&format!("practitioner/{id}"), "calendar")
        + 1;
    let mut calendar = json!({
        "revision": revision, "timezone": scene.place.zone_name, "weekly": [], "closures": [],
    });
    for clause in clauses.split(';').map(str::trim) {
        let unknown = || format!("`{clause}`: expected clauses such as in `{}`", KNOWN[0]);
        let (word, rest) = clause.split_once(' ').ok_or_else(unknown)?;
        let minutes = || {
            rest.strip_suffix(" min")
                .and_then(|n| n.parse::<u16>().ok())
                .ok_or_else(unknown)
        };
        match word {
            "capacity" => calendar["capacity"] = rest.parse::<u16>().map_err(|_| unknown())?.into(),
            "every" => calendar["step_min"] = minutes()?.into(),
            "buffer" => calendar["buffer_min"] = minutes()?.into(),
            "closed" => push(&mut calendar["closures"], closure(rest, scene.place)?),
            _ => {
                let (days, hours) =
                    clause.split_at(clause.find(|c: char| c.is_ascii_digit()).ok_or_else(unknown)?);
                for day in weekdays(days.trim()).ok_or_else(unknown)? {
                    for range in hours.split(' ') {
                        let (from, to) = range.split_once('-').ok_or_else(unknown)?;
                        push(
                            &mut calendar["weekly"],
                            json!({ "day": day.to_lowercase(), "from": from, "to": to }),
                        );
                    }
                }
            }
        }
    }
    Ok(calendar)
}

fn push(list: &mut Value, item: Value) {
    list.as_array_mut()
        .into_iter()
        .for_each(|list| list.push(item.clone()));
}

/// `Mon-Fri`, `Mon Wed Fri`, `daily`.
fn weekdays(text: &str) -> Option<Vec<&'static str>> {
    if text == "daily" {
        return Some(DAYS.to_vec());
    }
    let number = |name: &str| DAYS.iter().position(|day| *day == name);
    if let Some((from, to)) = text.split_once('-') {
        return DAYS.get(number(from)?..=number(to)?).map(<[_]>::to_vec);
    }
    text.split(' ')
        .map(|name| number(name).map(|at| DAYS[at]))
        .collect()
}

/// `Fri 06-05`, `Fri 06-05 to Sun 06-07` (both days closed), or from one moment to another.
fn closure(text: &str, place: &Place) -> Result<Value, String> {
    let (from, to) = text.split_once(" to ").unwrap_or((text, text));
    if from.contains(':') {
        return Ok(json!({ "from": place.moment(from)?.to_string(), "to": place.moment(to)?.to_string() }));
    }
    let after: Date = place.day(to)?.tomorrow().map_err(|e| e.to_string())?;
    let from = place.midnight(place.day(from)?)?;
    Ok(json!({ "from": from.to_string(), "to": place.midnight(after)?.to_string() }))
}

fn licence(clauses: &str, scene: &Scene<'_>) -> Result<Value, String> {
    let mut data = json!({ "kind": "licence" });
    for clause in clauses.split(", ") {
        if let Some(day) = clause.strip_prefix("valid until ") {
            data["expires_on"] = scene.place.day(day)?.to_string().into();
        } else if let Some(hours) = clause.strip_suffix(" hours of training") {
            data["training_hours"] = hours.parse::<u32>().map_err(|e| e.to_string())?.into();
        } else if let Some(kind) = clause.strip_prefix("as ") {
            data["kind"] = kind.into();
        } else if let Some(place) = clause.strip_prefix("in ") {
            data["jurisdiction"] = place.into();
        } else if let Some((topic, on)) = clause.strip_prefix("course ").and_then(|c| c.split_once(" on ")) {
            let course = json!({ "topic": topic, "on": scene.place.day(on)?.to_string() });
            match data["continuing_education"].as_array_mut() {
                Some(courses) => courses.push(course),
                None => data["continuing_education"] = json!([course]),
            }
        } else if clause == "unverified" {
            continue;
        } else if clause == "verified" {
            data["verified_at"] = scene.at.to_string().into();
        } else {
            return Err(format!(
                "`{clause}`: expected clauses such as in `{}` or `{}`",
                KNOWN[1], KNOWN[2]
            ));
        }
    }
    Ok(data)
}
