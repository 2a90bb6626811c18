//! The worker itself: facts in, drafts out, folded back into the chart, for random stories of the world.

use care::fact::Fact;
use care::fact::session::Unprepared;
use care::time::{Timestamp, hours};
use proptest::prelude::*;
use serde_json::json;

use crate::clinic::{Clinic, Turn, take, turn};
use crate::generate::runner;
use crate::world::at;

/// No two EA of the practitioner at once, and none that prepares nothing it was placed for while a plan is active.
fn check(clinic: &Clinic) {
    let mut spans: Vec<(Timestamp, Timestamp)> = clinic
        .charts
        .iter()
        .flat_map(|chart| chart.sessions.values())
        .filter(|s| s.is_ours() && s.status().occupies())
        .filter_map(|s| Some((s.start()?, s.end()?)))
        .collect();
    spans.sort_unstable();
    for pair in spans.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "two patients at once: {pair:?}");
    }
}

#[test]
fn whatever_the_world_says_the_answer_is_said_once() {
    runner(60)
        .run(&prop::collection::vec(turn(), 1..25), |turns| {
            let mut clinic = Clinic::new("Mon 06-01 09:00", 3);
            for (number, (who, turn)) in turns.iter().enumerate() {
                take(&mut clinic, number as u64, *who, turn);
                clinic.settle();
                check(&clinic);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_pt_beyond_the_horizon_is_looked_at_when_it_comes_within() {
    let mut clinic = Clinic::new("Mon 06-01 09:00", 1);
    let start = clinic.now + hours(40 * 24);
    clinic.pt(0, "pt-1", 1, start);
    let (_, reaction) = clinic.react().remove(0);
    assert!(reaction.facts.is_empty());
    assert_eq!(reaction.look_again, Some(start - hours(28 * 24)));
    clinic.now = start - hours(28 * 24);
    let facts = clinic.settle();
    assert!(matches!(&facts[..], [Fact::SessionBooked(_)]), "{facts:?}");
}

#[test]
fn an_ea_that_follows_its_pt_carries_the_same_correlation() {
    let mut clinic = Clinic::new("Mon 06-01 09:00", 1);
    clinic.pt(0, "pt-1", 1, at("Wed 06-10 10:00"));
    clinic.settle();
    clinic.pt(0, "pt-1", 2, at("Fri 06-12 10:00"));
    let moved = clinic.charts[0].sessions["pt-1"]
        .newest()
        .unwrap()
        .0
        .stamp
        .clone();
    let (_, reaction) = clinic.react().remove(0);
    let [draft] = &reaction.facts[..] else {
        panic!("{:?}", reaction.facts)
    };
    assert!(matches!(draft.fact, Fact::SessionMoved(_)));
    assert_eq!(
        (draft.causation.as_ref(), draft.correlation.as_ref()),
        (Some(&moved.id), Some(moved.chain()))
    );
}

#[test]
fn unprepared_is_said_again_only_after_an_ea_was_lost() {
    let mut clinic = Clinic::new("Mon 06-01 09:00", 1);
    let closed = |from: &str| {
        json!({"revision": 2, "timezone": "UTC", "weekly": [{"day": "mon", "from": "08:00", "to": "12:00"}],
            "closures": [{"from": from, "to": "2026-06-09T00:00:00Z"}]})
    };
    clinic.practitioner("calendar.published", closed("2026-06-07T00:00:00Z"));
    clinic.pt(0, "pt-1", 1, at("Wed 06-10 10:00"));
    let unprepared = |facts: &[Fact]| {
        facts
            .iter()
            .filter(|f| matches!(f, Fact::SessionUnprepared(_)))
            .count()
    };
    assert_eq!(unprepared(&clinic.settle()), 1);
    assert_eq!(clinic.settle(), []);
    clinic.now = at("Tue 06-02 09:00");
    let mut open = closed("2026-06-08T23:00:00Z");
    open["revision"] = json!(3);
    clinic.practitioner("calendar.published", open);
    assert!(matches!(&clinic.settle()[..], [Fact::SessionBooked(_)]));
    clinic.now = at("Wed 06-03 09:00");
    let mut shut = closed("2026-06-07T00:00:00Z");
    shut["revision"] = json!(4);
    clinic.practitioner("calendar.published", shut);
    let facts = clinic.settle();
    let [
        Fact::SessionCancelled(_),
        Fact::SessionUnprepared(Unprepared {
            reasons,
            alternatives,
            ..
        }),
    ] = &facts[..]
    else {
        panic!("{facts:?}")
    };
    assert!(
        reasons
            .iter()
            .any(|r| r.constraint == "closure" && !r.detail.is_empty()),
        "{reasons:?}"
    );
    assert!(!alternatives.is_empty());
}

#[test]
fn a_physician_needs_hours_and_every_licence_has_to_be_verified() {
    for (credentials, placed) in [
        (
            json!({"kind": "licence", "verified_at": "2026-05-01T00:00:00Z", "expires_on": "2026-12-31"}),
            true,
        ),
        (
            json!({"kind": "licence", "verified_at": "2026-05-01T00:00:00Z", "expires_on": "2026-06-01"}),
            false,
        ),
        (json!({"kind": "licence", "expires_on": "2026-12-31"}), false),
        (
            json!({"kind": "physician", "verified_at": "2026-05-01T00:00:00Z", "training_hours": 119}),
            false,
        ),
        (
            json!({"kind": "physician", "verified_at": "2026-05-01T00:00:00Z", "training_hours": 120}),
            true,
        ),
        (
            json!({"kind": "other", "verified_at": "2026-05-01T00:00:00Z"}),
            false,
        ),
        (json!({"kind": "first_aid"}), true),
    ] {
        let mut clinic = Clinic::new("Mon 06-01 09:00", 1);
        clinic.practitioner("credentials.published", credentials.clone());
        clinic.pt(0, "pt-1", 1, at("Wed 06-10 10:00"));
        let facts = clinic.settle();
        assert_eq!(
            matches!(&facts[..], [Fact::SessionBooked(_)]),
            placed,
            "{credentials}: {facts:?}"
        );
    }
}

#[test]
fn a_jurisdiction_asks_for_hours_of_its_own_and_a_clinic_may_ask_everybody_to_publish() {
    let stricter = "[practitioners]\nphysician_hours_in = { de-bavaria = 200 }\nmust_publish = true\n";
    let physician = |place: &str| {
        json!({"kind": "physician", "verified_at": "2026-05-01T00:00:00Z", "training_hours": 150,
            "jurisdiction": place})
    };
    for (credentials, placed) in [
        (Some(physician("us-ca")), true),
        (Some(physician("de-bavaria")), false),
        (Some(json!({"kind": "first_aid"})), false),
        (None, false),
    ] {
        let mut clinic = Clinic::new("Mon 06-01 09:00", 1);
        clinic.policy = care::Policy::parse(stricter).expect("a policy");
        if let Some(credentials) = &credentials {
            clinic.practitioner("credentials.published", credentials.clone());
        }
        clinic.pt(0, "pt-1", 1, at("Wed 06-10 10:00"));
        let facts = clinic.settle();
        assert_eq!(
            matches!(&facts[..], [Fact::SessionBooked(_)]),
            placed,
            "{credentials:?}: {facts:?}"
        );
    }
}

#[test]
fn a_slot_refused_for_one_pt_does_not_come_back_through_the_ea_of_another() {
    let refused_for = |other_hour: u8| {
        let mut clinic = Clinic::new("Mon 06-01 09:00", 1);
        clinic.pt(0, "pt-1", 1, at("Tue 06-09 16:30"));
        clinic.settle();
        take(&mut clinic, 1, 0, &Turn::Declines);
        clinic.pt(0, "pt-2", 1, at(&format!("Tue 06-09 {other_hour:02}:00")));
        let facts = clinic.settle();
        let placed = facts.iter().filter_map(|fact| match fact {
            Fact::SessionBooked(b) | Fact::SessionMoved(b) => b.prepares.clone(),
            _ => None,
        });
        placed.flatten().map(|pt| pt.to_string()).collect::<Vec<String>>()
    };
    for hour in 8..16 {
        let prepared = refused_for(hour);
        assert!(prepared.len() <= 2, "{hour}: {prepared:?}");
    }
}
