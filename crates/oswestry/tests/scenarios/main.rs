//! The worker on charts: each scenario of the two-week clock as a story of facts and what follows.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answering;
mod ending;
mod laws;
mod reminding;
mod scoring;

use care::id::{EventId, OrgId, PatientId, Source};
use care::time::{TimeZone, Timestamp};
use care::{About, Chart, Draft, Event, Fact, Policy};

/// One patient of one organisation: facts arrive at their times, and a worker is woken by them and when it asked.
#[derive(Clone)]
struct Story {
    chart: Chart,
    policy: Policy,
    now: Timestamp,
    /// Facts to come: when each arrives, and the fact.
    coming: Vec<(Timestamp, Event)>,
    facts: u32,
}

/// `2026-06-15 08:00` in Toronto.
fn toronto(text: &str) -> Timestamp {
    let (date, time) = text.split_once(' ').unwrap();
    let date: care::time::Date = date.parse().unwrap();
    date.to_datetime(time.parse().unwrap())
        .to_zoned(TimeZone::get("America/Toronto").unwrap())
        .unwrap()
        .timestamp()
}

fn patient() -> PatientId {
    PatientId::new("p-1").unwrap()
}

/// An event of the outside world about the patient.
fn event(id: &str, at: Timestamp, name: &str, data: &str) -> Event {
    Event {
        org: OrgId::new("acme").unwrap(),
        about: About::Patient(patient()),
        id: EventId::new(id).unwrap(),
        source: Source::new("urn:carebus:acme:clinic").unwrap(),
        time: at,
        causation: None,
        correlation: None,
        fact: Fact::parse(name, data)
            .unwrap()
            .unwrap_or_else(|e| panic!("{name}: {e}")),
    }
}

fn plan(revision: u32, zone: &str, baseline_on: &str) -> String {
    format!(
        r#"{{"plan_id":"cp-1","revision":{revision},"timezone":"{zone}","started_on":"2026-06-01","team":[],
            "oswestry":{{"baseline_on":"{baseline_on}","every_days":14}}}}"#
    )
}

fn mark(revision: u32, reason: &str) -> String {
    format!(r#"{{"plan_id":"cp-1","revision":{revision},"reason":"{reason}"}}"#)
}

fn odi(id: &str, at: Timestamp, items: &str) -> String {
    format!(
        r#"{{"assessment_id":"{id}","performed_at":"{at}","by":{{"role":"patient"}},"instrument_version":"2.1a",
            "items":[{items}]}}"#
    )
}

/// Twenty of ten: 40 %.
const TWENTY: &str = "2,2,2,2,2,2,2,2,2,2";
/// Ten of ten: 20 %.
const TEN: &str = "1,1,1,1,1,1,1,1,1,1";

impl Story {
    /// A plan activated on 1 June 2026 in the morning, baseline that day.
    fn begin() -> Self {
        Self::before_any_plan().fact(
            "2026-06-01 07:00",
            "plan.activated",
            &plan(1, "America/Toronto", "2026-06-01"),
        )
    }

    /// The same with the baseline done that morning, and scored.
    fn with_baseline() -> Self {
        let mut story = Self::begin().odi("2026-06-01 07:30", "a-0", TWENTY);
        assert_eq!(
            story.until("2026-06-02 00:00"),
            ["06-01 07:30 scored a-0 20/10 40.0 %, answers 06-01",]
        );
        story
    }

    fn before_any_plan() -> Self {
        Self {
            chart: Chart::new(patient()),
            policy: Policy::default(),
            now: toronto("2026-05-01 00:00"),
            coming: Vec::new(),
            facts: 0,
        }
    }

    /// A fact that arrives when it happens.
    fn fact(self, at: &str, name: &str, data: &str) -> Self {
        self.late_fact(at, at, name, data)
    }

    fn late_fact(mut self, arrives: &str, at: &str, name: &str, data: &str) -> Self {
        self.facts += 1;
        let event = event(&format!("e-{}", self.facts), toronto(at), name, data);
        self.coming.push((toronto(arrives), event));
        self.coming.sort_by_key(|(arrives, _)| *arrives);
        self
    }

    fn odi(self, at: &str, id: &str, items: &str) -> Self {
        self.late_odi(at, at, id, items)
    }

    fn late_odi(self, arrives: &str, at: &str, id: &str, items: &str) -> Self {
        self.late_fact(arrives, at, "assessment.oswestry", &odi(id, toronto(at), items))
    }

    fn retracted(self, at: &str, id: &str) -> Self {
        self.fact(
            at,
            "assessment.retracted",
            &format!(r#"{{"assessment_id":"{id}","reason":"wrong patient"}}"#),
        )
    }

    /// Lets the worker run until a time in Toronto; what it said, a line each.
    fn until(&mut self, end: &str) -> Vec<String> {
        let end = toronto(end);
        let mut lines = Vec::new();
        loop {
            let look_again = oswestry::react(&self.chart, &self.policy, self.now).look_again;
            let arrival = self.coming.first().map(|(at, _)| *at);
            match look_again
                .into_iter()
                .chain(arrival)
                .min()
                .filter(|at| *at <= end)
            {
                Some(at) => self.now = self.now.max(at),
                None => break,
            }
            self.take_in();
            lines.extend(self.ask(self.now).0);
        }
        self.now = end;
        lines
    }

    /// Nobody is asked until then, then once: the worker was down.
    fn down_until(&mut self, end: &str) -> Vec<String> {
        self.now = toronto(end);
        self.take_in();
        self.ask(self.now).0
    }

    /// Folds in what has arrived.
    fn take_in(&mut self) {
        while self.coming.first().is_some_and(|(at, _)| *at <= self.now) {
            let (_, event) = self.coming.remove(0);
            self.chart.apply(&event);
        }
    }

    /// Asks once, folds the answer in, and makes sure that asking again adds nothing.
    fn ask(&mut self, now: Timestamp) -> (Vec<String>, Option<Timestamp>) {
        let reaction = oswestry::react(&self.chart, &self.policy, now);
        let lines = reaction.facts.iter().map(|draft| line(draft, now)).collect();
        for draft in reaction.facts {
            self.chart.apply(&draft.at(&OrgId::new("acme").unwrap(), now));
        }
        let again = oswestry::react(&self.chart, &self.policy, now);
        assert_eq!(again.facts, [], "asked twice at {now}");
        assert!(
            again.look_again.is_none_or(|at| at > now),
            "woken in the past at {now}"
        );
        (lines, again.look_again)
    }
}

/// `06-15 08:00 due 06-15 (1)`, in Toronto's time.
fn line(draft: &Draft, now: Timestamp) -> String {
    let at = now
        .to_zoned(TimeZone::get("America/Toronto").unwrap())
        .strftime("%m-%d %H:%M")
        .to_string();
    let day = |date: care::time::Date| date.strftime("%m-%d").to_string();
    match &draft.fact {
        Fact::OswestryDue(r) => format!("{at} due {} ({})", day(r.due_on), r.k),
        Fact::OswestryOverdue(r) => format!(
            "{at} overdue {} ({}) step {}",
            day(r.due_on),
            r.k,
            r.step.unwrap()
        ),
        Fact::OswestryMissed(r) => format!("{at} missed {} ({})", day(r.due_on), r.k),
        Fact::OswestryScored(s) => {
            let worth = s
                .percent
                .map_or("invalid".to_owned(), |percent| format!("{percent:.1} %"));
            let answers = s
                .answers_due
                .map_or("unscheduled".to_owned(), |due| format!("answers {}", day(due)));
            format!(
                "{at} scored {} {}/{} {worth}, {answers}",
                s.assessment_id, s.sum, s.answered
            )
        }
        other => panic!("not for this worker to say: {}", other.name()),
    }
}
