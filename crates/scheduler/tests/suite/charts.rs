//! The worker itself: facts in, drafts out, folded back into the chart, for random stories of the world.

use care::envelope::Event;
use care::fact::Fact;
use care::fact::session::Unprepared;
use care::id::{OrgId, PatientId, SessionId};
use care::time::{Timestamp, hours, minutes};
use care::{Chart, Diary, Policy, Reaction};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::generate::runner;
use crate::world::{acu, at};

/// Charts and diary of one organisation, folded from a log.
struct Clinic {
    now: Timestamp,
    charts: Vec<Chart>,
    diary: Diary,
    told: u64,
}

impl Clinic {
    fn new(now: &str, patients: usize) -> Self {
        let ids = (0..patients).map(|n| PatientId::new(format!("p-{n}")).unwrap());
        let charts = ids.map(Chart::new).collect();
        let mut clinic = Self {
            now: at(now),
            charts,
            diary: Diary::default(),
            told: 0,
        };
        let weekly: Vec<Value> = ["mon", "tue", "wed", "thu", "fri"]
            .map(|d| json!({"day": d, "from": "08:00", "to": "12:00"}))
            .into();
        clinic.practitioner(
            "calendar.published",
            json!({"revision": 1, "timezone": "UTC", "weekly": weekly}),
        );
        for patient in 0..patients {
            let team = json!([{"role": "acupuncturist", "member_id": "m-3", "practitioner": "acu-1"}]);
            let plan = json!({"plan_id": "cp", "revision": 1, "timezone": "UTC", "started_on": "2026-05-01",
                "team": team, "ea": {"points": ["BL23", "ST36"]}});
            clinic.tell(patient, "plan.activated", plan);
        }
        clinic
    }

    fn event(&mut self, subject: &str, name: &str, data: &Value) -> Event {
        self.told += 1;
        let line = json!({"specversion": "1.0", "id": format!("e-{}", self.told), "source": "urn:world",
            "type": format!("carebus.{name}.v1"), "subject": subject, "time": self.now.to_string(), "data": data});
        Event::decode_line(&line.to_string()).unwrap()
    }

    fn practitioner(&mut self, name: &str, data: Value) {
        let event = self.event("acme/practitioner/acu-1", name, &data);
        self.diary.practitioner_mut(&acu("acu-1")).apply(&event);
    }

    fn tell(&mut self, patient: usize, name: &str, data: Value) {
        let event = self.event(&format!("acme/patient/p-{patient}"), name, &data);
        self.fold(patient, &event);
    }

    fn fold(&mut self, patient: usize, event: &Event) {
        let chart = &mut self.charts[patient];
        let leave = |diary: &mut Diary, chart: &Chart| {
            chart
                .sessions
                .iter()
                .for_each(|(id, session)| diary.leave(&chart.patient, id, session));
        };
        leave(&mut self.diary, chart);
        let _applied = chart.apply(event);
        self.diary.enter_all(chart);
    }

    fn react(&self) -> Vec<(PatientId, Reaction)> {
        let charts: Vec<&Chart> = self.charts.iter().collect();
        scheduler::react(&charts, &self.diary, &Policy::default(), self.now)
    }

    /// Reacts, folds the drafts, and checks that there is nothing left to say.
    fn settle(&mut self) -> Vec<Fact> {
        let org = OrgId::new("acme").unwrap();
        let said = self.react();
        let mut facts = Vec::new();
        for (patient, (_, reaction)) in said.iter().enumerate() {
            for draft in &reaction.facts {
                assert!(
                    draft.causation.is_some(),
                    "every fact says what led to it: {draft:?}"
                );
                let event = draft.clone().at(&org, self.now);
                assert_eq!(
                    Event::decode_line(&event.encode()).unwrap(),
                    event,
                    "it can be read back"
                );
                self.fold(patient, &event);
                facts.push(event.fact);
            }
        }
        for (patient, reaction) in self.react() {
            assert!(
                reaction.facts.is_empty(),
                "{patient} says it again: {:#?} after {said:#?}",
                reaction.facts
            );
        }
        assert!(
            self.charts.iter().all(|chart| chart.conflicts == 0),
            "no id says two things"
        );
        facts
    }

    fn pt(&mut self, patient: usize, id: &str, revision: u64, start: Timestamp) {
        let name = if revision == 1 {
            "session.booked"
        } else {
            "session.moved"
        };
        let end = start + minutes(60);
        let data = json!({"session_id": id, "revision": revision, "modality": "pt", "clinic": "eastside",
            "start": start.to_string(), "end": end.to_string()});
        self.tell(patient, name, data);
    }

    /// The EA that carebus has placed for a patient and that are to take place.
    fn expected(&self, patient: usize) -> Vec<(SessionId, u64)> {
        let sessions = self.charts[patient].sessions.iter();
        sessions
            .filter(|(_, s)| s.is_ours() && s.status().is_expected() && s.start() > Some(self.now))
            .map(|(id, s)| (id.clone(), s.revision()))
            .collect()
    }
}

/// What the world does next, to patient n.
#[derive(Debug, Clone)]
enum Turn {
    Books(u8, i64),
    Moves(u8, i64),
    Cancels(u8),
    Declines,
    Confirms,
    Completes,
    PlanHeld,
    PlanResumed,
    Closes(i64),
    Passes(i64),
}

fn turn() -> impl Strategy<Value = (usize, Turn)> {
    let what = prop_oneof![
        5 => (0_u8..5, 1_i64..500).prop_map(|(id, at)| Turn::Books(id, at)),
        3 => (0_u8..5, 1_i64..500).prop_map(|(id, at)| Turn::Moves(id, at)),
        1 => (0_u8..5).prop_map(Turn::Cancels),
        1 => Just(Turn::Declines),
        1 => Just(Turn::Confirms),
        2 => Just(Turn::Completes),
        1 => Just(Turn::PlanHeld),
        2 => Just(Turn::PlanResumed),
        1 => (0_i64..200).prop_map(Turn::Closes),
        3 => (1_i64..60).prop_map(Turn::Passes),
    ];
    (0_usize..3, what)
}

fn take(clinic: &mut Clinic, number: u64, who: usize, turn: &Turn) {
    let at = |by: &i64| clinic.now + hours(*by);
    let session = |id: &u8| format!("pt-{id}");
    let known = |clinic: &Clinic, id: &u8| {
        clinic.charts[who]
            .sessions
            .get(session(id).as_str())
            .map(care::chart::Session::revision)
    };
    match turn {
        Turn::Books(id, by) if known(clinic, id).is_none() => {
            let start = at(by);
            clinic.pt(who, &session(id), 1, start);
        }
        Turn::Books(id, by) | Turn::Moves(id, by) => {
            if let Some(revision) = known(clinic, id) {
                let start = at(by);
                clinic.pt(who, &session(id), revision + 1, start);
            }
        }
        Turn::Cancels(id) => {
            if let Some(revision) = known(clinic, id) {
                clinic.tell(
                    who,
                    "session.cancelled",
                    json!({"session_id": session(id), "revision": revision + 1}),
                );
            }
        }
        Turn::Declines => mark(clinic, who, "session.declined"),
        Turn::Confirms => mark(clinic, who, "session.confirmed"),
        Turn::Completes => complete(clinic, who),
        Turn::PlanHeld => clinic.tell(who, "plan.held", json!({"plan_id": "cp", "revision": number + 2})),
        Turn::PlanResumed => clinic.tell(
            who,
            "plan.resumed",
            json!({"plan_id": "cp", "revision": number + 2}),
        ),
        Turn::Closes(by) => {
            let (from, to) = (at(by), at(&(by + 30)));
            let weekly = json!([{"day": "mon", "from": "08:00", "to": "17:00"}, {"day": "wed", "from": "08:00", "to": "17:00"},
                {"day": "fri", "from": "08:00", "to": "17:00"}]);
            let closures = json!([{"from": from.to_string(), "to": to.to_string()}]);
            let calendar =
                json!({"revision": number + 2, "timezone": "UTC", "weekly": weekly, "closures": closures});
            clinic.practitioner("calendar.published", calendar);
        }
        Turn::Passes(by) => clinic.now = at(by),
    }
}

fn mark(clinic: &mut Clinic, who: usize, name: &str) {
    if let Some((id, revision)) = clinic.expected(who).pop() {
        clinic.tell(who, name, json!({"session_id": id, "revision": revision + 1}));
    }
}

/// The first EA that is over takes place as planned.
fn complete(clinic: &mut Clinic, who: usize) {
    let over = clinic.charts[who].sessions.iter().find(|(_, s)| {
        s.is_ours() && s.status().is_expected() && s.end().is_some_and(|end| end <= clinic.now)
    });
    let Some((id, session)) = over else { return };
    let (Some(start), Some(end)) = (session.start(), session.end()) else {
        return;
    };
    let data = json!({"session_id": id, "revision": session.revision() + 1,
        "started_at": start.to_string(), "ended_at": end.to_string()});
    clinic.tell(who, "session.completed", data);
}

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
