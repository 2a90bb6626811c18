//! Decisions about practitioners and members follow the rules of those about patients.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use care::id::{MemberId, NoticeId, OrgId};
use care::time::Timestamp;
use care::{About, Event, Policy};
use engine::{Engine, Settings};
use mailer::Delivery;

const KINDS: [&str; 3] = ["patient/p-1", "practitioner/acu-1", "member/m-5"];

fn claim(about: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"e-1","source":"urn:carebus:acme:mailer","type":"carebus.notice.attempted.v1","subject":"acme/{about}","time":"2026-06-01T14:00:00Z","data":{{"notice_id":"n-1","member_id":"m-5","channel":"mail","about":["a-1"],"message_id":"n-1@care","attempt":1}}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{about}: {fault}"))
}

fn now() -> Timestamp {
    "2026-06-01T14:00:00Z".parse().unwrap()
}

fn settings() -> Settings {
    Settings::new(OrgId::new("acme").unwrap(), Policy::default())
}

/// An engine that has seen a claim about somebody, and whose carrier has answered.
fn answered(about: &str) -> (Engine, About) {
    let mut engine = Engine::new(settings());
    let event = claim(about);
    engine.apply(&event, 1);
    let notice = NoticeId::new("n-1").unwrap();
    engine.claimed(&event.about, &notice, 1);
    let delivery = Delivery::Sent { reply: Some(250) };
    engine.delivered(&event.about, &notice, 1, delivery, now());
    (engine, event.about)
}

#[test]
fn how_a_mail_ended_is_told_on_condition_of_all_that_was_seen_about_them() {
    for kind in KINDS {
        let (mut engine, about) = answered(kind);
        // A message that cannot be read counts for the server, so it counts here.
        engine.pass_over(&about, 7);
        let decisions = engine.poll(now());
        assert_eq!(decisions.len(), 1, "{kind}");
        assert_eq!(
            (&decisions[0].about, decisions[0].expected),
            (&about, 7),
            "{kind}"
        );
        assert_eq!(decisions[0].events[0].fact.name(), "notice.sent", "{kind}");
        assert!(
            !engine.is_due(now()),
            "{kind}: nothing is decided until it is back"
        );

        engine.apply(&decisions[0].events[0], 8);
        assert!(engine.poll(now()).is_empty(), "{kind}: said once");
        assert!(!engine.is_due(now()), "{kind}");
    }
}

#[test]
fn a_refused_append_is_decided_again() {
    for kind in KINDS {
        let (mut engine, about) = answered(kind);
        assert_eq!(engine.poll(now()).len(), 1, "{kind}");
        engine.give_up(&about);
        assert_eq!(engine.poll(now()).len(), 1, "{kind}");
    }
}

#[test]
fn a_process_that_stops_says_how_all_mail_ended() {
    for kind in KINDS {
        let (mut engine, _) = answered(kind);
        assert_eq!(engine.poll_outcomes(now()).len(), 1, "{kind}");
        assert!(engine.poll_outcomes(now()).is_empty(), "{kind}");
    }
}

#[test]
fn a_checkpoint_keeps_what_the_log_says_of_them() {
    for kind in KINDS {
        let (mut engine, about) = answered(kind);
        let saved: Vec<_> = engine.take_changes();
        let entries = saved
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?.concat())));
        let restored = Engine::restore(settings(), entries, engine.position()).unwrap();
        assert_eq!(restored.state_hash(), engine.state_hash(), "{kind}");
        if let About::Member(id) = &about {
            let postbox = restored.postbox(id).unwrap();
            assert!(postbox.notices.contains_key(&NoticeId::new("n-1").unwrap()));
        }
    }
    let nobody = MemberId::new("m-9").unwrap();
    assert!(Engine::new(settings()).postbox(&nobody).is_none());
}

/// Facts as lines of the log: a plan whose coordinator can be told, and a licence that nobody verified.
const OFFICE: [&str; 2] = [
    r#"{"specversion":"1.0","id":"o-1","source":"urn:carebus:acme:office","type":"carebus.plan.activated.v1","subject":"acme/patient/p-1","time":"2026-06-01T13:00:00Z","data":{"plan_id":"cp-1","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","team":[{"role":"care_coordinator","member_id":"m-5","email":"m-5@care.example","consent":["clinical"]},{"role":"acupuncturist","member_id":"m-3","practitioner":"acu-1"}]}}"#,
    r#"{"specversion":"1.0","id":"o-2","source":"urn:carebus:acme:office","type":"carebus.credentials.published.v1","subject":"acme/practitioner/acu-1","time":"2026-06-01T14:00:00Z","data":{"kind":"licence"}}"#,
];

#[test]
fn an_alert_about_a_practitioner_is_claimed_once_and_a_restart_does_not_tell_it_again() {
    let mut engine = Engine::new(settings());
    let mut log: Vec<Event> = OFFICE
        .iter()
        .map(|line| Event::decode_line(line).unwrap())
        .collect();
    for (event, position) in log.iter().zip(1..) {
        engine.apply(event, position);
    }
    let mut mails = Vec::new();
    for _ in 0..20 {
        for decision in engine.poll(now()) {
            mails.extend(
                decision
                    .mails
                    .iter()
                    .cloned()
                    .map(|mail| (decision.about.clone(), mail)),
            );
            for event in decision.events {
                log.push(event.clone());
                engine.apply(&event, log.len() as u64);
            }
        }
    }
    let theirs = |(about, _): &&(About, mailer::Mail)| matches!(about, About::Practitioner(_));
    let told: Vec<_> = mails.iter().filter(theirs).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].1.subject.contains("practitioner acu-1"),
        "{}",
        told[0].1.subject
    );
    assert!(told[0].1.urgent);

    let entries = engine
        .take_changes()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?.concat())));
    let mut restored = Engine::restore(settings(), entries, engine.position()).unwrap();
    assert_eq!(restored.state_hash(), engine.state_hash());
    let again: Vec<_> = restored.poll(now()).into_iter().flat_map(|d| d.events).collect();
    let raised = again.iter().filter(|e| e.fact.name() == "alert.raised").count();
    assert_eq!(raised, 0, "{again:?}");
}
