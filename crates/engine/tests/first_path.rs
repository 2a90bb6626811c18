//! The thinnest true path: a plan, a calendar, a PT session; an EA, a mail, an Oswestry reminder.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use care::id::{OrgId, PatientId};
use care::sentence::sentence;
use care::time::{TimeZone, Timestamp};
use care::{Event, Policy};
use engine::{Settings, Simulation};

fn line(id: &str, kind: &str, subject: &str, time: &str, data: &str) -> Event {
    let line = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:test:clinic","type":"carebus.{kind}.v1","subject":"acme/{subject}","time":"{time}","data":{data}}}"#
    );
    Event::decode_line(&line).unwrap_or_else(|fault| panic!("{id}: {fault}"))
}

fn facts() -> Vec<Event> {
    let calendar = r#"{"revision":1,"timezone":"America/Toronto","weekly":[{"day":"mon","from":"08:00","to":"18:00"},{"day":"tue","from":"08:00","to":"18:00"},{"day":"wed","from":"08:00","to":"18:00"},{"day":"thu","from":"08:00","to":"18:00"},{"day":"fri","from":"08:00","to":"18:00"}]}"#;
    let plan = r#"{"plan_id":"cp-1","revision":1,"timezone":"America/Toronto","started_on":"2026-06-01","patient":{},"team":[
        {"role":"pcp","member_id":"m-1","email":"pcp@a.example"},{"role":"physiatrist","member_id":"m-2","email":"phys@a.example"},
        {"role":"acupuncturist","member_id":"m-3","email":"acu@a.example","practitioner":"acu-1"},
        {"role":"physical_therapist","member_id":"m-4","email":"pt@a.example","clinic":"eastside-pt"},
        {"role":"care_coordinator","member_id":"m-5","email":"coord@a.example"}],
        "ea":{"duration_min":45,"points":["BL23","GB34"]},"oswestry":{"baseline_on":"2026-06-01"}}"#;
    let pt = r#"{"session_id":"pt-1","revision":1,"modality":"pt","start":"2026-06-10T14:00:00Z","end":"2026-06-10T15:00:00Z","clinic":"eastside-pt"}"#;
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
        line("e3", "session.booked", "patient/p-1", "2026-06-01T13:00:00Z", pt),
    ]
}

fn played() -> Simulation {
    let org = OrgId::new("acme").unwrap();
    let mut simulation = Simulation::new(Settings::new(org, Policy::default()));
    simulation.play(facts()).unwrap();
    simulation
        .advance_to("2026-06-20T00:00:00Z".parse::<Timestamp>().unwrap())
        .unwrap();
    simulation
}

#[test]
fn a_booked_pt_session_gets_its_ea_48_hours_before_and_the_acupuncturist_a_mail() {
    let simulation = played();
    let patient = PatientId::new("p-1").unwrap();
    let chart = simulation.engine().chart(&patient).unwrap();
    let zone = TimeZone::get("America/Toronto").unwrap();
    let told: Vec<String> = simulation
        .log()
        .iter()
        .map(|e| {
            format!(
                "{} {}",
                care::sentence::moment(e.time, &zone),
                sentence(e, Some(&chart), &zone)
            )
        })
        .collect();
    println!("{}", told.join("\n"));
    assert!(
        told.iter()
            .any(|t| t.contains("EA booked Mon 06-08 10:00, prepares pt-1 (48 h before)"))
    );
    assert!(told.iter().any(|t| t.contains("Oswestry 0 due")));
    assert!(
        simulation
            .outbox()
            .iter()
            .any(|m| m.to.expose() == "acu@a.example" && m.invitation.is_some())
    );
}

#[test]
fn the_same_facts_give_the_same_log() {
    assert_eq!(played().log(), played().log());
}
