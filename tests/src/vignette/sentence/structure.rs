//! Sentences about what images and examinations show, and symptoms that were asked for and denied.

use serde_json::{Value, json};

use super::{Act, Answer, Scene, Spoken};

pub(super) const KNOWN: &[&str] = &[
    "imaging: slip 13 mm at L4/L5, grade 2; or herniated disc, no herniated disc, cauda equina compression, all at L4/L5",
    "exam: L5 grade 4; or: L5 grade 3 progressive",
    "red flags denied by the physiatrist: every cauda equina symptom; or a list as in `red flag by …`",
];

/// What "every cauda equina symptom" denies.
const CAUDA_EQUINA: [&str; 8] = [
    "bladder_change",
    "bowel_change",
    "sensation_of_bladder_or_bowel",
    "saddle_sensory_change",
    "bilateral_leg_weakness",
    "bilateral_sciatica",
    "sexual_dysfunction",
    "anal_tone_loss",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    if let Some(seen) = spoken.body.strip_prefix("imaging: ") {
        return Some(imaging(seen, scene));
    }
    if let Some(found) = spoken.body.strip_prefix("exam: ") {
        return Some(exam(found, scene));
    }
    let (by, items) = spoken
        .body
        .strip_prefix("red flags denied by ")?
        .split_once(": ")?;
    let denied: Vec<String> = match items {
        "every cauda equina symptom" => CAUDA_EQUINA.map(str::to_owned).into(),
        items => items.split(", ").map(|item| item.replace(' ', "_")).collect(),
    };
    let body = json!({ "items": [], "denied": denied });
    Some(
        scene
            .assess("assessment.red_flag", by, None, body)
            .map(|act| vec![act]),
    )
}

fn imaging(seen: &str, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let expected = || format!("`{seen}`: expected `{}`", KNOWN[0]);
    let (seen, level) = seen
        .split_once(" at ")
        .map_or((seen, None), |(s, l)| (s, Some(l)));
    let mut body = match seen {
        "herniated disc" => json!({ "disc_herniation": "yes" }),
        "no herniated disc" => json!({ "disc_herniation": "no" }),
        "cauda equina compression" => json!({ "cauda_equina_compression": "yes" }),
        "no cauda equina compression" => json!({ "cauda_equina_compression": "no" }),
        slip => {
            let mm = slip.strip_prefix("slip ").and_then(|s| s.strip_suffix(" mm"));
            let mm: f64 = mm.and_then(|mm| mm.parse().ok()).ok_or_else(expected)?;
            json!({ "slip_mm": mm })
        }
    };
    if let Some(level) = level {
        let (level, grade) = level
            .split_once(", grade ")
            .map_or((level, None), |(l, g)| (l, Some(g)));
        body["level"] = level.into();
        if let Some(grade) = grade {
            body["meyerding_grade"] = grade.parse::<u8>().map_err(|_| expected())?.into();
        }
    }
    by_the_physiatrist("assessment.imaging", body, scene)
}

fn exam(found: &str, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let expected = || format!("`{found}`: expected `{}`", KNOWN[1]);
    let (found, progressive) = match found.strip_suffix(" progressive") {
        Some(found) => (found, "yes"),
        None => (found, "no"),
    };
    let (myotome, grade) = found.split_once(" grade ").ok_or_else(expected)?;
    let grade: u8 = grade.parse().map_err(|_| expected())?;
    let body = json!({ "myotome": myotome, "mrc_grade": grade, "progressive": progressive });
    by_the_physiatrist("assessment.exam", body, scene)
}

fn by_the_physiatrist(name: &'static str, body: Value, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    Ok(vec![scene.assess(name, "the physiatrist", None, body)?])
}
