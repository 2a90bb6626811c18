//! A compressed cauda equina, and a herniated disc with a weak muscle.

use serde_json::json;

use crate::story::{NOTHING, PHYS, Story};

const ALL: [&str; 8] = [
    "bladder_change",
    "bowel_change",
    "sensation_of_bladder_or_bowel",
    "saddle_sensory_change",
    "bilateral_leg_weakness",
    "bilateral_sciatica",
    "sexual_dysfunction",
    "anal_tone_loss",
];

fn compressed(story: &mut Story, time: &str) -> String {
    story.imaging(time, json!({"cauda_equina_compression": "yes", "level": "L4/L5"}))
}

fn deny(story: &mut Story, time: &str, denied: &[&str]) {
    story.assess("red_flag", time, PHYS, json!({"items": [], "denied": denied}));
}

fn severity_with(before: impl Fn(&mut Story)) -> Vec<String> {
    let mut story = Story::new();
    before(&mut story);
    story.poll("2026-06-02T09:59");
    compressed(&mut story, "2026-06-02T10:00");
    story.poll("2026-06-02T12:00")
}

#[test]
fn a_compressed_cauda_equina_is_an_emergency_until_every_symptom_is_denied() {
    let emergency = ["structural-cauda-equina-compression emergency"];
    let urgent = ["structural-cauda-equina-compression urgent"];
    assert_eq!(severity_with(|_| {}), emergency, "unknown");
    assert_eq!(severity_with(|s| deny(s, "2026-06-02T08:00", &ALL)), urgent);
    assert_eq!(severity_with(|s| deny(s, "2026-06-02T11:00", &ALL)), urgent);
    assert_eq!(
        severity_with(|s| deny(s, "2026-06-02T08:00", &ALL[1..])),
        emergency,
        "one of them unknown"
    );
    // In Toronto it is the evening of the day before.
    assert_eq!(
        severity_with(|s| deny(s, "2026-06-02T03:59", &ALL)),
        emergency,
        "yesterday"
    );
    assert_eq!(severity_with(|s| deny(s, "2026-06-02T04:00", &ALL)), urgent);
    let reported = |s: &mut Story| {
        s.flag("2026-05-20T10:00", &["bladder_change"], json!({}));
        deny(s, "2026-06-02T08:00", &ALL);
    };
    assert_eq!(severity_with(reported), emergency, "an open incident");
}

#[test]
fn each_report_of_a_compression_is_told_and_only_a_clearing_review_ends_it() {
    let mut story = Story::new();
    compressed(&mut story, "2026-06-02T10:00");
    assert_eq!(story.poll("2026-06-02T10:00").len(), 1);
    assert!(story.raised().actions.iter().any(|a| a.what == "advise-pt-hold"));
    compressed(&mut story, "2026-06-03T10:00");
    assert_eq!(
        story.poll("2026-06-03T10:00"),
        ["structural-cauda-equina-compression emergency"]
    );
    story.imaging("2026-06-04T10:00", json!({"cauda_equina_compression": "no"}));
    story.assess(
        "course_review",
        "2026-06-04T11:00",
        PHYS,
        json!({"decision": "continue"}),
    );
    story.review("2026-06-04T12:00", "referred");
    assert_eq!(story.poll("2026-06-04T12:00"), ["red-flag-resolved info"]);
    story.review("2026-06-05T12:00", "cleared_for_treatment");
    assert_eq!(
        story.poll("2026-06-05T12:00").len(),
        3,
        "both reports and the review"
    );
    assert!(story.chart.holds().is_empty());
}

fn herniated(story: &mut Story, time: &str, value: &str) -> String {
    story.imaging(time, json!({"disc_herniation": value, "level": "L4/L5"}))
}

#[test]
fn a_weak_muscle_and_a_herniated_disc_have_to_meet_in_either_order() {
    for exam_first in [true, false] {
        let mut story = Story::new();
        let (exam, image) = if exam_first {
            ("2026-06-02T10:00", "2026-06-03T10:00")
        } else {
            ("2026-06-03T10:00", "2026-06-02T10:00")
        };
        story.exam(exam, "L5", 4, "no");
        assert_eq!(story.poll("2026-06-03T10:00"), NOTHING);
        herniated(&mut story, image, "yes");
        assert_eq!(
            story.poll("2026-06-03T10:00"),
            ["structural-disc-motor-deficit urgent"]
        );
        assert_eq!(story.raised().because.len(), 2);
    }
}

#[test]
fn strength_of_three_or_getting_worse_is_an_emergency_and_five_is_nothing() {
    let said = |grade: u8, progressive: &str, herniation: &str| {
        let mut story = Story::new();
        herniated(&mut story, "2026-06-02T10:00", herniation);
        story.exam("2026-06-02T11:00", "L5", grade, progressive);
        story.poll("2026-06-02T11:00")
    };
    assert_eq!(said(5, "yes", "yes"), NOTHING);
    assert_eq!(said(4, "no", "yes"), ["structural-disc-motor-deficit urgent"]);
    assert_eq!(
        said(4, "unknown", "yes"),
        ["structural-disc-motor-deficit urgent"]
    );
    assert_eq!(said(4, "yes", "yes"), ["structural-disc-motor-deficit emergency"]);
    assert_eq!(said(3, "no", "yes"), ["structural-disc-motor-deficit emergency"]);
    assert_eq!(said(0, "no", "unknown"), NOTHING);
    assert_eq!(said(0, "no", "no"), NOTHING);
}

#[test]
fn a_deficit_is_news_when_a_grade_is_lost_or_it_begins_to_get_worse_or_elsewhere() {
    let mut story = Story::new();
    herniated(&mut story, "2026-06-02T10:00", "yes");
    let mut examined = |time: &str, myotome: &str, grade: u8, progressive: &str| {
        story.exam(time, myotome, grade, progressive);
        story.poll(time).len()
    };
    assert_eq!(examined("2026-06-02T11:00", "L5", 4, "no"), 1);
    assert_eq!(examined("2026-06-03T11:00", "L5", 4, "no"), 0);
    assert_eq!(examined("2026-06-04T11:00", "L5", 4, "yes"), 1);
    assert_eq!(examined("2026-06-05T11:00", "L5", 4, "yes"), 0);
    assert_eq!(examined("2026-06-06T11:00", "L5", 3, "no"), 1);
    assert_eq!(examined("2026-06-07T11:00", "L5", 4, "no"), 0);
    assert_eq!(examined("2026-06-08T11:00", "L5", 3, "no"), 1);
    assert_eq!(examined("2026-06-09T11:00", "S1", 4, "no"), 1);
}

#[test]
fn neither_a_better_image_nor_a_better_examination_ends_the_hold_of_a_deficit() {
    let mut story = Story::new();
    herniated(&mut story, "2026-06-02T10:00", "yes");
    story.exam("2026-06-02T11:00", "L5", 4, "no");
    story.poll("2026-06-02T11:00");
    herniated(&mut story, "2026-06-03T10:00", "no");
    story.exam("2026-06-03T11:00", "L5", 5, "no");
    assert_eq!(story.poll("2026-06-03T11:00"), NOTHING);
    assert_eq!(
        story.chart.holds().len(),
        1,
        "{:?}",
        story.raised_by("structural-disc-motor-deficit")
    );
    story.review("2026-06-04T11:00", "cleared_for_treatment");
    assert_eq!(
        story.poll("2026-06-04T11:00"),
        [
            "red-flag-resolved info",
            "structural-disc-motor-deficit ends: cleared"
        ]
    );
}
