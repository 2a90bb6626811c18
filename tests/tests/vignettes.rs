//! Every vignette, one test a room: what carebus does is what a clinician has read and signed.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use care::{About, Chart, Event};
use tests::vignette::{Aspect, Marker, Played, check_room};
use triggers::{Finding, RuleInfo, ShowsAs};

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

fn markers() -> Vec<Marker> {
    let of_room = |room: &&str| tests::vignette::markers(&folder().join(room)).unwrap();
    ROOMS.iter().flat_map(of_room).collect()
}

#[test]
fn every_marked_line_shows_what_its_marker_says() {
    let mistakes: Vec<String> = markers().iter().filter_map(Marker::mistake).collect();
    assert!(mistakes.is_empty(), "{}\n", mistakes.join("\n"));
}

/// What the vignettes have to show of a rule.
fn wanted(rule: &RuleInfo) -> Vec<Aspect> {
    use Aspect as A;
    match rule.shows_as {
        ShowsAs::Registry | ShowsAs::BuildTest => Vec::new(),
        ShowsAs::Part(_) => vec![A::Fires, A::Boundary],
        _ if rule.rearm.starts_with("never") => vec![A::Fires, A::Boundary, A::Once],
        _ => vec![A::Fires, A::Boundary, A::Once, A::Again],
    }
}

#[test]
fn the_vignettes_show_of_every_rule_that_it_fires_where_it_does_not_and_that_it_says_it_once() {
    let markers = markers();
    let shown: BTreeSet<(&str, Aspect)> = markers.iter().map(|m| (m.rule.as_str(), m.aspect)).collect();
    let mut missing = Vec::new();
    for rule in triggers::catalogue().chain(triggers::operations()) {
        let lacks = wanted(rule)
            .into_iter()
            .filter(|aspect| !shown.contains(&(rule.id, *aspect)));
        let lacks: Vec<String> = lacks.map(|aspect| format!("{aspect:?}").to_lowercase()).collect();
        if !lacks.is_empty() {
            missing.push(format!("{} ({}): {}", rule.id, rule.group, lacks.join(", ")));
        }
    }
    assert!(
        missing.is_empty(),
        "{} rules are not shown whole:\n{}\n",
        missing.len(),
        missing.join("\n")
    );
}

#[test]
fn the_vignettes_show_late_facts_to_every_group_of_rules() {
    let markers = markers();
    let late: BTreeSet<&str> = markers
        .iter()
        .filter(|m| m.aspect == Aspect::Late)
        .filter_map(|m| triggers::rule(&m.rule))
        .map(|rule| rule.group)
        .collect();
    let groups: BTreeSet<&str> = triggers::catalogue()
        .filter(|rule| !matches!(rule.shows_as, ShowsAs::Registry | ShowsAs::BuildTest))
        .map(|rule| rule.group)
        .collect();
    let missing: Vec<&&str> = groups.difference(&late).collect();
    assert!(missing.is_empty(), "no late facts in {missing:?}");
}

/// The charts of a log, and what every rule finds in each at the end of the story.
fn found<'e>(
    log: impl Iterator<Item = &'e Event>,
    story: &Played,
) -> BTreeMap<String, (Chart, Vec<Finding>)> {
    let mut charts: BTreeMap<String, Chart> = BTreeMap::new();
    for event in log {
        if let About::Patient(id) = &event.about {
            let chart = charts
                .entry(id.to_string())
                .or_insert_with(|| Chart::new(id.clone()));
            chart.apply(event);
        }
    }
    let of = |(id, chart): (String, Chart)| {
        let findings = triggers::findings(&chart, &story.policy, story.end);
        (id, (chart, findings))
    };
    charts.into_iter().map(of).collect()
}

/// The facts in an order that looks like chance and is the same on every run.
fn shuffled(log: &[Event], seed: u64) -> Vec<&Event> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut keyed: Vec<(u64, &Event)> = log.iter().map(|event| (next(), event)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, event)| event).collect()
}

#[test]
fn the_facts_of_every_story_mean_the_same_in_any_order() {
    for room in ROOMS {
        for story in tests::vignette::played(&folder().join(room)).unwrap() {
            let as_it_was = found(story.log.iter(), &story);
            assert!(
                found(story.log.iter().rev(), &story) == as_it_was,
                "{} read backwards",
                story.name
            );
            for seed in [1, 2, 3] {
                let other = found(shuffled(&story.log, seed).into_iter(), &story);
                assert!(other == as_it_was, "{} shuffled by {seed}", story.name);
            }
        }
    }
}
