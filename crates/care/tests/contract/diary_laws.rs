//! Who is with whom when: kept up step by step it is what it would be from scratch.

use care::chart::SessionStatus;
use care::diary::Practitioner;
use care::id::{PatientId, PractitionerId, SessionId};
use care::time::{Timestamp, minutes};
use care::{Chart, Diary, Event};
use proptest::prelude::*;

use crate::mixed::{facts, practitioner_facts, twice};

/// As an engine does it: the slot of a session leaves as it was and enters as it is.
fn fold(chart: &mut Chart, diary: &mut Diary, event: &Event) {
    let patient = chart.patient.clone();
    let data = event.fact.data();
    let session = data["session_id"].as_str().map(|id| SessionId::new(id).unwrap());
    let before = session.as_ref().and_then(|id| chart.sessions.get(id).cloned());
    if let (Some(id), Some(before)) = (&session, &before) {
        diary.leave(&patient, id, before);
    }
    chart.apply(event);
    if let Some((id, after)) = session.and_then(|id| chart.sessions.get_key_value(&id)) {
        diary.enter(&patient, id, after);
    }
}

proptest! {
    #[test]
    fn step_by_step_is_from_scratch(one in facts(), other in facts()) {
        let mut charts = ["p-1", "p-2"].map(|id| Chart::new(PatientId::new(id).unwrap()));
        let (mut kept, mut scratch) = (Diary::default(), Diary::default());
        one.iter().for_each(|event| fold(&mut charts[0], &mut kept, event));
        other.iter().for_each(|event| fold(&mut charts[1], &mut kept, event));
        charts.iter().for_each(|chart| scratch.enter_all(chart));
        prop_assert_eq!(&kept, &scratch);
    }

    #[test]
    fn busy_is_every_session_that_overlaps(facts in facts(), from in 0..6000_i64, length in 1..3000_i64) {
        let first: Timestamp = "2026-06-09T00:00:00Z".parse().unwrap();
        let from = first + minutes(from);
        let to = from + minutes(length);
        let chart = crate::mixed::chart(&facts);
        let mut diary = Diary::default();
        diary.enter_all(&chart);
        for id in ["acu-0", "acu-1"].map(|id| PractitionerId::new(id).unwrap()) {
            let busy: Vec<SessionId> = diary.busy(&id, from, to).map(|b| b.session).collect();
            let takes_time = |s: &care::chart::Session| s.status().is_expected() || s.status() == SessionStatus::Completed;
            let overlaps = |s: &care::chart::Session| s.start().unwrap() < to && s.end().unwrap() > from;
            let mut expected: Vec<_> = chart.sessions.iter()
                .filter(|(_, s)| s.practitioner() == Some(&id) && takes_time(s) && overlaps(s))
                .map(|(id, s)| (s.start(), id.clone()))
                .collect();
            expected.sort();
            prop_assert_eq!(busy, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
        }
    }

    #[test]
    fn calendars_and_credentials_come_in_any_order((facts, shuffled) in twice(practitioner_facts())) {
        let folded = |facts: &[Event]| {
            let mut practitioner = Practitioner::default();
            facts.iter().for_each(|event| practitioner.apply(event));
            practitioner
        };
        let (one, other) = (folded(&facts), folded(&shuffled));
        prop_assert_eq!(postcard::to_allocvec(&one).unwrap(), postcard::to_allocvec(&other).unwrap());
        prop_assert_eq!(one, other);
    }
}
