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
    let entries = entries
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?.concat())));
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

/// A plan of revision `revision`; the coordinator is m-5, the others as given.
fn plan_with(patient: &str, revision: u64, zone: &str, time: &str, others: &str, coordinator: bool) -> Event {
    let kind = if revision == 1 { "activated" } else { "revised" };
    let m5 = r#"{"role":"care_coordinator","member_id":"m-5","email":"m-5@care.example"}"#;
    let team: Vec<&str> = [others, if coordinator { m5 } else { "" }].into();
    let team: Vec<&str> = team.into_iter().filter(|text| !text.is_empty()).collect();
    let team = team.join(",");
    let data = format!(
        r#"{{"plan_id":"cp-{patient}","revision":{revision},"timezone":"{zone}","started_on":"2026-06-01","patient":{{}},"team":[{team}],"ea":{{}},"oswestry":{{"baseline_on":"2026-06-01"}}}}"#
    );
    let (id, subject) = (format!("plan-{patient}-{revision}"), format!("patient/{patient}"));
    line(&id, &format!("plan.{kind}"), &subject, time, &data)
}

fn alert(patient: &str, id: &str, severity: &str, role: &str, time: &str) -> Event {
    let data = format!(
        r#"{{"alert_id":"{id}","rule":"fidelity-deviation","title":"Fidelity","key":"{id}","policy":"p","severity":"{severity}","because":[],"evidence":"policy","roles":["{role}"]}}"#
    );
    line(
        &format!("e-{id}"),
        "alert.raised",
        &format!("patient/{patient}"),
        time,
        &data,
    )
}

fn resolved(patient: &str, id: &str, time: &str) -> Event {
    let data = format!(r#"{{"alert_id":"{id}","by":{{"role":"pcp","member_id":"m-1"}},"outcome":"seen"}}"#);
    line(
        &format!("r-{id}"),
        "alert.resolved",
        &format!("patient/{patient}"),
        time,
        &data,
    )
}

/// Each digest to the coordinator: when it was claimed, and what it tells.
fn digests(log: &[Event]) -> Vec<String> {
    let claim = |event: &Event| match &event.fact {
        care::Fact::NoticeAttempted(n) if event.about == About::Member(coordinator()) => {
            Some(format!("{}: {}", event.time, n.about.join(" ")))
        }
        _ => None,
    };
    log.iter().filter_map(claim).collect()
}

/// Whoever reads the log anew has nothing to add.
fn says_nothing_anew(simulation: &Simulation) {
    let mut engine = Engine::new(mailer_alone());
    for (event, position) in simulation.log().iter().zip(1..) {
        engine.apply(event, position);
    }
    let says: Vec<Event> = engine
        .poll(simulation.now())
        .into_iter()
        .flat_map(|d| d.events)
        .collect();
    assert!(says.is_empty(), "{says:?}");
}

/// The digests of a process that was down until now and finds all of this.
fn at_first_sight(now: &str, facts: &[Event]) -> Vec<String> {
    let mut simulation = Simulation::new(mailer_alone());
    simulation.advance_to(at(now)).unwrap();
    simulation.play(facts.iter().cloned()).unwrap();
    says_nothing_anew(&simulation);
    digests(simulation.log())
}

#[test]
fn what_becomes_late_after_monday_is_no_part_of_its_digest_for_whoever_looks_later() {
    let facts = [
        plan_with("p-1", 1, "UTC", "2026-06-01T06:00:00Z", "", true),
        alert(
            "p-1",
            "al-1",
            "advisory",
            "care_coordinator",
            "2026-06-08T07:30:00Z",
        ),
        alert(
            "p-1",
            "al-2",
            "advisory",
            "care_coordinator",
            "2026-06-08T07:40:00Z",
        ),
    ];
    for now in [
        "2026-06-08T08:00:00Z",
        "2026-06-08T08:45:00Z",
        "2026-06-10T12:00:00Z",
    ] {
        assert_eq!(at_first_sight(now, &facts), [""; 0], "{now}");
    }
    let next = at_first_sight("2026-06-15T08:00:00Z", &facts);
    assert_eq!(next, ["2026-06-15T08:00:00Z: al-1"]);
}

#[test]
fn a_newer_alert_of_after_monday_puts_nothing_into_its_digest() {
    // What it rests on is two weeks before it ends, whenever it is said: the Friday before.
    let newer = |raised: &str| {
        let data = r#"{"alert_id":"al-2","rule":"fidelity-deviation","title":"Fidelity","key":"al-2","policy":"p","severity":"advisory","because":[],"evidence":"policy","roles":["care_coordinator"],"actionable_until":"2026-06-19T11:00:00Z"}"#;
        line("e-al-2", "alert.raised", "patient/p-1", raised, data)
    };
    let digests = |raised| {
        let facts = [
            plan_with("p-1", 1, "UTC", "2026-06-01T06:00:00Z", "", true),
            alert(
                "p-1",
                "al-1",
                "advisory",
                "care_coordinator",
                "2026-06-05T10:00:00Z",
            ),
            newer(raised),
        ];
        at_first_sight("2026-06-10T12:00:00Z", &facts)
    };
    assert_eq!(digests("2026-06-05T11:00:00Z"), ["2026-06-10T12:00:00Z: al-1"]);
    assert_eq!(digests("2026-06-09T11:00:00Z"), [""; 0]);
}

const PHYSIATRIST: &str = r#"{"role":"physiatrist","member_id":"m-2","email":"m-2@physiatry.example"}"#;

#[test]
fn who_is_told_in_the_place_of_a_refused_address_gets_what_its_digest_told() {
    let mut simulation = Simulation::new(mailer_alone());
    simulation.deliver_with(|mail| match mail.to.expose().starts_with("m-2@") {
        true => mailer::Delivery::Rejected { reply: Some(550) },
        false => mailer::Delivery::Sent { reply: Some(250) },
    });
    simulation
        .play([
            plan_with("p-1", 1, "UTC", "2026-06-01T06:00:00Z", PHYSIATRIST, true),
            alert("p-1", "al-1", "info", "physiatrist", "2026-06-03T10:00:00Z"),
        ])
        .unwrap();
    simulation.advance_to(at("2026-06-08T12:00:00Z")).unwrap();
    assert_eq!(
        digests(simulation.log()),
        ["2026-06-08T08:00:00Z: al-1 al-1/for-physiatrist"]
    );
    says_nothing_anew(&simulation);
}

#[test]
fn who_is_told_in_the_place_of_somebody_who_left_the_team_is_told_this_week() {
    let mut simulation = Simulation::new(mailer_alone());
    simulation
        .play([
            plan_with("p-1", 1, "UTC", "2026-06-01T06:00:00Z", PHYSIATRIST, true),
            alert("p-1", "al-1", "info", "physiatrist", "2026-06-03T10:00:00Z"),
            plan_with("p-1", 2, "UTC", "2026-06-10T10:00:00Z", "", true),
        ])
        .unwrap();
    simulation.advance_to(at("2026-06-10T12:00:00Z")).unwrap();
    assert_eq!(
        digests(simulation.log()),
        ["2026-06-10T10:00:00Z: al-1 al-1/for-physiatrist"]
    );
    says_nothing_anew(&simulation);
}

#[test]
fn an_emergency_that_was_over_before_monday_and_is_told_late_keeps_nothing_from_the_digest() {
    let mut simulation = Simulation::new(mailer_alone());
    simulation
        .play([
            plan_with("p-1", 1, "UTC", "2026-06-01T06:00:00Z", "", true),
            alert("p-1", "al-1", "info", "care_coordinator", "2026-06-03T10:00:00Z"),
            alert(
                "p-1",
                "al-2",
                "emergency",
                "care_coordinator",
                "2026-06-05T10:00:00Z",
            ),
        ])
        .unwrap();
    simulation.advance_to(at("2026-06-10T10:00:00Z")).unwrap();
    assert_eq!(digests(simulation.log()), [""; 0]);
    simulation
        .play([resolved("p-1", "al-2", "2026-06-07T10:00:00Z")])
        .unwrap();
    assert_eq!(digests(simulation.log()), ["2026-06-10T10:00:00Z: al-1"]);
    says_nothing_anew(&simulation);
}

#[test]
fn a_plan_that_names_somebody_no_longer_gives_their_week_back_to_another() {
    let when = "2026-06-10T13:00:00Z";
    let revised = plan_with("p-2", 2, "UTC", when, PHYSIATRIST, false);
    let erased = line(
        "erased",
        "patient.erased",
        "patient/p-2",
        when,
        r#"{"removed":1}"#,
    );
    for left in [revised, erased] {
        let mut simulation = Simulation::new(mailer_alone());
        simulation
            .play([
                plan_with("p-1", 1, "America/Toronto", "2026-06-01T06:00:00Z", "", true),
                plan_with("p-2", 1, "UTC", "2026-06-01T07:00:00Z", PHYSIATRIST, true),
                // Monday at nine in UTC, at five in Toronto.
                alert("p-1", "al-1", "info", "care_coordinator", "2026-06-08T09:00:00Z"),
            ])
            .unwrap();
        simulation.advance_to(at(when)).unwrap();
        assert_eq!(digests(simulation.log()), [""; 0]);
        simulation.play([left]).unwrap();
        assert_eq!(digests(simulation.log()), [format!("{when}: al-1")]);
        says_nothing_anew(&simulation);
    }
}

#[test]
fn a_digest_that_is_tried_again_tells_what_no_longer_waits_and_is_still_open() {
    let mut simulation = Simulation::new(mailer_alone());
    simulation.deliver_with(|mail| match mail.attempt {
        1 => mailer::Delivery::Deferred { reply: Some(451) },
        _ => mailer::Delivery::Sent { reply: Some(250) },
    });
    // Read on Monday after a weekend: of two late ones only the newer is told at once.
    simulation.advance_to(at("2026-06-08T08:00:00Z")).unwrap();
    simulation
        .play([
            plan_with("p-1", 1, "UTC", "2026-06-01T06:00:00Z", "", true),
            alert(
                "p-1",
                "al-1",
                "advisory",
                "care_coordinator",
                "2026-06-05T10:00:00Z",
            ),
            alert(
                "p-1",
                "al-2",
                "advisory",
                "care_coordinator",
                "2026-06-05T11:00:00Z",
            ),
        ])
        .unwrap();
    simulation
        .play([resolved("p-1", "al-2", "2026-06-08T08:00:10Z")])
        .unwrap();
    simulation.advance_to(at("2026-06-08T10:00:00Z")).unwrap();
    let claims = digests(simulation.log());
    assert_eq!(claims.len(), 2, "{claims:?}");
    assert!(claims.iter().all(|claim| claim.ends_with(": al-1")), "{claims:?}");
    says_nothing_anew(&simulation);
}
