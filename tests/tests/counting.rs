//! What an operator counts is kept up by difference, and is what looking at everything would count.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use care::fact::ours::Severity;
use care::{About, Event, Fact, Policy};
use engine::{Counts, Engine, SEVERITIES, Settings, Simulation};
use mailer::Delivery;
use serde_json::json;
use tests::clinic::course::{patient, stages};
use tests::clinic::{acme, facts, instant};

fn settings() -> Settings {
    Settings::new(acme(), Policy::default())
}

/// Of the course, so that a test takes seconds.
const PATIENTS: usize = 8;

/// The course of some patients for six weeks: red flags, Oswestries that nobody answers, mail that does not get through.
fn log() -> &'static [Event] {
    static PLAYED: OnceLock<Vec<Event>> = OnceLock::new();
    PLAYED.get_or_init(played)
}

fn played() -> Vec<Event> {
    let mut world = Simulation::new(settings());
    let mut tries = 0_u32;
    world.deliver_with(move |_| {
        tries += 1;
        match tries % 7 {
            0 => Delivery::Rejected { reply: Some(550) },
            3 => Delivery::Deferred { reply: Some(451) },
            5 => Delivery::Unknown,
            _ => Delivery::Sent { reply: Some(250) },
        }
    });
    for stage in stages() {
        let all = stage.facts.iter().map(facts::Fact::event);
        let some = |event: &Event| match &event.about {
            About::Patient(id) => (0..PATIENTS).any(|n| id.as_str() == patient(n)),
            _ => true,
        };
        world.play(all.filter(some)).unwrap();
    }
    world.advance_to(instant("2026-06-20T12:00:00Z")).unwrap();
    // One emergency is taken on, one ends, one fact is told again with another content.
    let alerts: Vec<(String, String)> = world
        .log()
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::AlertRaised(alert) if alert.severity == Severity::Emergency => {
                Some((event.about.id().to_owned(), alert.alert_id.to_string()))
            }
            _ => None,
        })
        .collect();
    let by = json!({"role": "physiatrist", "member_id": "m-2"});
    let at = "2026-06-20T12:00:00Z";
    let said = |n: usize, kind: &str, data: serde_json::Value| {
        let about = format!("patient/{}", alerts[n].0);
        facts::Fact::new(&format!("{kind}-{n}"), kind, &about, at, &data).event()
    };
    let taken_on = json!({"alert_id": alerts[0].1, "by": by});
    let ended = json!({"alert_id": alerts[1].1, "by": by, "outcome": "cleared"});
    let again = json!({"alert_id": alerts[0].1, "by": by, "note": "seen"});
    world
        .play([
            said(0, "alert.acknowledged", taken_on),
            said(1, "alert.resolved", ended),
            said(0, "alert.acknowledged", again),
        ])
        .unwrap();
    world.advance_to(instant("2026-07-14T12:00:00Z")).unwrap();
    world.log().to_vec()
}

fn folded(log: &[Event]) -> Engine {
    let mut engine = Engine::new(settings());
    for (event, position) in log.iter().zip(1..) {
        engine.apply(event, position);
    }
    engine
}

/// Straight from the log, for patients: alerts raised, taken on and ended.
fn alerts(log: &[Event]) -> BTreeMap<Severity, (u64, u64)> {
    let (mut raised, mut heard, mut over) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for event in log {
        match &event.fact {
            Fact::AlertRaised(a) => {
                raised.entry(a.alert_id.clone()).or_insert(a.severity);
            }
            Fact::AlertEscalated(a) => {
                let known = raised.get_mut(&a.alert_id).unwrap();
                *known = (*known).max(a.severity);
            }
            Fact::AlertAcknowledged(a) => drop(heard.insert(a.alert_id.clone())),
            Fact::AlertResolved(a) => drop(over.insert(a.alert_id.clone())),
            _ => {}
        }
    }
    let mut counts = BTreeMap::new();
    for (id, severity) in raised.iter().filter(|(id, _)| !over.contains(*id)) {
        let (open, waiting) = counts.entry(*severity).or_default();
        *open += 1;
        *waiting += u64::from(!heard.contains(id));
    }
    counts
}

#[test]
fn counts_kept_by_difference_are_those_of_a_first_look_and_of_a_restart() {
    let log = log();
    let mut kept = Engine::new(settings());
    let mut seen = BTreeSet::new();
    for (n, event) in log.iter().enumerate() {
        kept.apply(event, n as u64 + 1);
        if n % 3 == 0 {
            kept.counts();
        }
        if n % 41 == 0 || n + 1 == log.len() {
            let counts = kept.counts();
            assert_eq!(counts, folded(&log[..=n]).counts(), "after {n} facts");
            let entries: Vec<_> = folded(&log[..=n]).take_changes();
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key, value.unwrap().concat()));
            let mut restored = Engine::restore(settings(), entries, n as u64 + 1).unwrap();
            assert_eq!(counts, restored.counts(), "restored after {n} facts");
            seen.insert(format!("{counts:?}"));
        }
    }
    assert!(seen.len() > 5, "the counts did not move");
}

#[test]
fn counts_are_what_the_log_says() {
    let log = log();
    let counts = folded(log).counts();
    assert_eq!(counts.patients, PATIENTS as u64);
    let expected = alerts(log);
    for (n, severity) in SEVERITIES.iter().enumerate() {
        let (open, waiting) = expected.get(severity).copied().unwrap_or_default();
        assert_eq!(counts.open_alerts[n], open, "{severity:?}");
        assert_eq!(
            counts.unacknowledged_since[n].is_some(),
            waiting > 0,
            "{severity:?}"
        );
    }
    assert!(
        expected[&Severity::Emergency].0 > expected[&Severity::Emergency].1,
        "one is taken on"
    );
    assert_eq!(counts.contradictions, 1);
    let notices: BTreeSet<_> = log
        .iter()
        .filter_map(|e| e.fact.notice())
        .map(|n| &n.notice_id)
        .collect();
    assert_eq!(counts.notices.iter().sum::<u64>(), notices.len() as u64);
    let [attempted, deferred, .., sent] = counts.notices;
    assert!(attempted == 0 && deferred + sent > 0, "{counts:?}");
    // Baselines of 1 June, answered by nobody at first: by 14 July the third due, 13 July, is announced.
    assert!(counts.oswestry_due + counts.oswestry_overdue > 0, "{counts:?}");
}

#[test]
fn an_emergency_is_untold_until_a_mail_server_takes_a_mail_about_it() {
    let now = "2026-06-01T14:00:00Z";
    let untold = |takes: bool| -> Counts {
        let mut world = Simulation::new(settings());
        world.deliver_with(move |_| match takes {
            true => Delivery::Sent { reply: Some(250) },
            false => Delivery::Deferred { reply: Some(451) },
        });
        let facts = [
            facts::plan("p-1", "acu-1", now),
            facts::red_flag("p-1", "bladder_change", now),
        ];
        world.play(facts.iter().map(facts::Fact::event)).unwrap();
        folded(world.log()).counts()
    };
    assert_eq!(untold(false).untold_emergency_since, Some(instant(now)));
    let told = untold(true);
    assert_eq!(told.untold_emergency_since, None);
    assert_eq!(
        told.unacknowledged_since[3],
        Some(instant(now)),
        "told is not taken on"
    );
}
