//! The course: six patients from 2026-06-01 to 2026-08-31, each with a story; what people decide, not what follows.

use care::Event;
use care::time::Timestamp;

use super::facts::{day, local};
use super::{routine, turns};
use crate::exit::Failure;

/// The end of the course.
pub(crate) fn end() -> Timestamp {
    local(day(13, 0), 20, 0)
}

/// Before anything happens.
pub(crate) fn beginning() -> Timestamp {
    local(day(0, 0), 6, 0)
}

/// One patient of the demo.
pub(crate) struct Patient {
    pub(crate) id: &'static str,
    /// What the story is about.
    pub(crate) story: &'static str,
    /// Whose calendar EA goes into.
    pub(crate) acupuncturist: &'static str,
    /// Weekdays of PT, from 0 for Monday, with the hour.
    pub(crate) pt: &'static [(i64, i8)],
    /// Oswestry points of 50 at each due date; - is a missed one.
    pub(crate) oswestry: &'static str,
    /// Pain at the beginning, mm.
    pub(crate) pain: i64,
    pub(crate) birth_year: u16,
    pub(crate) onset_on: &'static str,
}

/// Everybody.
pub(crate) const PATIENTS: [Patient; 6] = [
    Patient {
        id: "p-maria",
        story: "eight years of back pain; EA 48 h before PT, back at work",
        acupuncturist: "acu-1",
        pt: &[(2, 10), (4, 14)],
        oswestry: "24 22 19 16 13 11 9",
        pain: 72,
        birth_year: 1982,
        onset_on: "2018-06-01",
    },
    Patient {
        id: "p-2",
        story: "a red flag in week five, reviewed and cleared",
        acupuncturist: "acu-1",
        pt: &[(3, 11)],
        oswestry: "20 19 18 18 15 13 12",
        pain: 64,
        birth_year: 1975,
        onset_on: "2025-11-10",
    },
    Patient {
        id: "p-3",
        story: "an implanted stimulator becomes known after EA was booked",
        acupuncturist: "acu-1",
        pt: &[(2, 15)],
        oswestry: "27 26 26 25 25 - -",
        pain: 78,
        birth_year: 1958,
        onset_on: "2024-03-01",
    },
    Patient {
        id: "p-4",
        story: "the acupuncturist closes a week, PT is left unprepared",
        acupuncturist: "acu-2",
        pt: &[(3, 9)],
        oswestry: "18 17 15 14 12 11 10",
        pain: 58,
        birth_year: 1990,
        onset_on: "2025-09-15",
    },
    Patient {
        id: "p-5",
        story: "two Oswestries are missed, no course review",
        acupuncturist: "acu-1",
        pt: &[(0, 10)],
        oswestry: "21 20 - - 17 15 14",
        pain: 66,
        birth_year: 1988,
        onset_on: "2026-01-20",
    },
    Patient {
        id: "p-6",
        story: "no change by session four, the plan is adjusted",
        acupuncturist: "acu-1",
        pt: &[(3, 16)],
        oswestry: "22 22 22 20 16 14 13",
        pain: 70,
        birth_year: 1969,
        onset_on: "2023-05-05",
    },
];

/// Everything people do by themselves, by time.
///
/// # Errors
/// A defect of the scenario, with the field.
pub(crate) fn events() -> Result<Vec<Event>, Failure> {
    let mut events = routine::calendars()?;
    for one in &PATIENTS {
        events.push(routine::plan(one)?);
        events.extend(routine::screenings(one)?);
        events.extend(routine::physical_therapy(one)?);
        events.extend(routine::oswestries(one)?);
    }
    events.extend(turns::turns()?);
    // Stable: what happens at one instant stays in the order it was written.
    events.sort_by_key(|event| event.time);
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_of_the_course_is_one() {
        let events = events().unwrap_or_else(|failure| panic!("{}", failure.render(false)));
        assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
        assert!(
            events.first().is_some_and(|e| e.time >= beginning())
                && events.last().is_some_and(|e| e.time <= end())
        );
        let ids: std::collections::BTreeSet<String> = events.iter().map(Event::message_id).collect();
        assert_eq!(ids.len(), events.len());
    }
}
