//! Sentences about symptoms, adverse events, referrals, and the way back to work.

use serde_json::{Value, json};

use super::{Act, Answer, Scene, Spoken};

pub(super) const KNOWN: &[&str] = &[
    "symptom: black stool, reduced urine",
    "adverse event ae-1: bruise, minor (session ea-1)",
    "referral to physical therapy on 06-01",
    "return to work planning open since 06-01; or closed on 06-10",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    let body = spoken.body;
    let act = if let Some(items) = body.strip_prefix("symptom: ") {
        let items: Value = items.split(", ").map(|item| item.replace(' ', "_")).collect();
        scene.assess(
            "assessment.symptom",
            "the patient",
            None,
            json!({ "items": items }),
        )
    } else if let Some(text) = body.strip_prefix("adverse event ") {
        adverse_event(text, spoken, scene)
    } else if let Some(day) = body.strip_prefix("referral to physical therapy on ") {
        let on = |day| json!({ "to": "physical_therapist", "on": day });
        on_day(day, scene).and_then(|day| scene.assess("assessment.referral", "pcp", None, on(day)))
    } else {
        let text = body.strip_prefix("return to work planning ")?;
        let (state, day) = text.split_once(" since ").or_else(|| text.split_once(" on "))?;
        let body = |day| json!({ "state": state, "on": day });
        on_day(day, scene)
            .and_then(|day| scene.assess("assessment.return_to_work", "acupuncturist", None, body(day)))
    };
    Some(act.map(|act| vec![act]))
}

fn on_day(day: &str, scene: &Scene<'_>) -> Result<String, String> {
    scene.place.day(day).map(|day| day.to_string())
}

/// `ae-1: bruise, minor`.
fn adverse_event(text: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Act, String> {
    let expected = || format!("expected `{}`", KNOWN[1]);
    let (id, what) = text.split_once(": ").ok_or_else(expected)?;
    let (kind, grade) = what.split_once(", ").ok_or_else(expected)?;
    let mut body = json!({ "event_id": id, "kind": kind.replace(' ', "_"), "grade": grade });
    if let Some(session) = spoken.note_after("session") {
        body["session_id"] = session.into();
    }
    scene.assess("assessment.adverse_event", "acupuncturist", None, body)
}
