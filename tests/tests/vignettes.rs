//! Every vignette, one test a room: what carebus does is what a clinician has read and signed.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::{Path, PathBuf};

use tests::vignette::check_room;

const ROOMS: [&str; 5] = ["scheduling", "oswestry", "alerts", "mail", "rules"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vignettes")
}

fn holds(room: &str) {
    let different = check_room(&folder().join(room)).unwrap();
    let count = different.len();
    assert!(
        different.is_empty(),
        "{count} in {room} differ from what is written:\n\n{}\n",
        different.join("\n\n")
    );
}

#[test]
fn ea_is_placed_before_pt_as_the_scheduling_vignettes_say() {
    holds("scheduling");
}

#[test]
fn the_two_week_clock_runs_as_the_oswestry_vignettes_say() {
    holds("oswestry");
}

#[test]
fn rules_speak_as_the_alert_vignettes_say() {
    holds("alerts");
}

#[test]
fn people_are_told_as_the_mail_vignettes_say() {
    holds("mail");
}

#[test]
fn every_rule_speaks_as_its_vignette_says() {
    holds("rules");
}

#[test]
fn every_room_of_vignettes_is_played() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(
            ROOMS.iter().any(|room| *room == name),
            "no test plays {}",
            name.display()
        );
    }
}
