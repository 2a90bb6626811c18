//! Sentences about what is measured: Oswestry, pain, function, medicines, exercise, reviews, patterns, and what is
//! taken back.

use serde_json::{Value, json};

use super::{Act, Answer, Scene, Spoken};

pub(super) const KNOWN: &[&str] = &[
    "Oswestry o-1: 2 1 1 1 - 2 1 1 1 2, or: 42 %, with `of 06-01` before the colon if another day's (version 2.1b)",
    "Oswestry o-1 retracted (reason)",
    "pain 70 (vas, avg7d)",
    "function: walks 300 m, lifts 5 kg, sits 30 min, works partly",
    "exercise on 06-03 (20 min)",
    "central sensitisation yes",
    "medication med-1 nsaid active from 06-01 (over the counter, topical, 10 days, 2 doses, until 06-10, for lbp)",
    "medication med-1 nsaid stopped (until 06-10)",
    "course review by the physiatrist: continue",
    "pattern cold damp",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    let (subject, rest) = spoken.body.split_once(' ')?;
    match subject {
        "function:" => Some(function(rest, scene)),
        "exercise" => Some(exercise(rest.strip_prefix("on ")?, spoken, scene)),
        "central" => {
            let body = json!({ "value": rest.strip_prefix("sensitisation ")? });
            let by = "physical therapist";
            Some(one(scene.assess(
                "assessment.central_sensitisation",
                by,
                None,
                body,
            )))
        }
        "Oswestry" => oswestry(rest, spoken, scene),
        "pain" => Some(pain(rest, spoken, scene)),
        "medication" => medication(rest, spoken, scene),
        "pattern" => {
            let body = json!({ "pattern": rest.replace(' ', "_") });
            Some(one(scene.assess(
                "assessment.pattern",
                "acupuncturist",
                None,
                body,
            )))
        }
        "course" => {
            let (by, decision) = rest.strip_prefix("review by ")?.split_once(": ")?;
            Some(one(scene.assess(
                "assessment.course_review",
                by,
                None,
                json!({ "decision": decision }),
            )))
        }
        _ => None,
    }
}

fn one(act: Result<Act, String>) -> Result<Vec<Act>, String> {
    act.map(|act| vec![act])
}

fn oswestry(rest: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    if let Some(id) = rest.strip_suffix(" retracted") {
        let reason = spoken.note(Some).unwrap_or("entered by mistake");
        let data = json!({ "assessment_id": id, "reason": reason });
        return Some(Ok(vec![scene.publish("assessment.retracted", "clinic", data)]));
    }
    let (head, result) = rest.split_once(": ")?;
    Some(handed_in(head, result, spoken, scene))
}

/// Filled in at the moment of the line, or at noon of the day it names.
fn handed_in(head: &str, result: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let (id, day) = head
        .split_once(" of ")
        .map_or((head, None), |(id, day)| (id, Some(day)));
    let mut body = json!({ "instrument_version": spoken.note_after("version").unwrap_or("2.1a") });
    if let Some(percent) = result.strip_suffix(" %") {
        body["percent"] = percent
            .parse::<f64>()
            .map_err(|e| format!("`{percent}`: {e}"))?
            .into();
        body["unit"] = "%".into();
    } else {
        let item = |item: &str| match item {
            "-" => Ok(Value::Null),
            score => score
                .parse::<i64>()
                .map(Value::from)
                .map_err(|e| format!("`{score}`: {e}")),
        };
        body["items"] = result.split(' ').map(item).collect::<Result<_, _>>()?;
    }
    if let Some(day) = day {
        let day = scene.place.day(day)?;
        if day != scene.place.day_of(scene.at) {
            let noon = scene.place.moment(&format!("{day} 12:00"))?;
            body["performed_at"] = noon.to_string().into();
        }
    }
    one(scene.assess("assessment.oswestry", "the patient", Some(id), body))
}

fn pain(value: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let value: i64 = value.parse().map_err(|e| format!("`{value}`: {e}"))?;
    let scale = ["vas", "nrs"]
        .into_iter()
        .find(|scale| spoken.is_noted(scale))
        .unwrap_or("vas");
    let context = spoken.note(Some).unwrap_or("now");
    let body = json!({ "scale": scale, "value": value, "context": context });
    one(scene.assess("assessment.pain", "the patient", None, body))
}

/// What the patient can do, one clause each.
fn function(text: &str, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let mut body = json!({});
    for clause in text.split(", ") {
        let expected = || format!("`{clause}`: expected `{}`", KNOWN[3]);
        let number = |text: &str, unit: &str| text.strip_suffix(unit)?.trim_end().parse::<u32>().ok();
        let (verb, rest) = clause.split_once(' ').ok_or_else(expected)?;
        let (key, value) = match verb {
            "walks" => ("pain_free_walk_m", number(rest, "m").map(Value::from)),
            "lifts" => ("lifting_kg", number(rest, "kg").map(Value::from)),
            "sits" => ("sitting_min", number(rest, "min").map(Value::from)),
            "works" => {
                let states = [("not", "off"), ("partly", "partial"), ("fully", "full")];
                let state = states.iter().find(|(word, _)| *word == rest);
                ("work_status", state.map(|(_, code)| Value::from(*code)))
            }
            _ => return Err(expected()),
        };
        body[key] = value.ok_or_else(expected)?;
    }
    one(scene.assess("assessment.function", "the patient", None, body))
}

fn exercise(day: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let mut body = json!({ "on": scene.place.day(day)?.to_string() });
    if let Some(minutes) = spoken.note_number::<u16>("min") {
        body["minutes"] = minutes.into();
    }
    one(scene.assess("assessment.exercise", "the patient", None, body))
}

fn medication(rest: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    let (id, rest) = rest.split_once(' ')?;
    let (class, status) = rest.split_once(' ')?;
    let (status, from) = status
        .split_once(" from ")
        .map_or((status, None), |(s, day)| (s, Some(day)));
    let mut body = json!({ "medication_id": id, "class": class, "status": status });
    if spoken.is_noted("over the counter") {
        body["otc"] = true.into();
    }
    if spoken.is_noted("topical") {
        body["topical"] = true.into();
    }
    if let Some(indication) = spoken.note_after("for") {
        body["indication"] = indication.into();
    }
    for (key, unit) in [("days_supply", "days"), ("doses", "doses")] {
        if let Some(number) = spoken.note_number::<u16>(unit) {
            body[key] = number.into();
        }
    }
    if let Some(day) = spoken.note_after("until") {
        match scene.place.day(day) {
            Ok(day) => body["stops_on"] = day.to_string().into(),
            Err(e) => return Some(Err(e)),
        }
    }
    if let Some(day) = from {
        match scene.place.day(day) {
            Ok(day) => body["starts_on"] = day.to_string().into(),
            Err(e) => return Some(Err(e)),
        }
    }
    Some(one(scene.assess("assessment.medication", "pcp", None, body)))
}
