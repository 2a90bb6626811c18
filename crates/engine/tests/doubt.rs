//! A clock in doubt: what is urgent goes on and says how old its grounds are, everything else waits and is not lost.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use care::id::{OrgId, PatientId};
use care::time::Timestamp;
use care::{Event, Policy};
use engine::{Engine, Settings, Simulation};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn line(id: &str, kind: &str, subject: &str, time: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/{subject}","time":"{time}","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{id}: {fault}"))
}

fn clinic() -> Vec<Event> {
    let calendar = r#"{"revision":1,"timezone":"America/Toronto","weekly":[{"day":"mon","from":"08:00","to":"18:00"},{"day":"tue","from":"08:00","to":"18:00"}]}"#;
    let plan = r#"{"plan_id":"cp-1","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","patient":{},"team":[
        {"role":"pcp","member_id":"m-1","email":"pcp@a.example"},{"role":"physiatrist","member_id":"m-2","email":"phys@a.example"},
        {"role":"acupuncturist","member_id":"m-3","email":"acu@a.example","practitioner":"acu-1"},
        {"role":"care_coordinator","member_id":"m-5","email":"coord@a.example"}],
        "ea":{"duration_min":45,"points":["BL23","GB34"]},"oswestry":{"baseline_on":"2026-06-01"}}"#;
    vec![
        line(
            "e1",
            "calendar.published",
            "practitioner/acu-1",
            "2026-06-01T12:00:00Z",
            calendar,
        ),
        line(
            "e2",
            "plan.activated",
            "patient/p-1",
            "2026-06-01T12:30:00Z",
            plan,
        ),
    ]
}

fn pt_booked() -> Event {
    let pt = r#"{"session_id":"pt-1","revision":1,"modality":"pt","start":"2026-06-10T14:00:00Z","end":"2026-06-10T15:00:00Z","clinic":"eastside-pt"}"#;
    line("e3", "session.booked", "patient/p-1", "2026-06-02T13:00:00Z", pt)
}

fn red_flag() -> Event {
    let flag = r#"{"assessment_id":"a-1","performed_at":"2026-06-02T13:05:00Z","by":{"role":"patient"},"items":["bladder_change"]}"#;
    line(
        "e4",
        "assessment.red_flag",
        "patient/p-1",
        "2026-06-02T13:05:00Z",
        flag,
    )
}

fn settings() -> Settings {
    Settings::new(OrgId::new("acme").unwrap(), Policy::default())
}

fn names(simulation: &Simulation, from: usize) -> Vec<String> {
    let ours = |e: &&Event| e.source.as_str().starts_with("urn:carebus:");
    let said = simulation.log().iter().skip(from).filter(ours);
    said.map(|e| e.fact.name()).collect()
}

#[test]
fn nothing_routine_happens_until_the_clock_is_believed_again() {
    let mut simulation = Simulation::new(settings());
    simulation.play(clinic()).unwrap();
    simulation.doubt_clock(Some(at("2026-06-02T12:00:00Z")));
    let before = simulation.log().len();
    simulation.play([pt_booked()]).unwrap();
    simulation.advance_to(at("2026-06-04T12:00:00Z")).unwrap();
    assert_eq!(names(&simulation, before), Vec::<String>::new());
    simulation.doubt_clock(None);
    simulation.settle().unwrap();
    assert!(names(&simulation, before).contains(&"session.booked".to_owned()));
}

#[test]
fn a_red_flag_is_told_at_once_and_the_letter_says_how_old_it_is() {
    let mut simulation = Simulation::new(settings());
    simulation.play(clinic()).unwrap();
    simulation.doubt_clock(Some(at("2026-06-02T12:00:00Z")));
    let before = simulation.outbox().len();
    simulation.play([pt_booked(), red_flag()]).unwrap();
    let told = simulation.outbox()[before..].to_vec();
    assert!(!told.is_empty());
    for mail in &told {
        assert!(mail.urgent);
        let text = mail.text.expose();
        assert!(text.contains("The clock of this system is in doubt."), "{text}");
        assert!(text.contains("Tue 2 June 2026, 09:05"), "{text}");
    }
    simulation.doubt_clock(None);
    simulation.settle().unwrap();
    let unmarked = |m: &mailer::Mail| !m.text.expose().contains("in doubt");
    assert!(simulation.outbox()[before + told.len()..].iter().all(unmarked));
}

#[test]
fn what_was_held_is_looked_at_after_a_restart_too() {
    let mut engine = Engine::new(settings());
    let all = clinic().into_iter().chain([pt_booked()]);
    for (position, event) in (1..).zip(all) {
        engine.apply(&event, position);
    }
    let now = at("2026-06-02T13:01:00Z");
    engine.doubt_clock(Some(now));
    assert!(engine.poll(now).is_empty());
    let entries = engine
        .take_changes()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?.concat())));
    let mut restored = Engine::restore(settings(), entries, 3).unwrap();
    let said = restored.poll(now);
    // The first worker that has something to say ends the round: here the reminder that was due.
    let about = care::About::Patient(PatientId::new("p-1").unwrap());
    assert!(said.iter().any(|decision| decision.about == about));
}
