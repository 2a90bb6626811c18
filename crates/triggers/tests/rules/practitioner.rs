//! Practitioners: one alert for all patients, told again while it holds, ended when the credentials say so.

use care::chart::Stamp;
use care::diary::Practitioner;
use care::id::{EventId, OrgId, PractitionerId};
use care::time::{TimeZone, Timestamp};
use care::{Event, Fact, Policy};
use serde_json::{Value, json};
use triggers::{UpcomingEa, react_to_practitioner};

use crate::story::NOTHING;

struct Office {
    known: Practitioner,
    policy: Policy,
    upcoming: Vec<(Timestamp, Stamp)>,
    count: u32,
}

fn at(text: &str) -> Timestamp {
    let text = if text.len() == 10 {
        format!("{text}T14:00")
    } else {
        text.to_owned()
    };
    format!("{text}:00Z").parse().expect("an instant")
}

impl Office {
    fn new() -> Self {
        Self {
            known: Practitioner::default(),
            policy: Policy::default(),
            upcoming: Vec::new(),
            count: 0,
        }
    }

    fn policy(text: &str) -> Self {
        let policy = Policy::parse(&format!("[practitioners]\n{text}\n")).expect("a policy");
        Self {
            policy,
            ..Self::new()
        }
    }

    /// Credentials with what every test has: a course.
    fn publish(&mut self, when: &str, mut data: Value) {
        self.count += 1;
        if data.get("continuing_education").is_none() {
            data["continuing_education"] = json!([{"topic": "adverse_event_reporting", "on": "2026-05-01"}]);
        }
        let line = json!({
            "specversion": "1.0", "id": format!("c-{}", self.count), "source": "urn:carebus:acme:office",
            "type": "carebus.credentials.published.v1", "subject": "acme/practitioner/acu-1",
            "time": at(when).to_string(), "data": data,
        });
        self.known
            .apply(&Event::decode_line(&line.to_string()).expect("credentials"));
    }

    fn verified(&mut self, when: &str, through: &str) {
        let data = json!({"kind": "licence", "licence_no": "A-4711", "verified_at": at(when).to_string(), "expires_on": through});
        self.publish(when, data);
    }

    fn book(&mut self, when: &str, start: &str) {
        self.count += 1;
        let id = EventId::new(format!("b-{}", self.count)).expect("an id");
        let stamp = Stamp {
            time: at(when),
            id,
            correlation: None,
        };
        self.upcoming.push((at(start), stamp));
        self.upcoming.sort();
    }

    fn reaction(&self, now: &str) -> care::Reaction {
        let now = at(now);
        let ahead = self.upcoming.iter().filter(|(start, _)| *start > now);
        let upcoming: Vec<UpcomingEa<'_>> = ahead
            .map(|(start, booked)| UpcomingEa {
                start: *start,
                booked,
            })
            .collect();
        let id = PractitionerId::new("acu-1").expect("an id");
        react_to_practitioner(&id, &self.known, &upcoming, TimeZone::UTC, &self.policy, now)
    }

    /// What is said, after which the log holds it and nothing more is said.
    fn poll(&mut self, now: &str) -> Vec<String> {
        let org = OrgId::new("acme").expect("an id");
        let facts = self.reaction(now).facts;
        let events: Vec<Event> = facts.into_iter().map(|draft| draft.at(&org, at(now))).collect();
        for event in &events {
            let line = event.encode();
            let back = Event::decode_line(&line);
            assert!(back.is_ok(), "the contract refuses {line:?}");
            self.known.apply(event);
        }
        assert_eq!(self.reaction(now).facts, [], "said twice");
        events.iter().map(|event| self.says(event)).collect()
    }

    fn says(&self, event: &Event) -> String {
        let rule = |id: &care::id::AlertId| {
            let raised = self.known.alerts[id].raised.as_ref();
            raised.map_or_else(String::new, |(_, raised)| {
                raised.rule.as_str().replace("practitioner-", "")
            })
        };
        match &event.fact {
            Fact::AlertRaised(a) => format!("{} {}", rule(&a.alert_id), a.severity.code()),
            Fact::AlertEscalated(a) => format!("{} {} again: {}", rule(&a.alert_id), a.step, a.reason),
            Fact::AlertResolved(a) => format!("{} ends: {}", rule(&a.alert_id), a.outcome),
            other => other.name().to_string(),
        }
    }

    fn physician(&mut self, when: &str, hours: u32) {
        let data = json!({"kind": "physician", "verified_at": at(when).to_string(), "training_hours": hours});
        self.publish(when, data);
    }
}

#[test]
fn a_physician_with_the_hours_asked_for_qualifies_and_one_hour_less_does_not() {
    let mut office = Office::new();
    office.physician("2026-06-01", 120);
    assert_eq!(office.poll("2026-06-01"), NOTHING);
    office.physician("2026-06-02", 119);
    assert_eq!(office.poll("2026-06-02"), ["qualified urgent"]);
    office.physician("2026-06-03", 119);
    assert_eq!(
        office.poll("2026-06-03T15:00"),
        ["qualified 1 again: unacknowledged"]
    );
    office.physician("2026-06-04", 100);
    assert_eq!(
        office.poll("2026-06-04"),
        ["qualified urgent", "qualified ends: credentials-changed"]
    );
    office.physician("2026-06-05", 200);
    assert_eq!(office.poll("2026-06-05"), ["qualified ends: credentials-changed"]);
    office.physician("2026-06-08", 119);
    assert_eq!(office.poll("2026-06-08"), ["qualified urgent"], "another round");
}

#[test]
fn nothing_published_is_judged_only_where_it_must_be_published() {
    let mut office = Office::new();
    office.book("2026-06-01", "2026-06-10");
    assert_eq!(office.poll("2026-06-01"), NOTHING);
    let mut office = Office::policy("must_publish = true");
    assert_eq!(office.poll("2026-06-01"), NOTHING, "nobody has to do with them");
    office.book("2026-06-01", "2026-06-10");
    assert_eq!(
        office.poll("2026-06-01"),
        ["qualified urgent", "licence-current urgent"]
    );
    office.verified("2026-06-01T15:00", "2026-12-31");
    let ends = [
        "qualified ends: credentials-changed",
        "licence-current ends: verified",
    ];
    let mut said = office.poll("2026-06-01T15:00");
    said.sort_by(|a, b| b.cmp(a));
    assert_eq!(said, ends);
}

#[test]
fn a_licence_that_ends_before_a_booked_ea_is_told_every_seven_days_until_it_is_renewed() {
    let mut office = Office::new();
    office.verified("2026-06-01", "2026-06-30");
    office.book("2026-06-01", "2026-06-30T23:00");
    assert_eq!(
        office.poll("2026-06-01"),
        NOTHING,
        "the last day is a day it holds"
    );
    office.book("2026-06-01", "2026-07-01T00:30");
    assert_eq!(office.poll("2026-06-01"), ["licence-current urgent"]);
    let raised = office
        .known
        .alerts
        .values()
        .find_map(|a| a.raised.clone())
        .expect("an alert");
    let text = format!("{:?}", raised.1);
    assert!(!text.contains("4711"), "{text}");
    assert_eq!(raised.1.values["first_ea"], "2026-07-01");
    assert_eq!(raised.1.because.len(), 2);
    assert_eq!(
        office.poll("2026-06-01T18:00"),
        ["licence-current 1 again: unacknowledged"]
    );
    assert_eq!(office.poll("2026-06-08T13:59"), NOTHING);
    let wake = office.reaction("2026-06-08T13:59").look_again;
    assert_eq!(wake, Some(at("2026-06-08T14:00")));
    assert_eq!(
        office.poll("2026-06-08T14:00"),
        ["licence-current 2 again: overdue"]
    );
    assert_eq!(
        office.poll("2026-06-25T14:00"),
        ["licence-current 3 again: overdue"],
        "no storm after a pause"
    );
    office.verified("2026-06-26", "2027-06-30");
    assert_eq!(office.poll("2026-06-26"), ["licence-current ends: renewed"]);
}

#[test]
fn it_stands_though_the_ea_is_gone_and_is_not_told_again_then() {
    let mut office = Office::new();
    office.verified("2026-06-01", "2026-06-30");
    office.book("2026-06-01", "2026-07-01");
    assert_eq!(office.poll("2026-06-01"), ["licence-current urgent"]);
    office.upcoming.clear();
    assert_eq!(
        office.poll("2026-06-01T18:00"),
        ["licence-current 1 again: unacknowledged"]
    );
    assert_eq!(office.poll("2026-06-09"), NOTHING);
}

#[test]
fn one_year_without_a_course_is_told_once_and_the_next_year_again() {
    let course = |on: &str| {
        json!({"kind": "lac", "verified_at": "2026-05-01T00:00:00Z",
        "continuing_education": [{"topic": "adverse_event_reporting", "on": on}, {"topic": "imaging", "on": "2026-06-01"}]})
    };
    let mut office = Office::new();
    office.publish("2026-06-01", course("2025-06-15"));
    assert_eq!(office.poll("2026-06-15T23:59"), NOTHING);
    let wake = office.reaction("2026-06-15T23:59").look_again;
    assert_eq!(wake, Some(at("2026-06-16T00:00")));
    assert_eq!(office.poll("2026-06-16T00:00"), ["continuing-education info"]);
    assert_eq!(office.poll("2027-06-15T23:59"), NOTHING);
    assert_eq!(
        office.poll("2027-06-16T00:00"),
        [
            "continuing-education info",
            "continuing-education ends: another-year"
        ]
    );
    office.publish("2027-07-01", course("2027-06-30"));
    assert_eq!(office.poll("2027-07-01"), ["continuing-education ends: recorded"]);
}
