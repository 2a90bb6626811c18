//! How a chart is kept, and when a checkpoint was taken, change nothing that is decided.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;

use care::id::{NoticeId, OrgId};
use care::time::Timestamp;
use care::{Event, Policy};
use engine::{Decision, Engine, Settings, Value};
use mailer::Delivery;

const WEEK: &str = r#"[{"day":"mon","from":"08:00","to":"18:00"},{"day":"tue","from":"08:00","to":"18:00"},{"day":"wed","from":"08:00","to":"18:00"},{"day":"thu","from":"08:00","to":"18:00"},{"day":"fri","from":"08:00","to":"18:00"}]"#;

fn fact(id: &str, kind: &str, subject: &str, time: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/{subject}","time":"{time}","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{id}: {fault}"))
}

fn calendar(revision: u32, closures: &str) -> Event {
    let data = format!(
        r#"{{"revision":{revision},"timezone":"America/Toronto","weekly":{WEEK},"closures":{closures}}}"#
    );
    fact(
        &format!("c-{revision}"),
        "calendar.published",
        "practitioner/acu-1",
        "2026-06-01T12:00:00Z",
        &data,
    )
}

fn facts() -> Vec<Event> {
    let at = "2026-06-01T12:30:00Z";
    let plan = |n: u32| {
        format!(
            r#"{{"plan_id":"cp-{n}","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","patient":{{}},"team":[
            {{"role":"pcp","member_id":"m-1","email":"pcp@a.example"}},
            {{"role":"acupuncturist","member_id":"m-3","email":"acu@a.example","practitioner":"acu-1"}},
            {{"role":"care_coordinator","member_id":"m-5","email":"coord@a.example"}}],
            "ea":{{"duration_min":45,"points":["BL23","GB34"]}},"oswestry":{{"baseline_on":"2026-06-01"}}}}"#
        )
    };
    let mut facts = vec![calendar(1, "[]")];
    for n in 0..4 {
        let about = format!("patient/p-{n}");
        facts.push(fact(&format!("plan-{n}"), "plan.activated", &about, at, &plan(n)));
        let pt = format!(
            r#"{{"session_id":"pt-{n}","revision":1,"modality":"pt","start":"2026-06-1{n}T15:00:00Z","end":"2026-06-1{n}T16:00:00Z","clinic":"eastside-pt"}}"#
        );
        facts.push(fact(&format!("s-{n}"), "session.booked", &about, at, &pt));
    }
    let flag = r#"{"assessment_id":"f-1","performed_at":"2026-06-01T12:40:00Z","by":{"role":"pcp","member_id":"m-1"},"items":["bladder_change"]}"#;
    facts.push(fact(
        "f-1",
        "assessment.red_flag",
        "patient/p-2",
        "2026-06-01T12:40:00Z",
        flag,
    ));
    facts
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn settings() -> Settings {
    Settings::new(OrgId::new("acme").unwrap(), Policy::default())
}

/// A log, the engine that reads it, and what it said.
struct Clinic {
    engine: Engine,
    log: Vec<Event>,
    said: Vec<Decision>,
    folds: bool,
}

impl Clinic {
    fn new(folds: bool) -> Self {
        Self {
            engine: Engine::new(settings()),
            log: Vec::new(),
            said: Vec::new(),
            folds,
        }
    }

    fn append(&mut self, event: Event) {
        self.log.push(event);
        self.engine.apply(self.log.last().unwrap(), self.log.len() as u64);
        self.fold();
    }

    fn fold(&mut self) {
        // Longer than any chart stays open without being touched.
        for _ in 0..if self.folds { 12 } else { 0 } {
            self.engine.fold_idle(usize::MAX);
        }
    }

    fn settle(&mut self, now: Timestamp) {
        while self.engine.is_due(now) {
            for decision in self.engine.poll(now) {
                for event in &decision.events {
                    self.append(event.clone());
                }
                for mail in &decision.mails {
                    let notice = NoticeId::new(&mail.notice_id).unwrap();
                    let sent = Delivery::Sent { reply: Some(250) };
                    self.engine.claimed(&decision.about, &notice, mail.attempt);
                    self.engine
                        .delivered(&decision.about, &notice, mail.attempt, sent, now);
                }
                self.said.push(decision);
            }
            self.fold();
        }
    }
}

#[test]
fn a_chart_that_is_folded_after_every_step_decides_as_one_that_stays_open() {
    let mut open = Clinic::new(false);
    let mut folded = Clinic::new(true);
    let closed = calendar(
        2,
        r#"[{"from":"2026-06-08T04:00:00Z","to":"2026-06-10T04:00:00Z"}]"#,
    );
    for clinic in [&mut open, &mut folded] {
        for event in facts() {
            clinic.append(event);
        }
        clinic.settle(at("2026-06-01T13:00:00Z"));
        clinic.append(closed.clone());
        clinic.settle(at("2026-06-02T13:00:00Z"));
        clinic.settle(at("2026-06-20T13:00:00Z"));
    }
    assert!(open.said.len() > 20, "there was something to decide");
    assert_eq!(open.said, folded.said);
    assert_eq!(open.engine.state_hash(), folded.engine.state_hash());
    assert!(
        open.engine
            .charts()
            .iter()
            .zip(folded.engine.charts())
            .all(|(a, b)| **a == *b)
    );
    assert_eq!(folded.engine.open_charts(), 0, "everybody is at rest");
    assert_eq!(open.engine.open_charts(), 4);
    let checkpoint = |engine: &mut Engine| engine.take_changes().into_iter().collect::<BTreeMap<_, _>>();
    assert_eq!(checkpoint(&mut open.engine), checkpoint(&mut folded.engine));
}

#[test]
fn nobody_is_looked_at_again_after_a_restart_who_was_settled() {
    let mut clinic = Clinic::new(false);
    for event in facts() {
        clinic.append(event);
    }
    let now = at("2026-06-01T13:00:00Z");
    clinic.settle(now);
    let entries = clinic.engine.take_changes();
    let entries = entries
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?.concat())));
    let mut restored = Engine::restore(settings(), entries, clinic.engine.position()).unwrap();
    let first = restored.agenda().next().cloned();
    assert!(!restored.is_due(now), "{first:?} {:?}", restored.poll(now));
    assert_eq!(restored.open_charts(), 0);
    assert_eq!(restored.state_hash(), clinic.engine.state_hash());
    assert!(
        restored.agenda().eq(clinic.engine.agenda()),
        "and everybody's turn comes when it would have"
    );
    let next = restored.wake_at().unwrap();
    assert_eq!(restored.poll(next), clinic.engine.poll(next));
}

#[test]
fn a_checkpoint_between_a_calendar_and_its_consequences_forgets_none_of_them() {
    let mut clinic = Clinic::new(false);
    for event in facts() {
        clinic.append(event);
    }
    let now = at("2026-06-01T13:00:00Z");
    clinic.settle(now);
    let mut saved: BTreeMap<Vec<u8>, Option<Value>> = clinic.engine.take_changes().into_iter().collect();
    // Everybody is settled. The acupuncturist closes the days of two EA, and the process dies before it has decided.
    clinic.append(calendar(
        2,
        r#"[{"from":"2026-06-08T04:00:00Z","to":"2026-06-10T04:00:00Z"}]"#,
    ));
    saved.extend(clinic.engine.take_changes());
    let entries = saved
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?.concat())));
    let mut restored = Engine::restore(settings(), entries, clinic.engine.position()).unwrap();
    let decided = restored.poll(now);
    assert_eq!(decided, clinic.engine.poll(now));
    assert!(
        decided
            .iter()
            .flat_map(|d| &d.events)
            .any(|e| e.fact.name().starts_with("session.")),
        "{decided:?}"
    );
}

#[test]
fn a_backlog_that_is_folded_patient_by_patient_gives_the_same() {
    let mut known = Clinic::new(false);
    for event in facts() {
        known.append(event);
    }
    known.settle(at("2026-06-01T13:00:00Z"));
    known.settle(at("2026-06-20T13:00:00Z"));
    for cut in [0, known.log.len() / 2, known.log.len()] {
        let mut engine = Engine::new(settings());
        engine.begin_backlog();
        for (n, event) in known.log.iter().enumerate() {
            if n == cut {
                engine.end_backlog();
                engine.begin_backlog();
            }
            engine.apply(event, n as u64 + 1);
        }
        // What is shown is right before it is folded, too.
        assert_eq!(engine.state_hash(), known.engine.state_hash());
        let now = at("2026-06-21T13:00:00Z");
        let mut live = Engine::new(settings());
        for (n, event) in known.log.iter().enumerate() {
            live.apply(event, n as u64 + 1);
        }
        assert_eq!(engine.poll(now), live.poll(now), "cut at {cut}");
        assert_eq!(engine.state_hash(), known.engine.state_hash());
        assert_eq!(
            engine.diary(),
            live.diary(),
            "what spans patients is known as well"
        );
    }
}

#[test]
fn every_kind_of_fact_can_be_set_down() {
    let lines = include_str!("../../care/tests/data/examples.jsonl");
    let events: Vec<Event> = lines
        .lines()
        .map(|line| Event::decode_line(line).unwrap_or_else(|fault| panic!("{fault}")))
        .collect();
    let (mut live, mut behind) = (Engine::new(settings()), Engine::new(settings()));
    behind.begin_backlog();
    for (n, event) in events.iter().enumerate() {
        live.apply(event, n as u64 + 1);
        behind.apply(event, n as u64 + 1);
    }
    assert_eq!(behind.state_hash(), live.state_hash());
    behind.end_backlog();
    assert_eq!(behind.state_hash(), live.state_hash());
    assert_eq!(behind.open_charts(), 0);
}
