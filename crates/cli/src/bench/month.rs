//! A month of a large clinic, as its booking system would export it: 40 practitioners, and PT twice a week for each of
//! their patients over four weeks.

use std::ops::Range;

use care::Event;
use care::time::{Timestamp, minutes};

use super::facts::{self, PER_PRACTITIONER};
use crate::exit::Failure;

/// When it is imported: a Friday, four weeks before the last PT session, which is as far as carebus looks ahead.
const NOW: &str = "2026-06-26T23:00:00Z";
/// PT sessions of one patient: 40 practitioners × 32 patients × 8 = 10 240.
pub(crate) const PT_EACH: usize = 8;
/// Acupuncturists of the large clinic.
pub(crate) const PRACTITIONERS: usize = 40;

/// When it is imported.
pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap_or_default()
}

/// Calendars, plans with an Oswestry, then the month's PT patient by patient.
pub(crate) fn of(practitioners: usize) -> Result<Vec<Event>, Failure> {
    let patients: Range<usize> = 0..practitioners * PER_PRACTITIONER;
    let mut events = facts::calendars(patients.clone()).collect::<Result<Vec<_>, _>>()?;
    for patient in patients.clone() {
        let [plan, _, oswestry, ..] = facts::usual(patient)?;
        events.extend([plan, oswestry]);
    }
    let mut seed = 7;
    for patient in patients {
        booked(patient, &mut seed, &mut events)?;
    }
    Ok(events)
}

/// Twice a week at an hour of its own, which repeats from week to week.
fn booked(patient: usize, seed: &mut u64, events: &mut Vec<Event>) -> Result<(), Failure> {
    let mut below = |n: u64| {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % n
    };
    let monday: Timestamp = "2026-06-29T00:00:00Z".parse().unwrap_or_default();
    let (first, apart) = (below(2), 2 + below(2));
    // Quarters of an hour in UTC: from 8 to 18 in Toronto, which is four hours behind.
    let quarter = 4 * 12 + below(4 * 10);
    for n in 0..PT_EACH {
        let week = n as u64 / 2;
        let day = first + (n as u64 % 2) * apart + 7 * week;
        let start = monday + minutes(i64::try_from(day * 24 * 60 + quarter * 15).unwrap_or(0));
        let id = format!("p-{patient}-m{n}");
        let data = facts::booking(patient, &id, 1, &start.to_string());
        let at = "2026-06-20T12:00:00Z";
        events.push(facts::event(
            &format!("patient/p-{patient}"),
            "session.booked",
            &format!("{id}.1"),
            at,
            facts::CLINIC,
            &data,
        )?);
    }
    Ok(())
}
