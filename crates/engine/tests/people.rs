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
        let entries = saved.into_iter().filter_map(|(key, value)| Some((key, value?)));
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
