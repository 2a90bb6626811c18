//! Sentences about safety: screening answers, red flags, and their review.

use serde_json::{Value, json};

use super::{Act, Answer, Scene, Spoken};

pub(super) const KNOWN: &[&str] = &[
    "screening by the acupuncturist: all clear",
    "screening by the acupuncturist: local infection yes (lumbar), one item a sentence; pregnancy no; coagulopathy none",
    "red flag by the patient: bladder change, saddle sensory change (onset 06-01, worsening yes)",
    "red flag by the patient: none (denied bladder change); (age at onset 44, stiff 30 min, for 12 weeks)",
    "screening by the pcp: implanted device yes (pacemaker, device pm-2), or (other active, lower-leg)",
    "red flag review by the physiatrist: cleared for treatment",
];

/// What "all clear" answers.
const CLEAR: [(&str, &str); 6] = [
    ("local_infection", "no"),
    ("coagulopathy", "none"),
    ("implanted_device", "no"),
    ("pregnancy", "no"),
    ("malignancy", "no"),
    ("epilepsy", "no"),
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    if let Some(text) = spoken.body.strip_prefix("screening by ") {
        let (by, answer) = text.split_once(": ")?;
        return Some(screening(by, answer, spoken, scene));
    }
    if let Some(text) = spoken.body.strip_prefix("red flag review by ") {
        let (by, outcome) = text.split_once(": ")?;
        let body = json!({ "outcome": outcome.replace(' ', "_") });
        return Some(
            scene
                .assess("assessment.red_flag_review", by, None, body)
                .map(|act| vec![act]),
        );
    }
    let (by, items) = spoken.body.strip_prefix("red flag by ")?.split_once(": ")?;
    Some(red_flag(by, items, spoken, scene))
}

fn screening(by: &str, answer: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    if answer == "all clear" {
        let clear = CLEAR
            .iter()
            .map(|(item, value)| screened(by, item, value, spoken, scene));
        return clear.collect();
    }
    let (item, value) = answer
        .rsplit_once(' ')
        .ok_or_else(|| format!("expected `{}`", KNOWN[1]))?;
    Ok(vec![screened(by, &item.replace(' ', "_"), value, spoken, scene)?])
}

fn screened(
    by: &str,
    item: &str,
    value: &str,
    spoken: &Spoken<'_>,
    scene: &Scene<'_>,
) -> Result<Act, String> {
    let mut body = json!({ "item": item, "value": value });
    if item == "implanted_device" && value != "no" {
        let kind = spoken.note(|note| {
            ["spinal cord stimulator", "pacemaker", "icd", "other active"]
                .contains(&note)
                .then_some(note)
        });
        body["device_kind"] = kind.unwrap_or("other active").replace(' ', "_").into();
        body["device_id"] = spoken.note_after("device").unwrap_or("device-1").into();
    }
    if let Some(zones) = spoken.note(Some) {
        body["zones"] = zones.split(' ').map(|zone| zone.replace('-', "_")).collect();
    }
    scene.assess("assessment.screening", by, None, body)
}

fn red_flag(by: &str, items: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let items: Vec<Value> = items
        .split(", ")
        .filter(|item| *item != "none")
        .map(|item| item.replace(' ', "_").into())
        .collect();
    let mut body = json!({ "items": items });
    if let Some(item) = spoken.note_after("denied") {
        body["denied"] = json!([item.replace(' ', "_")]);
    }
    let number = |text: &str| text.parse::<u16>().map_err(|e| format!("`{text}`: {e}"));
    for (word, unit, field) in [
        ("age at onset", "", "age_at_onset"),
        ("stiff", " min", "morning_stiffness_min"),
        ("for", " weeks", "duration_weeks"),
    ] {
        if let Some(text) = spoken.note_after(word) {
            body[field] = number(text.trim_end_matches(unit))?.into();
        }
    }
    if let Some(day) = spoken.note_after("onset") {
        body["onset_at"] = scene.place.midnight(scene.place.day(day)?)?.to_string().into();
    }
    if let Some(worsening) = spoken.note_after("worsening") {
        body["worsening"] = worsening.into();
    }
    if let Some(grade) = spoken.note_after("strength") {
        body["mrc_grade"] = grade.parse::<u8>().map_err(|e| format!("`{grade}`: {e}"))?.into();
    }
    Ok(vec![scene.assess("assessment.red_flag", by, None, body)?])
}
