//! The weekly digest is decided about the member, on everything the log says of them; late mail waits for a person.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use care::id::{MemberId, OrgId};
use care::time::Timestamp;
use care::{About, Event, Policy};
use engine::{Decision, Engine, Settings, Simulation};

fn line(id: &str, kind: &str, subject: &str, time: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/{subject}","time":"{time}","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{id}: {fault}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn settings(policy: &str) -> Settings {
    Settings::new(OrgId::new("acme").unwrap(), Policy::parse(policy).unwrap())
}

fn coordinator() -> MemberId {
    MemberId::new("m-5").unwrap()
}

fn plan(patient: &str) -> Event {
    let data = r#"{"plan_id":"cp-1","revision":1,"timezone":"UTC","started_on":"2026-06-01","patient":{},"team":[{"role":"care_coordinator","member_id":"m-5","email":"m-5@care.example"}],"ea":{},"oswestry":{"baseline_on":"2026-06-01"}}"#;
    let subject = format!("patient/{patient}");
    line(
        &format!("plan-{patient}"),
        "plan.activated",
        &subject,
        "2026-06-01T06:00:00Z",
        data,
    )
}

/// An info alert that carebus would have raised, so that no rule of the catalogue decides this test.
fn info(patient: &str) -> Event {
    let data = format!(
        r#"{{"alert_id":"al-{patient}","rule":"ea-missed","title":"EA session missed","key":"k","policy":"p","severity":"info","because":[],"evidence":"policy","roles":["care_coordinator"]}}"#
    );
    let subject = format!("patient/{patient}");
    line(
        &format!("info-{patient}"),
        "alert.raised",
        &subject,
        "2026-06-03T10:00:00Z",
        &data,
    )
}

/// Polls until a digest is claimed; what comes before is in the log at once.
fn until_a_digest(engine: &mut Engine, now: Timestamp) -> Decision {
    for _ in 0..20 {
        for decision in engine.poll(now) {
            if decision.about == About::Member(coordinator()) {
                return decision;
            }
            for event in &decision.events {
                engine.apply(event, engine.position() + 1);
            }
        }
    }
    panic!("no digest");
}

fn mailer_alone() -> Settings {
    let mut settings = settings("");
    settings.workers = [care::Worker::Mailer].into();
    settings
}

#[test]
fn two_processes_decide_the_same_digest_on_the_same_condition() {
    let facts = [plan("p-1"), plan("p-2"), info("p-1"), info("p-2")];
    let monday = at("2026-06-08T08:00:00Z");
    let decided = [0, 1].map(|_| {
        let mut engine = Engine::new(mailer_alone());
        for (position, event) in facts.iter().enumerate() {
            engine.apply(event, position as u64 + 1);
        }
        until_a_digest(&mut engine, monday)
    });
    assert_eq!(decided[0], decided[1]);
    // Nothing about the member yet: the append of whoever comes second is refused.
    assert_eq!(decided[0].expected, 0);
    let care::Fact::NoticeAttempted(notice) = &decided[0].events[0].fact else {
        panic!("a claim");
    };
    assert_eq!(notice.about, ["al-p-1", "al-p-2"]);
    assert_eq!(decided[0].mails.len(), 1);
    assert_eq!(
        decided[0].events[0].subject().to_string(),
        "care.acme.member.m-5.notice.attempted"
    );
}

#[test]
fn a_digest_of_another_process_is_not_sent_again() {
    let mut engine = Engine::new(mailer_alone());
    for (position, event) in [plan("p-1"), info("p-1")].iter().enumerate() {
        engine.apply(event, position as u64 + 1);
    }
    let monday = at("2026-06-08T08:00:00Z");
    let claim = until_a_digest(&mut engine, monday);
    engine.give_up(&claim.about);
    engine.apply(&claim.events[0], engine.position() + 1);
    let said = engine.poll(monday);
    let names: Vec<String> = said
        .iter()
        .flat_map(|d| &d.events)
        .map(|e| e.fact.name())
        .collect();
    // Its claim stands open here; a directory may be written to again, so it is only put off.
    assert_eq!(names, ["notice.deferred"]);
    assert!(said.iter().all(|d| d.mails.is_empty()));
}

/// Five patients whose questionnaire became overdue while nobody looked.
fn after_an_outage() -> Simulation {
    let mut simulation = Simulation::new(settings("mail.burst_floor = 2"));
    let patients = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    let first = line(
        "c-1",
        "calendar.published",
        "practitioner/acu-1",
        "2026-06-05T10:00:00Z",
        r#"{"revision":1,"timezone":"UTC","weekly":[]}"#,
    );
    // All of it arrives at once, days late.
    let facts = std::iter::once(first).chain(patients.map(plan));
    simulation.play(facts).unwrap();
    simulation.advance_to(at("2026-06-05T18:00:00Z")).unwrap();
    simulation
}

fn overdue(simulation: &Simulation) -> usize {
    let subjects = simulation.outbox().iter().map(|m| &m.subject);
    subjects.filter(|s| s.contains("overdue")).count()
}

#[test]
fn what_waits_for_release_is_counted_and_goes_when_a_person_says_so() {
    let mut simulation = after_an_outage();
    assert_eq!(overdue(&simulation), 2);
    let now = simulation.now();
    let waiting = simulation.engine().waiting_for_release(now);
    let theirs = waiting[&coordinator()];
    assert!(theirs.count >= 3, "{theirs:?}");
    assert!(theirs.oldest <= at("2026-06-05T07:00:00Z"), "{theirs:?}");

    let released = line(
        "r-1",
        "notice.released",
        "member/m-5",
        "2026-06-05T18:00:00Z",
        r#"{"before":"2026-06-05T18:00:00Z","by":{"role":"care_coordinator","member_id":"m-5"}}"#,
    );
    simulation.play([released]).unwrap();
    simulation.advance_to(at("2026-06-05T19:00:00Z")).unwrap();
    assert_eq!(overdue(&simulation), 5);
    assert!(
        simulation
            .engine()
            .waiting_for_release(simulation.now())
            .is_empty()
    );
}

#[test]
fn a_restored_engine_holds_back_the_same() {
    let simulation = after_an_outage();
    let mut engine = Engine::new(settings("mail.burst_floor = 2"));
    for (position, event) in simulation.log().iter().enumerate() {
        engine.apply(event, position as u64 + 1);
    }
    let entries: Vec<_> = engine.take_changes();
    let entries = entries.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let restored = Engine::restore(settings("mail.burst_floor = 2"), entries, engine.position()).unwrap();
    assert_eq!(restored.state_hash(), engine.state_hash());
    for now in [
        "2026-06-05T18:00:00Z",
        "2026-06-06T12:00:00Z",
        "2026-06-07T12:00:00Z",
    ] {
        let waiting = engine.waiting_for_release(at(now));
        assert_eq!(restored.waiting_for_release(at(now)), waiting, "{now}");
        assert!(!waiting.is_empty(), "{now}");
    }
}

#[test]
fn a_digest_that_is_tried_again_no_longer_claims_to_tell_what_somebody_took_on() {
    let mut simulation = Simulation::new(mailer_alone());
    simulation.deliver_with(|mail| match mail.attempt {
        1 => mailer::Delivery::Deferred { reply: Some(451) },
        _ => mailer::Delivery::Sent { reply: Some(250) },
    });
    simulation
        .play([plan("p-1"), plan("p-2"), info("p-1"), info("p-2")])
        .unwrap();
    simulation.advance_to(at("2026-06-08T08:00:10Z")).unwrap();
    let by = r#"{"alert_id":"al-p-1","by":{"role":"care_coordinator","member_id":"m-5"}}"#;
    let acknowledged = "2026-06-08T08:00:20Z";
    simulation
        .play([line("ack", "alert.acknowledged", "patient/p-1", acknowledged, by)])
        .unwrap();
    simulation.advance_to(at("2026-06-08T09:00:00Z")).unwrap();
    let claims: Vec<&[String]> = simulation
        .log()
        .iter()
        .filter_map(|event| match &event.fact {
            care::Fact::NoticeAttempted(n) if event.about == About::Member(coordinator()) => {
                Some(&n.about[..])
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        claims,
        [
            &["al-p-1".to_owned(), "al-p-2".to_owned()][..],
            &["al-p-2".to_owned()][..]
        ]
    );
}
