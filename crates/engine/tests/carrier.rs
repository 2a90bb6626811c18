//! A carrier may be faster than the log: its answer must not get lost because the claim is not back yet.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use care::id::{NoticeId, OrgId};
use care::time::Timestamp;
use care::{Event, Policy};
use engine::{Decision, Engine, Settings};
use mailer::Delivery;

fn line(id: &str, kind: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/patient/p-1","time":"2026-06-01T14:00:00Z","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{id}: {fault}"))
}

fn now() -> Timestamp {
    "2026-06-01T14:00:00Z".parse().unwrap()
}

/// Polls until a decision claims mail; what comes before is in the log at once.
fn until_a_claim(engine: &mut Engine) -> Decision {
    for _ in 0..10 {
        for decision in engine.poll(now()) {
            if !decision.mails.is_empty() {
                return decision;
            }
            append(engine, &decision.events);
        }
    }
    panic!("nobody is told anything");
}

fn append(engine: &mut Engine, events: &[Event]) {
    for event in events {
        engine.apply(event, engine.position() + 1);
    }
}

#[test]
fn an_answer_that_is_there_before_its_claim_is_back_is_told_once_it_is() {
    let mut engine = Engine::new(Settings::new(OrgId::new("acme").unwrap(), Policy::default()));
    let plan = r#"{"plan_id":"cp-1","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","patient":{},
        "team":[{"role":"care_coordinator","member_id":"m-5","email":"m-5@care.example"}],
        "ea":{"duration_min":45,"points":["BL23"]},"oswestry":{"baseline_on":"2026-06-01"}}"#;
    append(
        &mut engine,
        &[line("e1", "plan.activated", &plan.replace('\n', ""))],
    );
    let decision = until_a_claim(&mut engine);

    for mail in &decision.mails {
        let notice = NoticeId::new(&mail.notice_id).unwrap();
        engine.claimed(&decision.about, &notice, mail.attempt);
        let delivery = Delivery::Sent { reply: Some(250) };
        engine.delivered(&decision.about, &notice, mail.attempt, delivery, now());
    }
    append(&mut engine, &decision.events);

    let told: Vec<String> = engine
        .poll(now())
        .iter()
        .flat_map(|d| &d.events)
        .map(|e| e.fact.name())
        .collect();
    assert_eq!(told, vec!["notice.sent"; decision.mails.len()]);
}
