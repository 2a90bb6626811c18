//! Facts: bytes become an event that reads back as itself or a refusal that repeats nothing, and any events a chart.

use care::chart::Applied;
use care::envelope::MAX_BYTES;
use care::id::OrgId;
use care::time::{Timestamp, hours};
use care::{About, Chart, Event, Fact, Fault, Message, Policy};
use engine::{Settings, Simulation};

use super::CANARY;

/// A message of the log; its first byte chooses the subject.
///
/// # Panics
/// When something does not hold.
pub fn envelope(data: &[u8]) {
    let Some((which, payload)) = data.split_first() else {
        return;
    };
    let names = Fact::names();
    let name = &names[usize::from(*which) % names.len()];
    let kind = Fact::kinds(name)[0].code();
    let subject = format!("care.acme.{kind}.p-7f3a.{name}");
    let binary = [("ce-specversion".to_owned(), "1.0".to_owned())];
    let received_at = "2026-06-03T00:00:00Z".parse().unwrap_or(Timestamp::MAX);
    for headers in [&[][..], &binary] {
        let read = Event::decode(Message {
            subject: &subject,
            headers,
            payload,
            received_at,
        });
        check(read.as_ref());
        if let Ok(event) = read {
            assert_eq!(
                event.subject().to_string(),
                subject,
                "the subject is the authority"
            );
            assert!(payload.len() <= MAX_BYTES);
        }
    }
}

/// A line of a file.
///
/// # Panics
/// When something does not hold.
pub fn line(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check(Event::decode_line(&text).as_ref());
}

/// What holds of every answer.
fn check(read: Result<&Event, &Fault>) {
    match read {
        Ok(event) => {
            let again = event.encode();
            assert_eq!(
                Event::decode_line(&again).as_ref(),
                Ok(event),
                "it reads back as itself"
            );
            assert!(
                !format!("{event:?}").contains(CANARY)
                    || [event.id.as_str(), event.source.as_str()]
                        .iter()
                        .any(|t| t.contains(CANARY)),
                "{event:?}"
            );
            assert!(
                !event
                    .subject()
                    .to_string()
                    .contains(|c: char| c.is_whitespace() || c.is_control())
            );
        }
        Err(fault) => {
            let said = fault.to_string();
            assert!(!said.contains(CANARY) && !said.contains("Quistgaard"), "{said}");
            assert!(
                said.contains("expected") || said.contains("missing"),
                "it says what was expected: {said}"
            );
            assert!(
                said.len() < 1000 && !said.contains(|c: char| c.is_control()),
                "{said:?}"
            );
        }
    }
}

fn events(data: &[u8]) -> Vec<Event> {
    let text = String::from_utf8_lossy(data);
    text.lines()
        .filter_map(|line| Event::decode_line(line).ok())
        .collect()
}

/// Facts about one patient, in any order and any number.
///
/// # Panics
/// When something does not hold.
pub fn fold(data: &[u8]) {
    let all: Vec<Event> = events(data)
        .into_iter()
        .filter(|e| matches!(e.about, About::Patient(_)))
        .collect();
    let Some(About::Patient(patient)) = all.first().map(|e| e.about.clone()) else {
        return;
    };
    let mut chart = Chart::new(patient.clone());
    for event in &all {
        chart.apply(event);
    }
    let once = chart.clone();
    for event in &all {
        assert_ne!(chart.apply(event), Applied::New, "said again it is no news");
    }
    assert_eq!(chart, once, "said again it changes nothing");
    if once.conflicts == 0 {
        let mut backwards = Chart::new(patient);
        for event in all.iter().rev() {
            backwards.apply(event);
        }
        assert_eq!(backwards, once, "the order does not matter");
    }
}

/// What the workers make of facts: they come to rest, and all they say the contract takes.
///
/// # Panics
/// When something does not hold.
pub fn course(data: &[u8]) {
    let Ok(org) = OrgId::new("acme") else { return };
    // A century in between would be a century of reminders.
    let near = |e: &Event| e.org == org && e.time.to_string().starts_with("2026-06");
    let mut all: Vec<Event> = events(data).into_iter().filter(near).collect();
    all.sort_by_key(|event| event.time);
    let mut simulation = Simulation::new(Settings::new(org, Policy::default()));
    simulation
        .play(all)
        .unwrap_or_else(|unsettled| panic!("{unsettled}"));
    let end = simulation
        .now()
        .max("2026-06-01T00:00:00Z".parse().unwrap_or(Timestamp::MIN));
    let later = end.saturating_add(hours(24 * 20)).unwrap_or(end);
    simulation
        .advance_to(later)
        .unwrap_or_else(|unsettled| panic!("{unsettled}"));
    for event in simulation.log() {
        assert_eq!(Event::decode_line(&event.encode()).as_ref(), Ok(event));
    }
    for mail in simulation.outbox() {
        super::mails::check_composed(mail);
        assert!(
            !mail.subject.contains(CANARY),
            "a subject line names nobody: {}",
            mail.subject
        );
        if let Some(invitation) = &mail.invitation {
            super::mails::check_calendar(&invitation.ics, 1);
        }
    }
}
