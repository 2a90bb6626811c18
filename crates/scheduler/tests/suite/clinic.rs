//! A clinic whose log is folded into charts and a diary, for the worker itself, and what the world does to it.

use care::envelope::Event;
use care::fact::Fact;
use care::id::{OrgId, PatientId, SessionId};
use care::time::{Timestamp, hours, minutes};
use care::{Chart, Diary, Policy, Reaction};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{acu, at};

/// Charts and diary of one organisation, folded from a log.
pub(crate) struct Clinic {
    pub(crate) now: Timestamp,
    pub(crate) charts: Vec<Chart>,
    pub(crate) policy: Policy,
    diary: Diary,
    told: u64,
}

impl Clinic {
    pub(crate) fn new(now: &str, patients: usize) -> Self {
        let ids = (0..patients).map(|n| PatientId::new(format!("p-{n}")).unwrap());
        let charts = ids.map(Chart::new).collect();
        let mut clinic = Self {
            now: at(now),
            charts,
            policy: Policy::default(),
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

    pub(crate) fn practitioner(&mut self, name: &str, data: Value) {
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

    pub(crate) fn react(&self) -> Vec<(PatientId, Reaction)> {
        let charts: Vec<&Chart> = self.charts.iter().collect();
        scheduler::react(&charts, &self.diary, &self.policy, self.now)
    }

    /// Reacts, folds the drafts, and checks that there is nothing left to say.
    pub(crate) fn settle(&mut self) -> Vec<Fact> {
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

    pub(crate) fn pt(&mut self, patient: usize, id: &str, revision: u64, start: Timestamp) {
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
pub(crate) enum Turn {
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

pub(crate) fn turn() -> impl Strategy<Value = (usize, Turn)> {
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

pub(crate) fn take(clinic: &mut Clinic, number: u64, who: usize, turn: &Turn) {
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
