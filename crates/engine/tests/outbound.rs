//! Room in the mail lanes, from the outside: few claims are open, everybody's turn comes, an outage's end wakes what it
//! put off.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use care::id::{NoticeId, OrgId};
use care::time::{Timestamp, minutes};
use care::{Event, Policy};
use engine::{Engine, Settings};
use mailer::{Bounds, Delivery, Mail};

const BOUNDS: Bounds = Bounds {
    routine: 3,
    urgent: 2,
    per_domain: 2,
};

fn start() -> Timestamp {
    "2026-06-01T14:00:00Z".parse().unwrap()
}

fn settings() -> Settings {
    let mut settings = Settings::new(OrgId::new("acme").unwrap(), Policy::default());
    settings.bounds = BOUNDS;
    settings
}

fn line(patient: u32, kind: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{kind}-{patient}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/patient/p-{patient}","time":"2026-06-01T14:00:00Z","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{line}: {fault}"))
}

/// A patient whose coordinator has mail at a domain, and hears that the Oswestry is due.
fn plan(patient: u32, domain: &str) -> Event {
    let data = format!(
        r#"{{"plan_id":"cp-{patient}","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","patient":{{}},"team":[{{"role":"care_coordinator","member_id":"m-{patient}","email":"m-{patient}@{domain}.example"}}],"ea":{{"duration_min":45,"points":["BL23"]}},"oswestry":{{"baseline_on":"2026-06-01"}}}}"#
    );
    line(patient, "plan.activated", &data)
}

fn red_flag(patient: u32) -> Event {
    let data = format!(
        r#"{{"assessment_id":"a-{patient}","performed_at":"2026-06-01T14:00:00Z","by":{{"role":"patient"}},"items":["bladder_change"],"onset_at":"2026-06-01T14:00:00Z"}}"#
    );
    line(patient, "assessment.red_flag", &data)
}

/// An engine, its log, and the mails that were claimed and have no end yet.
struct World {
    engine: Engine,
    now: Timestamp,
    under_way: VecDeque<(care::About, Mail)>,
    sent: Vec<Mail>,
}

impl World {
    fn new(events: impl IntoIterator<Item = Event>) -> Self {
        let mut world = Self {
            engine: Engine::new(settings()),
            now: start(),
            under_way: VecDeque::new(),
            sent: Vec::new(),
        };
        events.into_iter().for_each(|event| world.append(&event));
        world
    }

    fn append(&mut self, event: &Event) {
        self.engine.apply(event, self.engine.position() + 1);
    }

    /// Polls until nothing more is said.
    fn settle(&mut self) {
        for _ in 0..100 {
            if !self.engine.is_due(self.now) {
                return;
            }
            for decision in self.engine.poll(self.now) {
                decision.events.iter().for_each(|event| self.append(event));
                for mail in decision.mails {
                    let notice = NoticeId::new(&mail.notice_id).unwrap();
                    self.engine.claimed(&decision.about, &notice, mail.attempt);
                    self.under_way.push_back((decision.about.clone(), mail));
                }
            }
        }
        panic!("it is due for ever");
    }

    /// The carrier answers for the mail that has been under way the longest.
    fn answer(&mut self, delivery: Delivery) {
        let (about, mail) = self.under_way.pop_front().unwrap();
        let notice = NoticeId::new(&mail.notice_id).unwrap();
        self.engine
            .delivered(&about, &notice, mail.attempt, delivery, self.now);
        self.sent.push(mail);
    }

    fn domains(&self) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for (_, mail) in &self.under_way {
            let domain = mail.to.expose().rsplit_once('@').unwrap().1.to_owned();
            *all.entry(domain).or_default() += 1;
        }
        all
    }
}

const SENT: Delivery = Delivery::Sent { reply: Some(250) };

#[test]
fn few_claims_are_open_at_a_time_and_everybodys_turn_comes() {
    let mut world = World::new((0..20).map(|n| plan(n, if n < 10 { "a" } else { "b" })));
    loop {
        world.settle();
        assert!(world.under_way.len() <= BOUNDS.routine, "{:?}", world.domains());
        assert!(world.domains().values().all(|n| *n <= BOUNDS.per_domain));
        assert_eq!(world.engine.lanes().open(), (world.under_way.len(), 0));
        if world.under_way.is_empty() {
            break;
        }
        world.answer(SENT);
    }
    let told: BTreeSet<&String> = world.sent.iter().map(|mail| mail.to.expose()).collect();
    assert_eq!(told.len(), 20);
}

#[test]
fn urgent_mail_does_not_stand_in_the_line_of_routine_mail() {
    let mut world = World::new((0..9).map(|n| plan(n, &format!("d{n}"))));
    world.settle();
    assert_eq!(world.engine.lanes().open(), (3, 0));
    world.append(&plan(99, "d1"));
    world.append(&red_flag(99));
    world.settle();
    assert_eq!(world.engine.lanes().open(), (3, 1));
}

#[test]
fn who_waits_is_not_forgotten_by_a_checkpoint() {
    let mut world = World::new((0..9).map(|n| plan(n, &format!("d{n}"))));
    world.settle();
    while !world.under_way.is_empty() {
        // The three that have the room are done, and their places are taken at once; then the process is gone.
        world.answer(SENT);
    }
    let changes = world.engine.take_changes().into_iter();
    let entries = changes.filter_map(|(key, value)| Some((key, value?.concat())));
    let restored = Engine::restore(settings(), entries, world.engine.position()).unwrap();
    let sent = world.sent.len();
    world.engine = restored;
    world.settle();
    while !world.under_way.is_empty() {
        world.answer(SENT);
        world.settle();
    }
    assert!(world.sent.len() >= 9, "{sent}, then {}", world.sent.len());
}

#[test]
fn what_an_outage_put_off_is_due_when_it_ends() {
    let mut world = World::new([plan(1, "d1"), red_flag(1)]);
    world.settle();
    let late = |minute: i64| start().saturating_add(minutes(minute)).unwrap();
    // The server goes away; the urgent mail fails for the third time, and would wait half an hour.
    for minute in [0, 2, 9] {
        world.now = late(minute);
        world.engine.pause_mail(Some(late(0)), world.now);
        world.settle();
        assert_eq!(world.under_way.len(), 1, "urgent mail tries, at minute {minute}");
        world.answer(Delivery::Deferred { reply: None });
        world.settle();
    }
    world.now = late(12);
    world.engine.pause_mail(Some(late(0)), world.now);
    world.settle();
    assert!(world.under_way.is_empty(), "it is not its time");
    world.engine.pause_mail(None, world.now);
    world.settle();
    assert_eq!(world.under_way.len(), 1, "now it is");
    // Once, not again and again.
    world.answer(Delivery::Deferred { reply: Some(451) });
    world.settle();
    assert!(world.under_way.is_empty());
}

#[test]
fn a_claim_that_came_back_although_its_append_was_not_answered_is_no_mail_under_way() {
    let mut world = World::new([plan(1, "a")]);
    let about = loop {
        let decision = world.engine.poll(world.now).remove(0);
        decision.events.iter().for_each(|event| world.append(event));
        if !decision.mails.is_empty() {
            // The answer was lost: the mail is not handed over, although its claim is in the log.
            break decision.about;
        }
    };
    world.engine.give_up(&about);
    world.now += minutes(10);
    world.settle();
    assert_eq!(world.under_way.len(), 1, "it is tried again");
    assert_eq!(world.under_way[0].1.attempt, 2);
}
